#include "persistence/stores/pg_journal_store.hpp"

#include "persistence/stores/alert_store.hpp"
#include "persistence/stores/round_statements.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace tessera::persistence {

pg::session_options
writer_session(std::string url, std::string application_name, std::chrono::milliseconds statement_limit) {
  return {
      .url = std::move(url),
      .role = "tessera_writer",
      .application_name = std::move(application_name),
      // Generic plans are made while the tables may still be empty: they must use the index all the same.
      .settings =
          {"plan_cache_mode=force_generic_plan",
           "enable_seqscan=off",
           "jit=off",
           "synchronous_commit=on",
           "lock_timeout=1000",
           "statement_timeout=" + std::to_string(statement_limit.count()),
           "idle_in_transaction_session_timeout=4000",
           "client_connection_check_interval=1000"}, // what a dead node has begun ends soon
  };
}

namespace {

/// Below the limit of a round: a statement that the database gives up has happened for sure not to be, and
/// the round is tried again. 2.5 s of 3.
std::chrono::milliseconds statement_limit_of(std::chrono::milliseconds round) {
  return round * 5 / 6;
}

/// The codes that may be remembered; '' for an entry.
errc refusal_named(std::string_view text) {
  for (const auto code :
       {errc::entity_closed,
        errc::entity_frozen,
        errc::amount_out_of_range,
        errc::nothing_to_reverse,
        errc::insufficient_credits})
    if (text == to_string(code)) return code;
  return text.empty() || text == to_string(errc::ok) ? errc::ok : errc::internal;
}

bool repeats_a_key(std::span<const write_set* const> round) {
  auto keys = keys_of(round);
  std::sort(keys.begin(), keys.end());
  return std::adjacent_find(keys.begin(), keys.end()) != keys.end();
}

} // namespace

pg_journal_store::pg_journal_store(std::string url, node_incarnation writer, std::chrono::milliseconds limit)
    : session_(writer_session(std::move(url), "tessera-lane", statement_limit_of(limit))), writer_(writer),
      limit_(limit) {}

bool pg_journal_store::connected() {
  if (session_.is_open()) return true;
  proven_.forget();
  try {
    session_.open();
    spdlog::info("journal: connected");
    return true;
  } catch (const pg::error& why) {
    spdlog::warn("journal: {}", why.what());
    session_.close();
    return false;
  }
}

append_outcome pg_journal_store::append(const journal_round& given) {
  if (!connected()) return {append_status::unavailable, {}, {}, "no connection"};
  const auto round = given.writes;
  try {
    auto statements = statements_of(round, writer_, proven_);
    if (!given.alerts.empty()) statements.push_back(alert_statement(given.alerts));
    session_.run_segment(statements, limit_);
    proven_.committed(round);
    return {append_status::committed, {}, {}, {}};
  } catch (const pg::error& why) {
    return explain(why, round);
  } catch (const std::exception& why) {
    spdlog::error("journal: the outcome of a round is unknown: {}", why.what());
    session_.close();
    return {append_status::unknown, {}, {}, why.what()};
  }
}

append_outcome pg_journal_store::explain(const pg::error& why, std::span<const write_set* const> round) {
  if (!why.rolled_back()) {
    spdlog::warn("journal: the outcome of a round is unknown: {}", why.what());
    return {append_status::unknown, {}, {}, why.what()};
  }
  append_outcome outcome{append_status::refused, {}, {}, why.what()};
  try {
    if (why.is_transient()) {
      outcome.status = append_status::transient;
    } else if (why.sqlstate() == "TS001" || why.sqlstate() == "TS003") {
      outcome.status = append_status::outrun;
      outcome.outrun = accounts_in(why.detail());
    } else if (why.sqlstate() == "TS004") {
      outcome.status = append_status::closed;
      outcome.outrun = accounts_in(why.detail());
    } else if (why.sqlstate() == "TS002") {
      outcome.status = append_status::outrun;
      outcome.outrun = absorbing_accounts(round);
    } else if (why.is_unique_violation() && (why.constraint() == "credit_entries_idempotency_key" || why.constraint() == "credit_answers_pkey")) {
      outcome.status = append_status::duplicate;
      if (!find_keys(keys_of(round), outcome.recorded)) outcome.status = append_status::unavailable;
    } else if (why.is_unique_violation() && why.constraint() == "credit_entries_pkey") {
      outcome.status = append_status::outrun;
      const auto passed = session_.execute("SELECT journal_passed($1, $2)", heads_of(round), limit_);
      for (int i = 0; i < passed.size(); ++i)
        outcome.outrun.push_back(passed.id<account_id>(i, 0));
    }
  } catch (const std::exception& later) {
    session_.close(); // nobody knows where it stands
    outcome.status = append_status::unavailable;
    outcome.reason = later.what();
  }
  // A unique violation whose cause can't be found again is the race of a transaction that then rolled back.
  const bool unexplained =
      (outcome.status == append_status::duplicate && outcome.recorded.empty() && !repeats_a_key(round)) ||
      (outcome.status == append_status::outrun && outcome.outrun.empty());
  if (unexplained) outcome.status = append_status::transient;
  return outcome;
}

bool pg_journal_store::find_keys(std::span<const uuid> keys, std::vector<recorded_spend>& found) {
  return look_up(
      "SELECT key, print, account, entry_seq, amount, usable, refused, blocker, allowed FROM "
      "journal_find_answers($1)",
      pg::parameters().add_array(pg::parameters::type::uuid, keys, [](const uuid& key) { return key; }),
      found
  );
}

bool pg_journal_store::keys_between(
    const account_id& account, std::uint64_t begin, std::uint64_t end, std::vector<recorded_spend>& found
) {
  return look_up(
      "SELECT key, print, account, entry_seq, amount, usable, '', 0::smallint, 0::bigint FROM "
      "journal_keys_between($1, $2, $3)",
      pg::parameters().add(account).add(static_cast<std::int64_t>(begin)).add(static_cast<std::int64_t>(end)),
      found
  );
}

bool pg_journal_store::look_up(
    const char* sql, const pg::parameters& values, std::vector<recorded_spend>& found
) {
  if (!connected()) return false;
  try {
    const auto rows = session_.execute(sql, values, limit_);
    for (int i = 0; i < rows.size(); ++i)
      found.push_back(recorded_spend{
          {rows.uuid_at(i, 0), rows.uuid_at(i, 1)},
          rows.id<account_id>(i, 2),
          static_cast<std::uint64_t>(rows.int8(i, 3)),
          credits{rows.int8(i, 4)},
          credits{rows.int8(i, 5)},
          refusal_named(rows.bytes(i, 6)),
          static_cast<blocked_by>(rows.int2(i, 7)),
          credits{rows.int8(i, 8)},
      });
    return true;
  } catch (const pg::error& why) {
    spdlog::warn("journal: cannot look keys up: {}", why.what());
    return false;
  } catch (const std::exception& why) {
    spdlog::error("journal: cannot look keys up: {}", why.what());
    session_.close();
    return false;
  }
}

} // namespace tessera::persistence
