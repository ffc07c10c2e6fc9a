#include "http/routes/directory/tenant_fields.hpp"

#include "http/routes/directory/policy_fields.hpp"
#include "http/routing/versions.hpp"
#include "messages/types/money.hpp"

#include <algorithm>

namespace tessera::http {

namespace {

constexpr std::string_view operators_own = "Plan, currency, managesCredits and seatLimit are the operator's, "
                                           "and so is turning approveTenantAdmin off.";

/// What would be nobody's check of anybody if those who are checked could change it.
bool touches_what_is_the_operators(const policy_settings& wanted, const policy_settings& before) {
  return wanted.manages_credits != before.manages_credits || wanted.seat_limit != before.seat_limit ||
         (before.approve_tenant_admin && !wanted.approve_tenant_admin);
}

bool touches_what_is_the_operators(const tenant_settings& wanted, const tenant_view& before) {
  const auto differs = [](const auto& said, const auto& now) { return said && *said != now; };
  return differs(wanted.plan, before.plan) || differs(wanted.currency, before.currency) ||
         (wanted.policies && touches_what_is_the_operators(*wanted.policies, before.policies));
}

} // namespace

std::optional<std::string> read_currency(json::object& fields) {
  const auto said = fields.optional_string("currency", {.most = 64});
  if (!said) return std::nullopt;
  std::string code(*said);
  std::transform(code.begin(), code.end(), code.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  });
  if (!exponent_of(code))
    fields.reject("currency", "unsupported_currency", "Must be a currency of ISO 4217.");
  return code;
}

std::optional<std::string> read_plan(json::object& fields) {
  static constexpr std::string_view plans[] = {"free", "starter", "professional", "enterprise"};
  const auto plan = fields.optional_choice("plan", {plans[0], plans[1], plans[2], plans[3]});
  return plan ? std::optional(std::string(plans[*plan])) : std::nullopt;
}

std::optional<std::string> read_timezone(json::object& fields) {
  const auto said = fields.optional_string("timezone", {.most = 64, .code = "invalid_timezone"});
  return said ? std::optional(std::string(*said)) : std::nullopt;
}

tenant_edit read_tenant_edit(json::object& fields) {
  tenant_edit edit;
  if (const auto name = fields.optional_string("name", {.most = 200})) edit.name = *name;
  edit.timezone = read_timezone(fields);
  edit.currency = read_currency(fields);
  edit.plan = read_plan(fields);
  const auto say = [&edit](std::string_view field, const std::optional<std::string>& value) {
    if (value) edit.said.add(field).add(*value);
  };
  say("name", edit.name);
  say("timezone", edit.timezone);
  say("currency", edit.currency);
  say("plan", edit.plan);
  if (const auto branding = fields.optional_object("branding")) read_branding(*branding, edit);
  if (const auto policies = fields.optional_object("policies")) read_policies(*policies, edit);
  return edit;
}

result<tenant_settings> apply(const tenant_edit& edit, const tenant_view& before, bool by_operator) {
  tenant_settings settings{
      edit.name, edit.timezone, edit.currency, edit.plan, before.branding, before.policies};
  for (const auto& change : edit.branding)
    change(*settings.branding);
  for (const auto& change : edit.policies)
    change(*settings.policies);
  if (!by_operator && touches_what_is_the_operators(settings, before))
    return rejection(errc::insufficient_role, std::string(operators_own));
  return settings;
}

void write_tenant(json::writer& out, const tenant_view& tenant) {
  out.field("tenantId", tenant.id).field("name", tenant.name).field("timezone", tenant.timezone);
  out.field("currency", tenant.currency).field("plan", tenant.plan);
  write_branding(out, tenant.branding);
  write_policies(out, tenant.policies);
  out.key("createdAt").time(to_microseconds(tenant.created_at));
}

kept_answer word_tenant(const tenant_view& tenant) {
  kept_answer answer{200, {}, etag_of(tenant.version), false};
  json::writer out(answer.body);
  out.begin_object().field("success", true);
  write_tenant(out, tenant);
  out.end_object();
  return answer;
}

} // namespace tessera::http
