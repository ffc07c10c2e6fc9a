#include "actors/domain/template_text.hpp"
#include "tests/fuzz/target.hpp"

#include <algorithm>

namespace tessera::fuzz {

namespace {

const std::vector<std::string_view> variables{"name", "inviteUrl"};

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; });
}

void check_values(std::string_view value) {
  const auto shown = harmless(value);
  claim(!has_control(shown), "what is shown has no control characters");
  claim(harmless(shown) == shown, "what is harmless stays as it is");
  const template_variables values{{"name", std::string(value)}, {"inviteUrl", std::string(value)}};
  const auto html = render("{{name}}", values, template_form::html);
  claim(html.find_first_of("<>\"'`") == html.npos, "a value is never HTML");
  const auto line = render("{{name}}", values, template_form::line);
  claim(line == harmless(shown, 2'000), "a value is never a template");
}

void check_template(std::string_view text, std::string_view value) {
  const auto flaw = flaw_of(text, variables);
  claim(flaw.at <= text.size(), "a flaw has a place");
  if (!flaw.reason.empty()) return;
  for (const auto& name : names_always_in(text))
    claim(std::ranges::find(variables, name) != variables.end(), "every name is known");
  const template_variables none;
  const template_variables values{{"name", std::string(value)}, {"inviteUrl", std::string(value)}};
  for (const auto& given : {none, values}) {
    claim(!has_control(render(text, given, template_form::line)), "a line is one line");
    // What is put in is three times a value for each place at most, and each place takes eight bytes or more.
    claim(
        render(text, given, template_form::html).size() <= text.size() + (text.size() / 8 + 1) * 2'000 * 24,
        "what is rendered is bounded"
    );
  }
}

} // namespace

/// A value, the end of its line, and a template.
void run_templates(std::string_view bytes) {
  const auto value = take_until(bytes, '\n');
  check_values(value);
  check_values(bytes);
  check_template(bytes, value);
}

} // namespace tessera::fuzz
