#include "persistence/stores/answer_store.hpp"

namespace tessera::persistence {

namespace {

/// Each new key takes two old ones away: the sweep has to do with tenants that have gone quiet. Rows that
/// somebody has locked are left to the next.
void forget_old_ones(pg::transaction& in, const tenant_id& tenant) {
  in.execute(
      "DELETE FROM idempotency_answers WHERE idempotency_key IN ("
      " SELECT idempotency_key FROM idempotency_answers WHERE tenant_id = $1"
      "  AND created_at < clock_timestamp() - interval '30 days' ORDER BY created_at LIMIT 2 FOR UPDATE SKIP "
      "LOCKED)",
      pg::parameters().add(tenant)
  );
}

} // namespace

std::optional<result<kept_answer>>
take_key(pg::transaction& in, const tenant_id& tenant, const idempotency_key& key) {
  const auto taken = in.execute(
      "INSERT INTO idempotency_answers AS a (idempotency_key, tenant_id, fingerprint) VALUES ($1, $2, $3)"
      " ON CONFLICT (idempotency_key) DO UPDATE SET fingerprint = excluded.fingerprint, created_at = "
      "excluded.created_at"
      " WHERE a.created_at < clock_timestamp() - interval '30 days'",
      pg::parameters().add(key.key).add(tenant).add(key.fingerprint)
  );
  if (taken.affected() == 1) {
    forget_old_ones(in, tenant);
    return std::nullopt;
  }
  return find_answer(in, key).value_or(errc::idempotency_key_reused);
}

std::optional<result<kept_answer>> find_answer(pg::transaction& in, const idempotency_key& key) {
  const auto first = in.execute(
      "SELECT fingerprint, status, body, etag FROM idempotency_answers WHERE idempotency_key = $1",
      pg::parameters().add(key.key)
  );
  if (first.empty()) return std::nullopt;
  if (first.uuid_at(0, 0) != key.fingerprint) return errc::idempotency_key_reused;
  return kept_answer{first.int2(0, 1), first.text(0, 2), first.text(0, 3), true};
}

void keep_answer(pg::transaction& in, const idempotency_key& key, const kept_answer& answer) {
  in.execute(
      "UPDATE idempotency_answers SET status = $2, body = $3, etag = $4, about_user = nullif($5, '')"
      " WHERE idempotency_key = $1",
      pg::parameters()
          .add(key.key)
          .add(answer.status)
          .add(answer.body)
          .add(answer.etag)
          .add(answer.about_user)
  );
}

void drop_key(pg::transaction& in, const idempotency_key& key) {
  in.execute("DELETE FROM idempotency_answers WHERE idempotency_key = $1", pg::parameters().add(key.key));
}

std::int64_t forget_old_answers(pg::connection& session, std::int64_t most, std::chrono::milliseconds limit) {
  return session.execute("SELECT forget_old_answers($1)", pg::parameters().add(most), limit).int8(0, 0);
}

} // namespace tessera::persistence
