#include "actors/support/form.hpp"

namespace tessera {

std::string percent_encoded(std::string_view text) {
  static constexpr char hex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool is_unreserved = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                               c == '-' || c == '.' || c == '_' || c == '~';
    const auto byte = static_cast<unsigned char>(c);
    if (is_unreserved)
      out += c;
    else
      ((out += '%') += hex[byte >> 4]) += hex[byte & 15];
  }
  return out;
}

form& form::add(std::string_view name, std::string_view value) {
  if (!text_.empty()) text_ += '&';
  text_.append(percent_encoded(name)).append("=").append(percent_encoded(value));
  return *this;
}

} // namespace tessera
