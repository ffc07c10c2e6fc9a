#include "tools/tessera/directory_admin.hpp"

#include "actors/account/seal.hpp"
#include "actors/domain/password_policy.hpp"
#include "actors/passwords/password_hash.hpp"
#include "actors/support/clock.hpp"
#include "actors/support/email_address.hpp"
#include "actors/support/identifiers.hpp"
#include "actors/support/sha256.hpp"
#include "actors/support/unicode_text.hpp"
#include "persistence/stores/directory_store.hpp"
#include "persistence/stores/new_users.hpp"
#include "persistence/stores/package_store.hpp"
#include "persistence/stores/snapshot_store.hpp"
#include "tools/tessera/owner_session.hpp"

#include <algorithm>
#include <stdexcept>

namespace tessera::cli {

namespace {

constexpr std::chrono::milliseconds limit{10'000};

time_point now() {
  return database_clock().now();
}
uuid new_id() {
  return make_uuid(now());
}

persistence::new_account account_for(const tenant_id& tenant) {
  const auto opened_at = now();
  const account_id id{new_id()};
  const node_incarnation writer{}; // the command line
  return {id, opened_at, writer, genesis_entry(id, tenant, opened_at, writer).hash};
}

/// Runs one use case in a transaction of the tenant, which commits when it is ok.
template <class UseCase>
errc in_tenant(pg::connection& session, const std::string& tenant, UseCase use_case) {
  const auto id = tenant_named(session, tenant);
  pg::transaction in(session, id, limit);
  const auto code = use_case(in, id);
  if (code == errc::ok) in.commit();
  return code;
}

account_id account_named(pg::connection& session, const tenant_id& tenant, const std::string& entity) {
  const auto slash = entity.find('/');
  const auto type = parse_entity_type(entity.substr(0, slash));
  if (slash == std::string::npos || !type)
    throw std::runtime_error("--entity begins with TYPE/ID, such as organization/org-1");
  const auto snapshot = persistence::load_tenant(session, tenant, limit);
  const auto* found = snapshot->find({*type, entity.substr(slash + 1)});
  if (!found) throw std::runtime_error("there is no entity " + entity);
  return found->account;
}

membership membership_of(pg::connection& session, const tenant_id& tenant, const std::string& text) {
  const auto colon = std::min(text.find(':'), text.size());
  const auto role = colon == text.size() ? entity_role::viewer : parse_entity_role(text.substr(colon + 1));
  if (!role) throw std::runtime_error("the role at an entity is viewer or editor");
  return {account_named(session, tenant, text.substr(0, colon)), *role};
}

/// In the form that is hashed. Throws std::runtime_error when it may not be set.
std::string acceptable(const user_request& request) {
  if (request.password.size() > most_password_bytes) throw std::runtime_error("the password is too long");
  auto password = normal_form(request.password);
  if (!password) throw std::runtime_error("the password is no UTF-8");
  const auto flaw =
      flaw_of(*password, {request.email, request.first_name, request.last_name, request.tenant, "tessera"});
  if (flaw != password_flaw::none) throw std::runtime_error("the password: " + std::string(to_string(flaw)));
  return std::move(*password);
}

} // namespace

tenant_made create_tenant(pg::connection& session, tenant_request request, bool may_exist) {
  if (request.id.empty()) request.id = "tnt-" + to_string(new_id());
  if (!is_valid_id(request.id))
    throw std::runtime_error("--id is 1 to 64 letters, digits, '-' and '_', a letter or digit first");
  const tenant_id tenant{new_id()};
  const persistence::new_tenant row{
      tenant, request.id, request.name, request.timezone, request.currency, request.plan};
  const auto code = persistence::create_tenant(session, row, account_for(tenant), limit);
  if (code == errc::id_taken && may_exist) return {request.id, true};
  require(code, "tenant " + request.id);
  return {request.id, false};
}

key_made create_key(pg::connection& session, const key_request& request) {
  for (const auto& text : request.scopes)
    if (!parse_scope(text)) throw std::runtime_error("there is no scope " + text);
  const key_made made{"key-" + to_string(new_id()), make_api_key()};
  persistence::new_api_key row{
      made.key_id, request.name, sha256::local()(made.key), request.scopes, {}, request.application, {}};
  if (!request.entity.empty())
    row.bound_to = account_named(session, tenant_named(session, request.tenant), request.entity);
  require(
      in_tenant(
          session,
          request.tenant,
          [&](pg::transaction& in, const tenant_id& id) { return persistence::create_api_key(in, id, row); }
      ),
      "key " + request.name
  );
  return made;
}

user_made create_user(pg::connection& session, user_request request, bool may_exist) {
  const auto key = email_key(request.email);
  if (!key) throw std::runtime_error("--email is no address of a mailbox");
  if (request.password.empty()) request.password = make_password();
  persistence::user_with_access made;
  auto& row = made.user;
  row.id = "usr-" + to_string(new_id());
  row.email = request.email;
  row.email_key = *key;
  row.first_name = request.first_name;
  row.last_name = request.last_name;
  row.role = request.role;
  made.applications = request.applications;
  row.password_hash = hash_password(acceptable(request));
  const auto tenant = tenant_named(session, request.tenant);
  for (const auto& entity : request.entities)
    made.memberships.push_back(membership_of(session, tenant, entity));
  auto code = in_tenant(session, request.tenant, [&](pg::transaction& in, const tenant_id& id) {
    return persistence::create_user_with_access(in, id, made);
  });
  if (code == errc::id_taken && may_exist)
    code = in_tenant(session, request.tenant, [&](pg::transaction& in, const tenant_id& id) {
      row.id = persistence::set_password(in, id, row.email_key, row.password_hash);
      return row.id.empty() ? errc::id_taken : errc::ok;
    });
  require(code, "user " + masked_email(request.email));
  return {row.id, request.password};
}

errc create_package(pg::connection& session, const std::string& tenant, const credit_package& package) {
  return in_tenant(session, tenant, [&](pg::transaction& in, const tenant_id& id) {
    return persistence::create_package(in, id, package);
  });
}

errc create_application(pg::connection& session, const std::string& tenant, const std::string& id) {
  return in_tenant(session, tenant, [&](pg::transaction& in, const tenant_id& owner) {
    return persistence::create_application(in, {owner, id, id});
  });
}

errc create_entity(
    pg::connection& session,
    const std::string& tenant,
    const entity_ref& ref,
    const std::string& name,
    const entity_ref& parent
) {
  return in_tenant(session, tenant, [&](pg::transaction& in, const tenant_id& id) {
    return persistence::create_entity(in, {id, ref, name, parent}, account_for(id));
  });
}

} // namespace tessera::cli
