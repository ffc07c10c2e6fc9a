#include "http/routes/directory/policy_fields.hpp"

#include "http/routing/characters.hpp"

#include <algorithm>

namespace tessera::http {

namespace {

constexpr std::int64_t most_seats = 1'000'000;

bool is_color(std::string_view text) {
  return text.size() == 7 && text.front() == '#' && std::all_of(text.begin() + 1, text.end(), is_hex);
}
bool is_web_address(std::string_view text) {
  const auto scheme = text.find("://");
  if (scheme == text.npos || (text.substr(0, scheme) != "https" && text.substr(0, scheme) != "http"))
    return false;
  const auto rest = text.substr(scheme + 3);
  const auto fine = [](char c) {
    return c > ' ' && c <= '~' && c != '"' && c != '<' && c != '>' && c != '\\';
  };
  return !rest.empty() && is_alnum(rest.front()) && std::all_of(rest.begin(), rest.end(), fine);
}
/// Neither a path nor a slash at the end: it is put before one.
bool is_base_address(std::string_view text) {
  return is_web_address(text) && text.find_first_of("/?#", text.find("://") + 3) == text.npos;
}
bool is_plain_line(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < ' ' || c == 0x7f;
  });
}
bool is_country(std::string_view text) {
  return text.size() == 2 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}
/// `HH:MM`.
bool is_time_of_day(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return false;
  for (const auto at : {0u, 1u, 3u, 4u})
    if (!is_digit(text[at])) return false;
  return text.substr(0, 2) < "24" && text.substr(3) < "60";
}
/// In lower case and ASCII, with two labels or more.
bool is_domain(std::string_view text) {
  bool dot = false;
  char last = '.';
  for (const auto c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || is_digit(c);
    if (!letter && c != '-' && c != '.') return false;
    if ((c == '.' || c == '-') && !(is_alnum(last) || (last == '-' && c == '-'))) return false;
    dot = dot || c == '.';
    last = c;
  }
  return dot && is_alnum(last);
}

/// null takes it away.
void read_text(
    json::object& fields,
    std::string_view name,
    const json::string_rules& rules,
    std::string tenant_branding::*field,
    tenant_edit& into
) {
  std::optional<std::string> text;
  if (fields.is_null(name))
    text.emplace();
  else if (const auto said = fields.optional_string(name, rules))
    text = *said;
  if (!text) return;
  into.said.add(name).add(*text);
  into.branding.push_back([field, value = *text](tenant_branding& branding) { branding.*field = value; });
}

void read_flag(json::object& fields, std::string_view name, bool policy_settings::*field, tenant_edit& into) {
  const auto said = fields.optional_boolean(name);
  if (!said) return;
  into.said.add(name).add(std::int64_t{*said});
  into.policies.push_back([field, value = *said](policy_settings& policies) { policies.*field = value; });
}

void read_list(
    json::object& fields,
    std::string_view name,
    const json::string_rules& rules,
    std::vector<std::string> policy_settings::*field,
    tenant_edit& into
) {
  const auto items = fields.optional_array(name, {.most = 250});
  if (!items) return;
  std::vector<std::string> list;
  for (const auto item : *items)
    if (std::string text(item.string(rules)); std::find(list.begin(), list.end(), text) == list.end())
      list.push_back(std::move(text));
  fingerprint items_said;
  for (const auto& each : list)
    items_said.add(each);
  into.said.add(name).add(items_said.text());
  into.policies.push_back([field, list](policy_settings& policies) { policies.*field = list; });
}

void read_seat_limit(json::object& fields, tenant_edit& into) {
  std::optional<std::int64_t> limit;
  if (!fields.is_null("seatLimit")) {
    limit = fields.optional_integer("seatLimit", {.least = 1, .most = most_seats});
    if (!limit) return;
  }
  into.said.add("seatLimit").add(limit.value_or(-1));
  into.policies.push_back([limit](policy_settings& policies) { policies.seat_limit = limit; });
}

