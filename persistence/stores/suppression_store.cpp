#include "persistence/stores/suppression_store.hpp"

namespace tessera::persistence {

namespace {

#define TESSERA_SUPPRESSION_COLUMNS                                                                          \
  "suppression_id, channel, recipient_masked, reason, until, created_by, created_at"

/// What a tenant's administrators lift or replace: not what recipients wished (R-I 4.4).
#define TESSERA_IS_THE_TENANTS "s.reason IN ('bounce', 'manual')"

suppression_view suppression_at(const pg::rows& rows, int row) {
  suppression_view one;
  one.id = rows.uuid_at(row, 0);
  one.channel = rows.text(row, 1);
  one.recipient_masked = rows.text(row, 2);
  one.reason = rows.text(row, 3);
  one.until = rows.optional_time(row, 4);
  one.created_by = rows.text(row, 5);
  one.created_at = rows.time(row, 6);
  return one;
}

} // namespace

suppression_page suppressions_of(pg::transaction& in, const list_suppressions& query) {
  const auto at = query.after ? std::optional(query.after->at) : std::nullopt;
  const auto id = query.after ? std::optional(query.after->id) : std::nullopt;
  const auto rows = in.execute(
      "SELECT " TESSERA_SUPPRESSION_COLUMNS " FROM suppressions s WHERE tenant_id = $1"
      " AND ($2::text IS NULL OR channel = $2) AND ($3::text IS NULL OR reason = $3)"
      " AND ($4::timestamptz IS NULL OR (created_at, suppression_id) < ($4, $5::uuid))"
      " ORDER BY created_at DESC, suppression_id DESC LIMIT $6",
      pg::parameters()
          .add(query.tenant)
          .add(query.channel)
          .add(query.reason)
          .add(at)
          .add(id)
          .add(std::int64_t{query.limit} + 1)
  );
  suppression_page page;
  page.more = rows.size() > query.limit;
  for (int i = 0; i < rows.size() && i < query.limit; ++i)
    page.suppressions.push_back(suppression_at(rows, i));
  return page;
}

suppression_view insert_suppression(pg::transaction& in, const add_suppression& command) {
  const auto rows = in.execute(
      "INSERT INTO suppressions AS s (suppression_id, tenant_id, channel, recipient_sha256, "
      "recipient_masked, reason, until, created_by) VALUES (gen_random_uuid(), $1, $2, $3, $4, 'manual', $5, "
      "$6)"
      " ON CONFLICT ON CONSTRAINT suppressions_one_each DO UPDATE SET reason = 'manual',"
      "  until = excluded.until, created_by = excluded.created_by, created_at = clock_timestamp()"
      "  WHERE " TESSERA_IS_THE_TENANTS " OR s.until <= clock_timestamp()"
      " RETURNING " TESSERA_SUPPRESSION_COLUMNS,
      pg::parameters()
          .add(command.tenant)
          .add(to_string(command.channel))
          .add(command.recipient_sha256)
          .add(command.recipient_masked)
          .add(command.until)
          .add(command.origin.by.id)
  );
  if (!rows.empty()) return suppression_at(rows, 0);
  return suppression_at(
      in.execute(
          "SELECT " TESSERA_SUPPRESSION_COLUMNS
          " FROM suppressions WHERE tenant_id = $1 AND channel = $2 AND recipient_sha256 = $3",
          pg::parameters().add(command.tenant).add(to_string(command.channel)).add(command.recipient_sha256)
      ),
      0
  );
}

result<suppression_removed> delete_suppression(pg::transaction& in, const remove_suppression& command) {
  const auto named = pg::parameters().add(command.tenant).add(command.id);
  const auto gone = in.execute(
      "DELETE FROM suppressions s WHERE s.tenant_id = $1 AND s.suppression_id = $2"
      " AND (" TESSERA_IS_THE_TENANTS " OR s.until <= clock_timestamp())",
      named
  );
  if (gone.affected() > 0) return suppression_removed{command.id};
  const auto there =
      in.execute("SELECT reason FROM suppressions WHERE tenant_id = $1 AND suppression_id = $2", named);
  if (there.empty()) return errc::suppression_unknown;
  return rejection(
      errc::insufficient_role, "Only the recipient lifts a suppression by `" + there.text(0, 0) + "`."
  );
}

} // namespace tessera::persistence
