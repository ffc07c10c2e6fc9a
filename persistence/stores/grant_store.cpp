#include "persistence/stores/grant_store.hpp"

#include "persistence/stores/call_keys.hpp"
#include "persistence/stores/entity_store.hpp"
#include "persistence/stores/inbox_store.hpp"
#include "persistence/stores/round_statements.hpp"
#include "persistence/stores/validity_store.hpp"

#include <string_view>
#include <utility>

namespace tessera::persistence {

namespace {

constexpr std::string_view prefix = "grant-";

/// The last good day before the instant, in the tenant's zone.
std::string day_before(pg::transaction& in, const tenant_id& tenant, time_point end) {
  const auto rows = in.execute(
      "SELECT (($2 - interval '1 microsecond') AT TIME ZONE timezone)::date::text FROM tenants"
      " WHERE tenant_id = $1",
      pg::parameters().add(tenant).add(end)
  );
  return rows.empty() ? std::string() : rows.text(0, 0);
}

bool is_over(pg::transaction& in, const grant_credits& command) {
  if (!command.expires_at) return false;
  return in.execute("SELECT $1 <= clock_timestamp()", pg::parameters().add(*command.expires_at))
      .boolean(0, 0);
}

void set_end(pg::transaction& in, const grant_credits& command, lot& given) {
  if (command.expires_at) {
    given.expires_at = command.expires_at;
    given.expiry_date = day_before(in, command.tenant, *command.expires_at);
  } else if (command.validity_days) {
    const auto found = find_validity(in, {command.tenant, *command.validity_days}).value();
    given.expires_at = found.expires_at;
    given.expiry_date = found.expiry_date;
  }
}

receive_credits row_of(pg::transaction& in, const grant_credits& command, const grant_ids& ids) {
  lot given;
  given.id = given.root = ids.lot;
  given.kind = command.kind;
  given.priority = command.priority;
  given.applications = command.applications;
  given.amount = given.free = command.amount;
  set_end(in, command, given);
  receive_credits row;
  row.id = ids.inbox;
  row.account = command.account;
  row.kind = inbox_kind::grant;
  row.lots.push_back(std::move(given));
  row.requested_by = command.requested_by;
  row.request_id = command.request_id;
  row.reference = grant_id_of(ids.inbox);
  return row;
}

// The arrival itself: an expiry may stand on either side of it, and what repays a debt behind it.
constexpr const char* receipt_sql =
    "SELECT i.account_id, i.credits, i.absorbed_seq, coalesce(i.refused_code, ''),"
    " coalesce(i.expiry_date::text, ''), i.expires_at, e.seq, e.slices,"
    " (SELECT last.available_after FROM credit_entries last WHERE last.account_id = i.account_id"
    "   AND (i.absorbed_seq IS NULL OR last.seq = i.absorbed_seq) ORDER BY last.seq DESC LIMIT 1)"
    " FROM credit_inbox i"
    " LEFT JOIN LATERAL (SELECT t.seq, t.slices FROM credit_entries t WHERE t.account_id = i.account_id"
    "   AND t.seq <= i.absorbed_seq AND t.seq > i.absorbed_seq - 3 AND t.entry_type IN (2, 3)"
    "   AND t.reference = i.reference ORDER BY t.seq DESC LIMIT 1) AS e ON true"
    " WHERE i.tenant_id = $1 AND i.inbox_id = $2 AND i.kind = 4";

} // namespace

std::string grant_id_of(const inbox_id& row) {
  return std::string(prefix) + to_string(row);
}

std::optional<inbox_id> row_of_grant(std::string_view grant) {
  if (!grant.starts_with(prefix)) return std::nullopt;
  const auto id = uuid::parse(grant.substr(prefix.size()));
  return id ? std::optional(inbox_id{*id}) : std::nullopt;
}

result<grant_accepted> grant(pg::transaction& in, const grant_credits& command, const grant_ids& ids) {
  const auto first = begin_call(in, command.tenant, command.idempotency);
  if (!first) return first.why();
  if (*first) return grant_accepted{(*first)->resource, true};
  if (is_over(in, command)) return errc::end_has_passed;
  // An entity that was deleted a moment ago takes nothing in.
  if (!hold_entity(in, command.tenant, command.account)) return errc::entity_unknown;
  leave(in, command.tenant, row_of(in, command, ids), command.reason);
  auto made = grant_id_of(ids.inbox);
  finish_call(in, command.idempotency, made);
  return grant_accepted{std::move(made), false};
}

result<grant_receipt> receipt_of_grant(pg::transaction& in, const grant_query& query) {
  const auto row = row_of_grant(query.grant_id);
  if (!row) return errc::transaction_unknown;
  const auto rows = in.execute(receipt_sql, pg::parameters().add(query.tenant).add(*row));
  if (rows.empty()) return errc::transaction_unknown;
  grant_receipt receipt;
  receipt.grant_id = query.grant_id;
  receipt.amount = credits{rows.int8(0, 1)};
  receipt.refused_code = rows.text(0, 3);
  receipt.status = !rows.is_null(0, 2) ? "completed" : receipt.refused_code.empty() ? "pending" : "failed";
  receipt.expiry_date = rows.text(0, 4);
  receipt.expires_at = rows.optional_time(0, 5);
  if (const auto seq = rows.optional_int8(0, 6)) {
    receipt.booked = entry_place{rows.id<account_id>(0, 0), static_cast<std::uint64_t>(*seq)};
    receipt.lot = unpack_slices(rows.bytes(0, 7)).front().lot;
  }
  receipt.available = credits{rows.int8(0, 8)};
  return receipt;
}

} // namespace tessera::persistence
