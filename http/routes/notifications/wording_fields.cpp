#include "http/routes/notifications/wording_fields.hpp"

#include "actors/support/email_address.hpp"
#include "http/notification_gateway.hpp"
#include "http/routing/characters.hpp"
#include "http/routing/rejections.hpp"
#include "http/routing/versions.hpp"

#include <algorithm>

namespace tessera::http {

namespace {

constexpr std::size_t most_letters = 32 * 1024;

bool all_between(std::string_view text, char first, char last) {
  return std::all_of(text.begin(), text.end(), [&](char c) { return c >= first && c <= last; });
}

/// `en`, `pt-BR`: as users have them.
bool is_locale(std::string_view text) {
  const auto dash = text.find('-');
  const auto language = text.substr(0, dash);
  if (language.size() < 2 || language.size() > 3 || !all_between(language, 'a', 'z')) return false;
  if (dash == text.npos) return true;
  const auto region = text.substr(dash + 1);
  return (region.size() == 2 && all_between(region, 'A', 'Z')) ||
         (region.size() == 3 && all_between(region, '0', '9'));
}

bool is_email(std::string_view text) {
  return email_key(text).has_value();
}

/// Without what people put between the digits.
std::string digits_of(std::string_view text) {
  std::string digits;
  for (const char c : text)
    if (std::string_view(" -.()").find(c) == std::string_view::npos) digits += c;
  return digits;
}
bool is_phone_number(std::string_view text) {
  const auto digits = digits_of(text);
  return digits.size() >= 8 && digits.size() <= 16 && digits[0] == '+' && digits[1] != '0' &&
         all_between(std::string_view(digits).substr(1), '0', '9');
}
std::string masked_number(const std::string& number) {
  return number.substr(0, 3) + "***" + number.substr(number.size() - 2);
}

void text_or_null(json::writer& out, std::string_view name, const std::string& text, bool is_there) {
  out.key(name);
  is_there ? out.string(text) : out.null();
}

void write_names(json::writer& out, std::string_view field, const std::vector<std::string>& names) {
  out.key(field).begin_array();
  for (const auto& name : names)
    out.string(name);
  out.end_array();
}

} // namespace

std::optional<problem> read_wording_place(const request& request, wording_place& into) {
  const auto channel = parse_notification_channel(request.parameters[1]);
  into.key = request.parameters[0];
  into.locale = request.parameters[2];
  if (channel) into.channel = *channel;
  if (channel && is_locale(into.locale) && notification_gateway::variables_of(into)) return std::nullopt;
  return problem_of(errc::template_unknown);
}

wording said_fields::over(const wording& before) const {
  return {subject.value_or(before.subject), html.value_or(before.html), text.value_or(before.text)};
}

said_fields read_said(json::object& fields) {
  said_fields said;
  const auto read = [&fields](std::string_view name, std::optional<std::string>& into) {
    if (const auto text = fields.optional_string(name, {.least = 0, .most = most_letters})) into = *text;
  };
  read("subject", said.subject);
  read("html", said.html);
  read("text", said.text);
  return said;
}

std::optional<problem> why_not_said(const wording_place& place, const wording& said) {
  auto why = notification_gateway::refusal_of(place, said);
  if (place.channel != notification_channel::email && !(said.subject.empty() && said.html.empty()))
    why = {said.html.empty() ? "subject" : "html", "Only a mail has it."};
  if (why.field.empty()) return std::nullopt;
  auto told = simple_problem(422, "invalid_template", "The template can't be used", why.reason);
  told.errors.push_back({"/" + why.field, "invalid_template", why.reason});
  return told;
}

void write_template(json::writer& out, const worded_template& one) {
  const bool mail = one.place.channel == notification_channel::email;
  out.field("key", one.place.key).field("channel", to_string(one.place.channel));
  out.field("locale", one.place.locale);
  text_or_null(out, "subject", one.said.subject, mail);
  text_or_null(out, "html", one.said.html, mail);
  out.field("text", one.said.text).field("custom", one.own).field("version", one.version);
  write_names(out, "variables", one.variables);
  write_names(out, "required", one.required);
  text_or_null(out, "changedBy", one.changed_by, !one.changed_by.empty());
  text_or_null(
      out,
      "changedAt",
      one.changed_at ? to_rfc3339(*one.changed_at) : std::string(),
      one.changed_at.has_value()
  );
}

kept_answer word_one_template(const worded_template& one) {
  kept_answer answer{200, {}, etag_of(one.version), false};
  json::writer out(answer.body);
  out.begin_object().field("success", true);
  write_template(out, one);
  out.end_object();
  return answer;
}

one_recipient read_recipient(json::object& fields, std::string_view field, notification_channel channel) {
  if (channel == notification_channel::email) {
    const std::string address(fields.string(
        field,
        {.most = 254, .accepts = is_email, .code = "invalid_email", .expected = "Must be a mail address."}
    ));
    return {address, email_key(address).value_or(""), masked_email(address)};
  }
  const auto number = digits_of(fields.string(
      field,
      {.most = 40,
       .accepts = is_phone_number,
       .code = "invalid_phone",
       .expected = "Must be a number with its country: +14155550123."}
  ));
  return {number, number, number.size() < 8 ? std::string() : masked_number(number)};
}

} // namespace tessera::http
