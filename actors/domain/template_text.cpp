#include "actors/domain/template_text.hpp"

#include "actors/domain/template_tag.hpp"

#include <algorithm>

namespace tessera {

namespace {

constexpr auto none = template_tag::none;
constexpr std::size_t most_nested = 8;

bool is_name(std::string_view text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return !text.empty() && text.size() <= 64 && is_letter(text.front()) &&
         std::all_of(text.begin(), text.end(), [&](char c) {
           return is_letter(c) || (c >= '0' && c <= '9');
         });
}

/// The code point at `i`, which moves behind it; a byte that is no UTF-8 is U+FFFD.
char32_t next_letter(std::string_view text, std::size_t& i) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const auto first = byte(i++);
  if (first < 0x80) return first;
  const int more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc2 ? 1 : 0;
  if (more == 0 || first > 0xf4 || i + static_cast<std::size_t>(more) > text.size()) return U'\ufffd';
  char32_t letter = first & (0x3fU >> more);
  for (int k = 0; k < more; ++k) {
    const auto next = byte(i + static_cast<std::size_t>(k));
    if ((next & 0xc0) != 0x80) return U'\ufffd';
    letter = (letter << 6) | (next & 0x3f);
  }
  i += static_cast<std::size_t>(more);
  return letter;
}

bool is_harmful(char32_t c) {
  const bool control = c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x2028 || c == 0x2029 || c == 0xfeff;
  const bool turns = (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x200e ||
                     c == 0x200f || c == 0x061c;
  return control || turns;
}

std::string value_of(const template_variables& values, std::string_view name, template_form form) {
  const auto found = values.find(std::string(name));
  if (found == values.end()) return {};
  auto shown = harmless(found->second, name.ends_with("Url") ? 2'000 : 200);
  return form == template_form::html ? escape_html(shown) : shown;
}

} // namespace

template_flaw flaw_of(std::string_view text, const std::vector<std::string_view>& variables) {
  std::vector<std::string_view> open;
  for (std::size_t from = 0;;) {
    const auto found = next_tag(text, from);
    if (found.begin == none) break;
    if (found.end == none) return {"`{{` has no `}}`.", found.begin};
    from = found.end;
    if (found.sign == '!') continue;
    if (!is_name(found.name))
      return {
          "Between `{{` and `}}` stands the name of a variable: no raw values, partials or delimiters.",
          found.begin};
    if (std::find(variables.begin(), variables.end(), found.name) == variables.end())
      return {"There is no variable `" + std::string(found.name) + "` here.", found.begin};
    if (found.sign == '#' || found.sign == '^') open.push_back(found.name);
    if (open.size() > most_nested) return {"Sections are nested too deep.", found.begin};
    if (found.sign != '/') continue;
    if (open.empty() || open.back() != found.name)
      return {"`{{/" + std::string(found.name) + "}}` closes nothing.", found.begin};
    open.pop_back();
  }
  if (!open.empty()) return {"`{{#" + std::string(open.back()) + "}}` is not closed.", text.size()};
  return {};
}

std::vector<std::string> names_always_in(std::string_view text) {
  std::vector<std::string> names;
  std::size_t open = 0;
  for (auto found = next_tag(text, 0); found.end != none; found = next_tag(text, found.end)) {
    if (found.sign == '#' || found.sign == '^')
      ++open;
    else if (found.sign == '/' && open > 0)
      --open;
    else if (found.sign == 0 && open == 0)
      names.emplace_back(found.name);
  }
  return names;
}

std::string render(std::string_view text, const template_variables& values, template_form form) {
  std::string out;
  std::size_t from = 0;
  std::size_t hidden = 0; // sections within one that is left out, that one included
  const auto has_value = [&](std::string_view name) {
    const auto found = values.find(std::string(name));
    return found != values.end() && !found->second.empty();
  };
  for (auto found = next_tag(text, 0); found.end != none; found = next_tag(text, from)) {
    if (hidden == 0) out += text.substr(from, found.begin - from);
    from = found.end;
    if (found.sign == '#' || found.sign == '^') {
      if (hidden > 0 || has_value(found.name) != (found.sign == '#')) ++hidden;
    } else if (found.sign == '/') {
      if (hidden > 0) --hidden;
    } else if (found.sign == 0 && hidden == 0) {
      out += value_of(values, found.name, form);
    }
  }
  if (hidden == 0) out += text.substr(std::min(from, text.size()));
  return form == template_form::line ? harmless(out, 2'000) : out;
}

std::string harmless(std::string_view value, std::size_t most) {
  std::string out;
  std::size_t letters = 0;
  for (std::size_t i = 0; i < value.size() && letters < most;) {
    const auto begin = i;
    const auto letter = next_letter(value, i);
    if (letter == U'\ufffd' || is_harmful(letter)) {
      // Words that a line break parted stay apart.
      if ((letter != '\n' && letter != '\t') || out.empty() || out.back() == ' ') continue;
      out += ' ';
      ++letters;
      continue;
    }
    out += value.substr(begin, i - begin);
    ++letters;
  }
  return out;
}

std::string escape_html(std::string_view value) {
  std::string out;
  for (const char c : value)
    switch (c) {
    case '&': out += "&amp;"; break;
    case '<': out += "&lt;"; break;
    case '>': out += "&gt;"; break;
    case '"': out += "&quot;"; break;
    case '\'': out += "&#39;"; break;
    case '`': out += "&#96;"; break;
    default: out += c;
    }
  return out;
}

} // namespace tessera
