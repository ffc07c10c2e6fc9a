#include "persistence/stores/directory_store.hpp"

namespace tessera::persistence {

namespace {

using type = pg::parameters::type;

/// Runs an insert that may meet a named constraint: then the transaction is over, and `taken` is the answer.
template <class Insert> errc inserted(std::string_view constraint, errc taken, Insert insert) {
  try {
    insert();
    return errc::ok;
  } catch (const pg::error& why) {
    if (why.constraint() == constraint) return taken;
    throw;
  }
}

std::optional<tenant_id> optional_tenant(const pg::rows& rows) {
  if (rows.empty()) return std::nullopt;
  return rows.id<tenant_id>(0, 0);
}

} // namespace

void open_account(pg::transaction& in, const tenant_id& tenant, const new_account& account) {
  in.execute(
      "SELECT journal_open_account($1, $2, $3, $4, $5)",
      pg::parameters()
          .add(account.account)
          .add(tenant)
          .add(account.opened_at)
          .add(account.writer)
          .add(account.genesis_hash)
  );
}

errc create_tenant(
    pg::connection& session,
    const new_tenant& tenant,
    const new_account& account,
    std::chrono::milliseconds limit
) {
  return inserted("tenants_id_taken", errc::id_taken, [&] {
    pg::transaction in(session, tenant.tenant, limit);
    in.execute(
        "INSERT INTO tenants (tenant_id, id, name, timezone, currency, plan) VALUES ($1, $2, $3, $4, $5, $6)",
        pg::parameters()
            .add(tenant.tenant)
            .add(tenant.id)
            .add(tenant.name)
            .add(tenant.timezone)
            .add(tenant.currency)
            .add(tenant.plan)
    );
    in.execute(
        "INSERT INTO entities (account_id, tenant_id, entity_type, entity_id, name) VALUES ($1, $2, 1, $3, "
        "$4)",
        pg::parameters().add(account.account).add(tenant.tenant).add(tenant.id).add(tenant.name)
    );
    open_account(in, tenant.tenant, account);
    in.commit();
  });
}

errc create_entity(pg::transaction& in, const tessera::create_entity& command, const new_account& account) {
  const auto parent = in.execute(
      "SELECT account_id FROM entities WHERE tenant_id = $1 AND entity_type = $2 AND entity_id = $3"
      " AND status = 'active' FOR KEY SHARE",
      pg::parameters()
          .add(command.tenant)
          .add(static_cast<std::int16_t>(command.parent.type))
          .add(command.parent.id)
  );
  if (parent.empty()) return errc::entity_unknown;
  return inserted("entities_id_taken", errc::id_taken, [&] {
    in.execute(
        "INSERT INTO entities (account_id, tenant_id, entity_type, entity_id, name, parent_account)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        pg::parameters()
            .add(account.account)
            .add(command.tenant)
            .add(static_cast<std::int16_t>(command.ref.type))
            .add(command.ref.id)
            .add(command.name)
            .add(parent.uuid_at(0, 0))
    );
    open_account(in, command.tenant, account);
  });
}

errc create_application(pg::transaction& in, const tessera::create_application& command) {
  return inserted("applications_id_taken", errc::id_taken, [&] {
    in.execute(
        "INSERT INTO applications (tenant_id, application_id, name) VALUES ($1, $2, $3)",
        pg::parameters().add(command.tenant).add(command.id).add(command.name)
    );
  });
}

errc create_api_key(pg::transaction& in, const tenant_id& tenant, const new_api_key& key) {
  return inserted("api_keys_application_exists", errc::application_unknown, [&] {
    in.execute(
        "INSERT INTO api_keys (tenant_id, key_id, name, key_sha256, scopes, bound_account, application, "
        "expires_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, nullif($7, ''), $8)",
        pg::parameters()
            .add(tenant)
            .add(key.id)
            .add(key.name)
            .add(key.sha256)
            .add_array(type::text, key.scopes, [](const std::string& s) -> std::string_view { return s; })
            .add(key.bound_to)
            .add(key.application)
            .add(key.expires_at)
    );
  });
}

std::optional<tenant_id>
tenant_of_key(pg::connection& session, const digest& key_sha256, std::chrono::milliseconds limit) {
  return optional_tenant(session.execute(
      "SELECT tenant_id FROM api_keys WHERE key_sha256 = $1 AND revoked_at IS NULL",
      pg::parameters().add(key_sha256),
      limit
  ));
}

std::optional<tenant_id>
tenant_by_id(pg::connection& session, const std::string& id, std::chrono::milliseconds limit) {
  return optional_tenant(
      session.execute("SELECT tenant_id FROM tenants WHERE id = $1", pg::parameters().add(id), limit)
  );
}

std::vector<std::pair<tenant_id, uuid>> sessions_ended_within(
    pg::connection& session,
    const std::vector<tenant_id>& tenants,
    std::chrono::milliseconds span,
    std::chrono::milliseconds limit
) {
  const auto rows = session.execute(
      "SELECT tenant_id, session_id FROM user_sessions WHERE tenant_id = ANY ($1)"
      " AND ended_at > statement_timestamp() - $2 * interval '1 millisecond'",
      pg::parameters().add_array(
                          type::uuid, tenants, [](const tenant_id& id) { return id; }
      ).add(std::int64_t{span.count()}),
      limit
  );
  std::vector<std::pair<tenant_id, uuid>> ended;
  for (int i = 0; i < rows.size(); ++i)
    ended.emplace_back(rows.id<tenant_id>(i, 0), rows.uuid_at(i, 1));
  return ended;
}

std::vector<std::pair<tenant_id, std::uint64_t>> tenant_versions(
    pg::connection& session, const std::vector<tenant_id>& tenants, std::chrono::milliseconds limit
) {
  const auto rows = session.execute(
      "SELECT tenant_id, version FROM tenants WHERE tenant_id = ANY ($1)",
      pg::parameters().add_array(type::uuid, tenants, [](const tenant_id& id) { return id; }),
      limit
  );
  std::vector<std::pair<tenant_id, std::uint64_t>> versions;
  for (int i = 0; i < rows.size(); ++i)
    versions.emplace_back(rows.id<tenant_id>(i, 0), static_cast<std::uint64_t>(rows.int8(i, 1)));
  return versions;
}

} // namespace tessera::persistence
