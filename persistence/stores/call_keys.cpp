#include "persistence/stores/call_keys.hpp"

namespace tessera::persistence {

result<std::optional<first_call>>
begin_call(pg::transaction& in, const tenant_id& tenant, const std::optional<idempotency_key>& key) {
  if (!key) return std::optional<first_call>();
  const auto taken = in.execute(
      "INSERT INTO idempotency_keys (idempotency_key, tenant_id, fingerprint, resource_id) VALUES ($1, $2, "
      "$3, '') ON CONFLICT DO NOTHING",
      pg::parameters().add(key->key).add(tenant).add(key->fingerprint)
  );
  if (taken.affected() == 1) return std::optional<first_call>();
  const auto first = in.execute(
      "SELECT fingerprint, resource_id, refused_code FROM idempotency_keys WHERE idempotency_key = $1",
      pg::parameters().add(key->key)
  );
  if (first.empty() || first.uuid_at(0, 0) != key->fingerprint) return errc::idempotency_key_reused;
  return std::optional(first_call{first.text(0, 1), first.text(0, 2)});
}

void finish_call(
    pg::transaction& in,
    const std::optional<idempotency_key>& key,
    std::string_view resource,
    std::string_view refused
) {
  if (key)
    in.execute(
        "UPDATE idempotency_keys SET resource_id = $2, refused_code = $3 WHERE idempotency_key = $1",
        pg::parameters().add(key->key).add(resource).add(refused)
    );
}

} // namespace tessera::persistence
