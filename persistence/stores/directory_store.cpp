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

namespace {

void read_entities(const pg::rows& rows, tenant_snapshot& into) {
  std::unordered_map<uuid, std::int32_t> index;
  index.reserve(static_cast<std::size_t>(rows.size()));
  into.entities.reserve(static_cast<std::size_t>(rows.size()));
  into.by_ref.reserve(static_cast<std::size_t>(rows.size()));
  for (int i = 0; i < rows.size(); ++i) {
    const auto kind = static_cast<entity_type>(rows.int2(i, 1));
    index.emplace(rows.uuid_at(i, 0), i);
    into.entities.push_back({rows.id<account_id>(i, 0), {kind, rows.text(i, 2)}, -1});
    into.by_ref.emplace(into.entities.back().ref, static_cast<std::uint32_t>(i));
  }
  for (int i = 0; i < rows.size(); ++i)
    if (const auto parent = rows.optional_uuid(i, 3))
      into.entities[static_cast<std::size_t>(i)].parent = index.at(*parent);
}

void read_keys(const pg::rows& rows, tenant_snapshot& into) {
  for (int i = 0; i < rows.size(); ++i) {
    api_key key;
    key.id = rows.text(i, 0);
    for (const auto& text : rows.texts(i, 2))
      if (const auto one = parse_scope(text))
        key.scopes = static_cast<std::uint16_t>(key.scopes | static_cast<std::uint16_t>(*one));
    if (const auto bound = rows.optional_uuid(i, 3)) key.bound_to = account_id{*bound};
    key.application = rows.text(i, 4);
    key.expires_at = rows.optional_time(i, 5);
    into.keys.emplace_back(rows.digest_at(i, 1), std::move(key));
  }
}

} // namespace

std::shared_ptr<const tenant_snapshot>
load_tenant(pg::connection& session, const tenant_id& tenant, std::chrono::milliseconds limit) {
  const auto id = [&] { return pg::parameters().add(tenant); };
  // The version is read first: whatever changes while the rest is read raises it and causes another load.
  const auto head =
      session.execute("SELECT id, timezone, version FROM tenants WHERE tenant_id = $1", id(), limit);
  if (head.empty()) return nullptr;
  auto loaded = std::make_shared<tenant_snapshot>();
  loaded->tenant = tenant;
  loaded->id = head.text(0, 0);
  loaded->timezone = head.text(0, 1);
  loaded->version = static_cast<std::uint64_t>(head.int8(0, 2));
  // One statement, one snapshot: a child is never seen without its parent.
  read_entities(
      session.execute(
          "SELECT account_id, entity_type, entity_id, parent_account FROM entities WHERE tenant_id = $1 AND "
          "status = 'active'",
          id(),
          limit
      ),
      *loaded
  );
  const auto applications = session.execute(
      "SELECT application_id FROM applications WHERE tenant_id = $1 AND deleted_at IS NULL", id(), limit
  );
  for (int i = 0; i < applications.size(); ++i)
    loaded->applications.insert(applications.text(i, 0));
  read_keys(
      session.execute(
          "SELECT key_id, key_sha256, scopes, bound_account, coalesce(application, ''), expires_at FROM "
          "api_keys"
          " WHERE tenant_id = $1 AND revoked_at IS NULL",
          id(),
          limit
      ),
      *loaded
  );
  return loaded;
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
