#pragma once

#include <concepts>
#include <string>
#include <string_view>

namespace tessera {

/// A body as forms send it: `a=1&metadata%5Bid%5D=x`. Names may have brackets.
class form {
public:
  form& add(std::string_view name, std::string_view value);
  template <std::integral Number> form& add(std::string_view name, Number value) {
    return add(name, std::string_view(std::to_string(value)));
  }
  form& add(std::string_view name, const char* value) { return add(name, std::string_view(value)); }
  form& add_true(std::string_view name) { return add(name, std::string_view("true")); }
  const std::string& text() const { return text_; }

private:
  std::string text_;
};

/// Percent-encoded but for what is unreserved (RFC 3986).
std::string percent_encoded(std::string_view text);

} // namespace tessera
