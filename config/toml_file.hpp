#pragma once

#include "config/keys.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace tessera::config {

/// One `section.name = value` of a file.
struct toml_value {
  std::string name;
  value_kind kind;
  std::string text;
  unsigned line;
  unsigned column;
};

struct toml_error {
  unsigned line;
  unsigned column;
  std::string reason;
};

struct toml_file {
  std::vector<toml_value> values; // in the order of the file
  std::vector<toml_error> errors;
};

/// Flattens tables into dotted names. A value that no key can have (an array, a date) is an error.
toml_file parse_toml(std::string_view text);

} // namespace tessera::config
