#include "http/auth/body_tag.hpp"

#include "actors/support/sha256.hpp"

namespace tessera::http {

std::string tag_of_body(std::string_view body) {
  constexpr char digits[] = "0123456789abcdef";
  const auto hash = sha256::local()(body);
  std::string tag = "\"";
  for (std::size_t i = 0; i < hash.size() / 2; ++i) {
    tag += digits[hash[i] >> 4];
    tag += digits[hash[i] & 15];
  }
  return tag += '"';
}

} // namespace tessera::http
