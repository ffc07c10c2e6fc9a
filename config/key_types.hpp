#pragma once

#include "config/keys.hpp"
#include "config/text_checks.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace tessera::config {

// Makers of table rows. A field is a lambda that names the place: `[](auto& s) -> auto& { return
// s.http.server.port; }`.

/// A TOML basic string.
inline std::string in_quotes(std::string_view text) {
  static constexpr char hex[] = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      (out += '\\') += c;
    else if (byte < 0x20 || byte == 0x7f)
      ((out += "\\u00") += hex[byte >> 4]) += hex[byte & 15];
    else
      out += c;
  }
  return out += '"';
}

template <class T> bool parse_number(std::string_view text, T& into) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
  return error == std::errc{} && end == text.data() + text.size();
}

struct bounds {
  std::int64_t low;
  std::int64_t high;
};

/// Also of a duration, in the unit of its field.
template <class Field> key integer(std::string_view name, Field field, bounds allowed, std::string_view doc) {
  auto assign = [=](settings& s, std::string_view text) -> std::string {
    std::int64_t number = 0;
    if (!parse_number(text, number) || number < allowed.low || number > allowed.high)
      return "must be a whole number from " + std::to_string(allowed.low) + " to " +
             std::to_string(allowed.high);
    using target = std::remove_reference_t<decltype(field(s))>;
    field(s) = target(number);
    return {};
  };
  auto show = [=](const settings& s) {
    const auto& value = field(s);
    if constexpr (requires { value.count(); })
      return std::to_string(value.count());
    else
      return std::to_string(value);
  };
  return {name, value_kind::integer, doc, secrecy::open, assign, show};
}

template <class Field> key boolean(std::string_view name, Field field, std::string_view doc) {
  auto assign = [=](settings& s, std::string_view text) -> std::string {
    if (text != "true" && text != "false") return "must be true or false";
    field(s) = text == "true";
    return {};
  };
  auto show = [=](const settings& s) -> std::string { return field(s) ? "true" : "false"; };
  return {name, value_kind::boolean, doc, secrecy::open, assign, show};
}

/// A number above zero.
template <class Field> key positive(std::string_view name, Field field, std::string_view doc) {
  auto assign = [=](settings& s, std::string_view text) -> std::string {
    double number = 0;
    if (!parse_number(text, number) || !std::isfinite(number) || number <= 0 || number > 1e9)
      return "must be a number above 0";
    field(s) = number;
    return {};
  };
  auto show = [=](const settings& s) {
    char text[32];
    std::string shown(text, std::to_chars(text, text + sizeof text, field(s)).ptr);
    return shown.find_first_of(".e") == shown.npos ? shown + ".0" : shown;
  };
  return {name, value_kind::number, doc, secrecy::open, assign, show};
}

template <class Field> key text(std::string_view name, Field field, text_check check, std::string_view doc) {
  auto assign = [=](settings& s, std::string_view given) -> std::string {
    if (given.find('\0') != given.npos) return "must not contain a zero byte";
    auto reason = check(given);
    if (reason.empty()) field(s) = std::string(given);
    return reason;
  };
  auto show = [=](const settings& s) { return in_quotes(field(s)); };
  return {name, value_kind::text, doc, secrecy::open, assign, show};
}

/// A text with commas; `check` looks at each part.
template <class Field> key list(std::string_view name, Field field, text_check check, std::string_view doc) {
  auto assign = [=](settings& s, std::string_view given) -> std::string {
    std::vector<std::string> parts;
    while (!given.empty()) {
      const auto comma = std::min(given.find(','), given.size());
      auto part = given.substr(0, comma);
      given.remove_prefix(std::min(comma + 1, given.size()));
      part.remove_prefix(std::min(part.find_first_not_of(' '), part.size()));
      part = part.substr(0, part.find_last_not_of(' ') + 1);
      if (part.empty()) continue;
      if (auto reason = check(part); !reason.empty()) return reason;
      parts.emplace_back(part);
    }
    field(s) = std::move(parts);
    return {};
  };
  auto show = [=](const settings& s) {
    std::string joined;
    for (const auto& part : field(s))
      (joined += joined.empty() ? "" : ", ") += part;
    return in_quotes(joined);
  };
  return {name, value_kind::text, doc, secrecy::open, assign, show};
}

template <class Field>
key secret_text(std::string_view name, Field field, text_check check, secrecy how, std::string_view doc) {
  auto assign = [=](settings& s, std::string_view given) -> std::string {
    auto reason = check(given);
    if (reason.empty()) field(s) = secret(std::string(given));
    return reason;
  };
  auto show = [=](const settings& s) -> std::string { return field(s).empty() ? "\"\"" : "\"***\""; };
  return {name, value_kind::text, doc, how, assign, show};
}

template <class Enum> using choices = std::vector<std::pair<std::string_view, Enum>>;

template <class Enum, class Field>
key choice(std::string_view name, Field field, choices<Enum> words, std::string_view doc) {
  auto assign = [=](settings& s, std::string_view given) -> std::string {
    std::string known;
    for (const auto& [word, value] : words) {
      if (word == given) return field(s) = value, std::string();
      (known += known.empty() ? "" : ", ") += word;
    }
    return "must be one of " + known;
  };
  auto show = [=](const settings& s) {
    return in_quotes(std::ranges::find(words, field(s), &std::pair<std::string_view, Enum>::second)->first);
  };
  return {name, value_kind::text, doc, secrecy::open, assign, show};
}

} // namespace tessera::config
