#pragma once

#include "messages/directory.hpp"
#include "persistence/pg/connection.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

/// The directory in the database. Every function throws pg::error when the database fails.
namespace tessera::persistence {

struct new_tenant {
  tenant_id tenant;
  std::string id;
  std::string name;
  std::string timezone = "UTC";
  std::string currency = "USD";
  std::string plan = "free";
};

struct new_account {
  account_id account;
  time_point opened_at;
  node_incarnation writer;
  digest genesis_hash; // of the genesis entry: see genesis_entry in actors/account/seal.hpp
};

struct new_api_key {
  std::string id;
  std::string name;
  digest sha256;
  std::vector<std::string> scopes;
  std::optional<account_id> bound_to;
  std::string application; // empty: none
  std::optional<time_point> expires_at;
};

/// Makes a tenant with its own account. id_taken when the id is.
errc create_tenant(
    pg::connection& session,
    const new_tenant& tenant,
    const new_account& account,
    std::chrono::milliseconds limit
);

/// Inside a transaction of the tenant: the account of an entity that was just inserted.
void open_account(pg::transaction& in, const tenant_id& tenant, const new_account& account);

/// Inside a transaction of the tenant: id_taken, entity_unknown (the parent), or ok.
errc create_entity(pg::transaction& in, const create_entity& command, const new_account& account);
errc create_application(pg::transaction& in, const create_application& command);
errc create_api_key(pg::transaction& in, const tenant_id& tenant, const new_api_key& key);

/// For the node's copy: runs as the writer, across tenants.
std::optional<tenant_id>
tenant_of_key(pg::connection& session, const digest& key_sha256, std::chrono::milliseconds limit);
std::optional<tenant_id>
tenant_by_id(pg::connection& session, const std::string& id, std::chrono::milliseconds limit);
/// Sessions of the tenants named that have ended within the last `span`, in any order.
std::vector<std::pair<tenant_id, uuid>> sessions_ended_within(
    pg::connection& session,
    const std::vector<tenant_id>& tenants,
    std::chrono::milliseconds span,
    std::chrono::milliseconds limit
);
/// Versions of the tenants named, in any order.
std::vector<std::pair<tenant_id, std::uint64_t>> tenant_versions(
    pg::connection& session, const std::vector<tenant_id>& tenants, std::chrono::milliseconds limit
);

} // namespace tessera::persistence
