#include "persistence/stores/due_store.hpp"

namespace tessera::persistence {

namespace {

// A probe of the shard's index for each question.
constexpr auto due_lots_sql =
    "SELECT q.shard, due.expires_at, due.account_id"
    " FROM unnest($1::smallint[], $2::timestamptz[], $3::uuid[]) AS q (shard, at, account)"
    " CROSS JOIN LATERAL (SELECT account_id, expires_at FROM credit_lots"
    "  WHERE NOT closed AND (free + held > 0 OR reopened_seq IS NOT NULL) AND shard_of(account_id) = q.shard"
    "   AND expires_at <= $4"
    "   AND (expires_at, account_id) > (q.at, q.account)"
    "  ORDER BY expires_at, account_id LIMIT $5) AS due";
// An account reads its thresholds with its inbox. Those for whom others were chosen lately are asked to, for
// a minute: whoever chose them has told the account, or died before.
constexpr auto due_inboxes_sql =
    "SELECT q.shard, due.created_at, due.account_id"
    " FROM unnest($1::smallint[], $2::timestamptz[], $3::uuid[]) AS q (shard, at, account)"
    " CROSS JOIN LATERAL (SELECT account_id, created_at FROM ("
    "  (SELECT account_id, created_at FROM credit_inbox"
    "   WHERE absorbed_seq IS NULL AND refused_code IS NULL AND shard_of(account_id) = q.shard"
    "    AND created_at <= $4 AND (created_at, account_id) > (q.at, q.account)"
    "   ORDER BY created_at, account_id LIMIT $5)"
    "  UNION ALL"
    "  (SELECT account_id, changed_at FROM credit_alerts"
    "   WHERE changed_at > $4 - interval '1 minute' AND changed_at <= $4"
    "    AND shard_of(account_id) = q.shard AND (changed_at, account_id) > (q.at, q.account)"
    "   ORDER BY changed_at, account_id LIMIT $5)) AS both_of_them"
    "  ORDER BY created_at, account_id LIMIT $5) AS due";

constexpr auto due_holds_sql =
    "SELECT q.shard, due.remind_at, due.account_id"
    " FROM unnest($1::smallint[], $2::timestamptz[], $3::uuid[]) AS q (shard, at, account)"
    " CROSS JOIN LATERAL (SELECT account_id, remind_at FROM credit_hold_reminders"
    "  WHERE shard = q.shard AND remind_at <= $4"
    "   AND (remind_at, account_id) > (q.at, q.account)"
    "  ORDER BY remind_at, account_id LIMIT $5) AS due";

const char* question_for(due_kind kind) {
  switch (kind) {
  case due_kind::lots: return due_lots_sql;
  case due_kind::inboxes: return due_inboxes_sql;
  case due_kind::holds: return due_holds_sql;
  }
  return due_lots_sql;
}

} // namespace

std::vector<due_account> what_is_due(
    pg::connection& session,
    due_kind kind,
    std::span<const due_question> shards,
    time_point until,
    int page,
    std::chrono::milliseconds limit
) {
  using type = pg::parameters::type;
  pg::parameters values;
  values.add_array(type::int2, shards, [](const due_question& one) { return one.shard; })
      .add_array(type::timestamptz, shards, [](const due_question& one) { return one.after.at; })
      .add_array(type::uuid, shards, [](const due_question& one) { return one.after.account; })
      .add(until)
      .add(std::int64_t{page});
  const auto rows = session.execute(question_for(kind), values, limit);
  std::vector<due_account> due;
  for (int i = 0; i < rows.size(); ++i)
    due.push_back({rows.int2(i, 0), {rows.time(i, 1), rows.id<account_id>(i, 2)}});
  return due;
}

} // namespace tessera::persistence
