#include "config/toml_file.hpp"

// Its parser asserts what it then checks and reports: a file with such a mistake must not end the program.
#define TOML_ASSERT(condition) static_cast<void>(0) // NOLINT(cppcoreguidelines-macro-usage): theirs
#include <toml++/toml.h>                            // costly to compile: only here

#include <algorithm>
#include <charconv>
#include <tuple>

namespace tessera::config {

namespace {

std::string digits_of(double number) {
  char text[64];
  return {text, std::to_chars(text, text + sizeof text, number).ptr};
}

void flatten(const std::string& prefix, const toml::table& table, toml_file& into) {
  for (const auto& [word, node] : table) {
    const auto name = prefix + std::string(word.str());
    const auto place = word.source().begin;
    const auto add = [&](value_kind kind, std::string text) {
      into.values.push_back({name, kind, std::move(text), place.line, place.column});
    };
    if (const auto* inner = node.as_table())
      flatten(name + ".", *inner, into);
    else if (const auto* string = node.as_string())
      add(value_kind::text, string->get());
    else if (const auto* integer = node.as_integer())
      add(value_kind::integer, std::to_string(integer->get()));
    else if (const auto* number = node.as_floating_point())
      add(value_kind::number, digits_of(number->get()));
    else if (const auto* boolean = node.as_boolean())
      add(value_kind::boolean, boolean->get() ? "true" : "false");
    else
      into.errors.push_back({place.line, place.column, name + " must be a text, a number, true or false"});
  }
}

} // namespace

toml_file parse_toml(std::string_view text) {
  toml_file found;
  try {
    flatten("", toml::parse(text), found);
  } catch (const toml::parse_error& error) {
    const auto place = error.source().begin;
    found.errors.push_back({place.line, place.column, std::string(error.description())});
  }
  std::ranges::sort(found.values, {}, [](const toml_value& v) { return std::tuple(v.line, v.column); });
  return found;
}

} // namespace tessera::config
