#pragma once

#include "http/auth/idempotency.hpp"
#include "http/json/reader.hpp"
#include "http/json/writer.hpp"
#include "messages/tenants.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

/// Tenants in JSON (shapes.md `Tenants and policies`).
namespace tessera::http {

/// What a body changes: applied to what is there, in the transaction.
struct tenant_edit {
  std::optional<std::string> name;
  std::optional<std::string> timezone;
  std::optional<std::string> currency;
  std::optional<std::string> plan;
  std::vector<std::function<void(tenant_branding&)>> branding;
  std::vector<std::function<void(policy_settings&)>> policies;
  fingerprint said; // all of it, in the order in which it is read
};
tenant_edit read_tenant_edit(json::object& fields);

/// What is there with the edit; insufficient_role when somebody who is not the operator changes what is the
/// operator's: plan, currency, managesCredits, seatLimit, or turns approveTenantAdmin off.
result<tenant_settings> apply(const tenant_edit& edit, const tenant_view& before, bool by_operator);

/// Fields of their own, as they are checked everywhere.
std::optional<std::string> read_currency(json::object& fields);
std::optional<std::string> read_plan(json::object& fields);
std::optional<std::string> read_timezone(json::object& fields);

void write_tenant(json::writer& out, const tenant_view& tenant);
kept_answer word_tenant(const tenant_view& tenant);

} // namespace tessera::http
