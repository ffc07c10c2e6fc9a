#pragma once

#include "messages/notifications.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace tessera {

/// Where the text of a template goes, and so how the values of its variables are written.
enum class template_form : std::uint8_t {
  html, // escaped
  text, // as they are, on one line each
  line, // likewise, and the whole is one line: a subject, an SMS
};

/// A template: text with `{{name}}`, `{{#name}}…{{/name}}` where the variable has a value,
/// `{{^name}}…{{/name}}` where it has none, and comments `{{! … }}`. There is no way around the escaping,
/// nothing is included, and a value is never read as a template (R-I 4.3).
struct template_flaw {
  std::string reason; // empty: none
  std::size_t at = 0; // byte
};
template_flaw flaw_of(std::string_view text, const std::vector<std::string_view>& variables);
/// The names whose values it shows whatever the values of the others are: outside of all sections.
std::vector<std::string> names_always_in(std::string_view text);

/// Of a template without a flaw. Names without a value are empty.
std::string render(std::string_view text, const template_variables& values, template_form form);

/// What is shown of a value: no control characters, none that turn the direction of text, and no more than so
/// many letters.
std::string harmless(std::string_view value, std::size_t most = 200);
std::string escape_html(std::string_view value);

} // namespace tessera
