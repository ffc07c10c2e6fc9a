#pragma once

#include <concepts>
#include <string>
#include <string_view>

namespace tessera::bench {

/// Builds one JSON object on one line.
class json_line {
public:
  json_line& add(std::string_view name, std::string_view value);
  json_line& add(std::string_view name, double value); // rounded to a thousandth
  json_line& add(std::string_view name, const json_line& value) { return raw(name, value.str()); }
  json_line& add(std::string_view name, std::integral auto value) { return raw(name, std::to_string(value)); }

  std::string str() const { return "{" + fields_ + "}"; }

private:
  json_line& raw(std::string_view name, std::string_view text);

  std::string fields_;
};

} // namespace tessera::bench
