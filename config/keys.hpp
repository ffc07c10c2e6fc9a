#pragma once

#include "config/settings.hpp"

#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace tessera::config {

enum class value_kind { text, integer, number, boolean };

/// Who may say it, and whether it may be shown.
enum class secrecy {
  open,
  masked, // may carry a password: accepted everywhere, never shown
  hidden, // environment or *_file only, never shown
};

/// One row of the table that file, environment, flags, help and example are made from.
struct key {
  std::string_view name; // `section.name`, or `name` at the top
  value_kind kind;
  std::string_view doc;
  secrecy visibility;
  /// Sets the value, or says why not (empty: done).
  std::function<std::string(settings&, std::string_view text)> assign;
  /// The value as a TOML literal.
  std::function<std::string(const settings&)> show;
};

/// In the order of the example file; keys of one section stand together.
std::span<const key> keys();
const key* find_key(std::string_view name);

std::string variable_of(const key& k); // TESSERA_HTTP_PORT
std::string flag_of(const key& k);     // --http-port
/// The key that says the same in another way (`x` and `x_file`), or null.
const key* twin_of(const key& k);

/// Variables of features that do not exist yet: accepted, and reported once.
bool is_reserved_variable(std::string_view variable);

} // namespace tessera::config
