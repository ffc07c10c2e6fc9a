#include "persistence/stores/starter_credits_store.hpp"

#include "persistence/stores/inbox_store.hpp"

#include <algorithm>
#include <unordered_map>

namespace tessera::persistence {

namespace {

using type = pg::parameters::type;

#define TESSERA_RESERVATION_COLUMNS                                                                          \
  "s.reservation_id, s.invitation_id, s.from_account_id, s.to_account_id, s.credits, s.ends_at,"             \
  " s.held_until,"                                                                                           \
  " coalesce(i.refused_code, ''), i.absorbed_seq IS NULL AND i.refused_code IS NULL"                         \
  " FROM invitation_starter_credits s JOIN credit_inbox i ON i.inbox_id = s.reservation_id"                  \
  " WHERE s.tenant_id = $1 AND NOT s.attached AND s.settled_as IS NULL"

std::vector<reservation> all_of(const pg::rows& rows) {
  std::vector<reservation> found;
  for (int i = 0; i < rows.size(); ++i)
    found.push_back(
        {rows.id<inbox_id>(i, 0),
         rows.text(i, 1),
         rows.id<account_id>(i, 2),
         rows.id<account_id>(i, 3),
         credits{rows.int8(i, 4)},
         rows.time(i, 5),
         rows.time(i, 6),
         rows.text(i, 7),
         rows.boolean(i, 8)}
    );
  return found;
}

instruction set_aside(const new_reservation& wanted, time_point now, const change_origin& by) {
  instruction asked;
  asked.id = wanted.id;
  asked.account = wanted.what.from;
  asked.kind = inbox_kind::set_aside;
  asked.wanted = wanted.what.amount;
  asked.purpose = hold_purpose::escrow;
  asked.ttl = std::max<time_point::duration>(wanted.ends_at - now, std::chrono::microseconds(1));
  asked.requested_by = by.by;
  asked.request_id = by.request_id;
  asked.reference = wanted.invitation;
  return asked;
}

} // namespace

void reserve(
    pg::transaction& in, const tenant_id& tenant, const new_reservation& wanted, const change_origin& by
) {
  const auto now = in.execute("SELECT clock_timestamp()").time(0, 0);
  leave(in, tenant, set_aside(wanted, now, by));
  const auto key = wanted.key ? std::optional(wanted.key->key) : std::nullopt;
  in.execute(
      "INSERT INTO invitation_starter_credits (reservation_id, tenant_id, invitation_id, from_account_id,"
      " to_account_id, credits, ends_at, held_until, idempotency_key)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
      pg::parameters()
          .add(wanted.id)
          .add(tenant)
          .add(wanted.invitation)
          .add(wanted.what.from)
          .add(wanted.what.to)
          .add(wanted.what.amount.value())
          .add(wanted.ends_at)
          .add(wanted.held_until)
          .add(key)
  );
}

std::optional<reservation>
hold_reservation(pg::transaction& in, const tenant_id& tenant, const inbox_id& id) {
  auto found = all_of(in.execute(
      "SELECT " TESSERA_RESERVATION_COLUMNS " AND s.reservation_id = $2 FOR UPDATE OF s",
      pg::parameters().add(tenant).add(id)
  ));
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

std::vector<reservation>
reservations_of(pg::transaction& in, const tenant_id& tenant, const idempotency_key& key) {
  return all_of(in.execute(
      "SELECT " TESSERA_RESERVATION_COLUMNS " AND s.idempotency_key = $2 AND i.refused_code IS NULL"
      " ORDER BY s.created_at",
      pg::parameters().add(tenant).add(key.key)
  ));
}

void attach(
    pg::transaction& in, const tenant_id& tenant, const std::string& invitation, const reservation& held
) {
  return_starter_credits(in, tenant, invitation);
  in.execute(
      "UPDATE invitation_starter_credits SET attached = false"
      " WHERE tenant_id = $1 AND invitation_id = $2 AND attached",
      pg::parameters().add(tenant).add(invitation)
  );
  in.execute(
      "UPDATE invitation_starter_credits SET attached = true"
      " WHERE tenant_id = $1 AND invitation_id = $2 AND reservation_id = $3",
      pg::parameters().add(tenant).add(invitation).add(held.id)
  );
}

std::optional<time_point>
lots_until(pg::transaction& in, const tenant_id& tenant, const std::string& invitation) {
  return in
      .execute(
          "SELECT min(l.expires_at) FROM invitation_starter_credits s"
          " JOIN credit_inbox i ON i.inbox_id = s.reservation_id"
          " JOIN credit_entries h ON h.account_id = s.from_account_id AND h.seq = i.absorbed_seq"
          " CROSS JOIN LATERAL credit_slices(h.slices) AS part JOIN credit_lots l ON l.lot_id = part.lot_id"
          " WHERE s.tenant_id = $1 AND s.invitation_id = $2 AND s.attached AND s.settled_as IS NULL",
          pg::parameters().add(tenant).add(invitation)
      )
      .optional_time(0, 0);
}

void return_starter_credits(pg::transaction& in, const tenant_id& tenant, const std::string& invitation) {
  in.execute(
      "SELECT return_starter_credits(reservation_id) FROM invitation_starter_credits"
      " WHERE tenant_id = $1 AND invitation_id = $2 AND attached AND settled_as IS NULL",
      pg::parameters().add(tenant).add(invitation)
  );
}

void read_starter_credits(
    pg::transaction& in, const tenant_id& tenant, std::vector<invitation_view>& invitations
) {
  std::unordered_map<std::string, invitation_view*> by_id;
  for (auto& one : invitations)
    by_id.emplace(one.id, &one);
  pg::parameters values;
  values.add(tenant).add_array(type::text, invitations, [](const invitation_view& one) -> std::string_view {
    return one.id;
  });
  // A hold that was over when it was to move went back by itself.
  const auto rows = in.execute(
      "SELECT s.invitation_id, s.from_account_id, f.entity_type, f.entity_id, s.to_account_id, t.entity_type,"
      " t.entity_id, s.credits, s.held_until, coalesce(i.fulfilled, 0),"
      " CASE WHEN s.settled_as IS NULL THEN 0::smallint"
      "  WHEN i.refused_code IS NOT NULL OR s.settled_by IS NULL THEN 4::smallint"
      "  WHEN s.settled_as = 'moved' THEN CASE WHEN i.absorbed_seq IS NULL THEN 1::smallint"
      "   WHEN i.fulfilled > 0 THEN 2::smallint ELSE 4::smallint END"
      "  WHEN i.absorbed_seq IS NULL THEN 3::smallint ELSE 4::smallint END"
      " FROM invitation_starter_credits s JOIN entities f ON f.account_id = s.from_account_id"
      " JOIN entities t ON t.account_id = s.to_account_id"
      " LEFT JOIN credit_inbox i ON i.inbox_id = s.settled_by"
      " WHERE s.tenant_id = $1 AND s.invitation_id = ANY ($2) AND s.attached",
      values
  );
  for (int i = 0; i < rows.size(); ++i) {
    starter_credits_view found;
    found.what.from = rows.id<account_id>(i, 1);
    found.what.from_ref = {static_cast<entity_type>(rows.int2(i, 2)), rows.text(i, 3)};
    found.what.to = rows.id<account_id>(i, 4);
    found.what.to_ref = {static_cast<entity_type>(rows.int2(i, 5)), rows.text(i, 6)};
    found.what.amount = credits{rows.int8(i, 7)};
    found.held_until = rows.time(i, 8);
    found.state = static_cast<starter_state>(rows.int2(i, 10));
    if (found.state == starter_state::moved) found.moved = credits{rows.int8(i, 9)};
    by_id.at(rows.text(i, 0))->starter = std::move(found);
  }
}

std::int64_t
return_stray_starter_credits(pg::connection& session, std::int64_t most, std::chrono::milliseconds limit) {
  return session.execute("SELECT return_stray_starter_credits($1)", pg::parameters().add(most), limit)
      .int8(0, 0);
}

} // namespace tessera::persistence