void read_quiet_hours(json::object fields, tenant_edit& into) {
  constexpr json::string_rules rules{
      .most = 5, .accepts = is_time_of_day, .expected = "Must be a time of day such as 21:00."};
  for (const auto& [name, field] : {std::pair{"from", &quiet_hours::from}, std::pair{"to", &quiet_hours::to}})
    if (const auto said = fields.optional_string(name, rules)) {
      into.said.add(name).add(*said);
      into.policies.push_back([field = field, value = std::string(*said)](policy_settings& policies) {
        policies.quiet.*field = value;
      });
    }
  if (const auto said = fields.optional_boolean("invitations")) {
    into.said.add("invitations").add(std::int64_t{*said});
    into.policies.push_back([value = *said](policy_settings& policies) { policies.quiet.invitations = value; }
    );
  }
}

} // namespace

void read_branding(json::object fields, tenant_edit& into) {
  const json::string_rules line{.most = 200, .accepts = is_plain_line};
  const json::string_rules address{
      .most = 500, .accepts = is_web_address, .expected = "Must be a web address."};
  read_text(fields, "displayName", line, &tenant_branding::display_name, into);
  read_text(fields, "logoUrl", address, &tenant_branding::logo_url, into);
  read_text(
      fields,
      "primaryColor",
      {.most = 7, .accepts = is_color, .expected = "Must be a colour such as #1a2b3c."},
      &tenant_branding::primary_color,
      into
  );
  read_text(fields, "fromName", line, &tenant_branding::from_name, into);
  read_text(
      fields,
      "publicBaseUrl",
      {.most = 200, .accepts = is_base_address, .expected = "Must be a web address without a path."},
      &tenant_branding::public_base_url,
      into
  );
}

void read_policies(json::object fields, tenant_edit& into) {
  read_flag(fields, "managesCredits", &policy_settings::manages_credits, into);
  read_flag(fields, "approveTenantAdmin", &policy_settings::approve_tenant_admin, into);
  read_list(
      fields,
      "allowedEmailDomains",
      {.most = 253, .accepts = is_domain, .expected = "Must be a domain in lower case."},
      &policy_settings::allowed_email_domains,
      into
  );
  read_seat_limit(fields, into);
  read_flag(fields, "peerOrgAdmins", &policy_settings::peer_org_admins, into);
  read_flag(fields, "floatingUsers", &policy_settings::floating_users, into);
  if (const auto said = fields.optional_choice("onInviterChange", {"cancel", "transfer"})) {
    into.said.add("onInviterChange").add(static_cast<std::int64_t>(*said));
    into.policies.push_back([transfers = *said == 1](policy_settings& policies) {
      policies.on_inviter_change = transfers ? "transfer" : "cancel";
    });
  }
  read_flag(fields, "exposeTokenToInviter", &policy_settings::expose_token_to_inviter, into);
  read_list(
      fields,
      "smsCountries",
      {.most = 2, .accepts = is_country, .expected = "Must be a country of ISO 3166 such as IN."},
      &policy_settings::sms_countries,
      into
  );
  if (const auto quiet = fields.optional_object("quietHours")) read_quiet_hours(*quiet, into);
}

void write_branding(json::writer& out, const tenant_branding& branding) {
  const auto text = [&](std::string_view name, const std::string& value) {
    out.key(name);
    value.empty() ? out.null() : out.string(value);
  };
  out.key("branding").begin_object();
  text("displayName", branding.display_name);
  text("logoUrl", branding.logo_url);
  text("primaryColor", branding.primary_color);
  text("fromName", branding.from_name);
  text("publicBaseUrl", branding.public_base_url);
  out.end_object();
}

void write_policies(json::writer& out, const policy_settings& policies) {
  const auto list = [&](std::string_view name, const std::vector<std::string>& items) {
    out.key(name).begin_array();
    for (const auto& each : items)
      out.string(each);
    out.end_array();
  };
  out.key("policies").begin_object();
  out.field("managesCredits", policies.manages_credits);
  out.field("approveTenantAdmin", policies.approve_tenant_admin);
  list("allowedEmailDomains", policies.allowed_email_domains);
  out.key("seatLimit");
  policies.seat_limit ? out.integer(*policies.seat_limit) : out.null();
  out.field("peerOrgAdmins", policies.peer_org_admins).field("floatingUsers", policies.floating_users);
  out.field("onInviterChange", policies.on_inviter_change);
  out.field("exposeTokenToInviter", policies.expose_token_to_inviter);
  list("smsCountries", policies.sms_countries);
  out.key("quietHours").begin_object().field("from", policies.quiet.from).field("to", policies.quiet.to);
  out.field("invitations", policies.quiet.invitations).end_object().end_object();
}

} // namespace tessera::http
