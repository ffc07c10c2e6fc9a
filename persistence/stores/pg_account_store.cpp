#include "persistence/stores/pg_account_store.hpp"

#include "persistence/stores/alert_store.hpp"
#include "persistence/stores/entry_rows.hpp"
#include "persistence/stores/hold_bytes.hpp"
#include "persistence/stores/inbox_rows.hpp"
#include "persistence/stores/pg_journal_store.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace tessera::persistence {

namespace {

using type = pg::parameters::type;
using histories = std::unordered_map<account_id, account_history>;

void read_snapshots(const pg::rows& rows, histories& all) {
  for (int i = 0; i < rows.size(); ++i) {
    auto snapshot = snapshot_at(rows, i);
    auto& history = all[snapshot.account];
    history.snapshot = std::move(snapshot);
    history.reminder.at = rows.optional_time(i, snapshot_columns);
  }
}

void read_tails(const pg::rows& rows, histories& all) {
  for (int i = 0; i < rows.size(); ++i) {
    auto booked = entry_at(rows, i);
    if (auto found = all.find(booked.account); found != all.end())
      found->second.tail.push_back({std::move(booked), {}, {}});
  }
}

/// A lot belongs to the snapshot, or to the entry of the tail that opened it; there it is as it was opened.
/// The lots of an entry come in the order in which it opened them. One that got units back in the tail may
/// have none in the snapshot.
void read_lots(const pg::rows& rows, histories& all) {
  for (int i = 0; i < rows.size(); ++i) {
    auto [account, read] = lot_at(rows, i);
    auto& history = all[account];
    const auto reopened = static_cast<std::uint64_t>(rows.optional_int8(i, 18).value_or(0));
    if (reopened > history.snapshot.seq) {
      auto opened = read;
      opened.amount = credits{rows.int8(i, 17)};
      attach_reopened(history.tail, std::move(opened));
    }
    if (read.seq > history.snapshot.seq)
      attach_opened(history.tail, std::move(read));
    else if (read.free + read.held > credits{})
      history.snapshot.lots.push_back(std::move(read));
  }
}

/// A line for each lot of a row.
void read_inbox_line(const pg::rows& rows, int line, std::vector<inbox_command>& into) {
  if (!into.empty() && id_of(into.back()) == rows.id<inbox_id>(line, 0))
    std::get<receive_credits>(into.back()).lots.push_back(inbox_lot_at(rows, line));
  else
    into.push_back(inbox_command_at(rows, line));
}

pg::parameters pages_of(std::span<const inbox_page> pages) {
  pg::parameters p;
  p.add_array(type::uuid, pages, [](const inbox_page& page) { return page.account; });
  p.add_array(type::uuid, pages, [](const inbox_page& page) { return page.after; });
  return p.add(static_cast<std::int64_t>(rows_per_inbox_page));
}

/// PostgreSQL's text form of a bigint[]: which holds these are.
std::string seqs_literal(const std::vector<open_hold>& holds) {
  std::string text = "{";
  for (const auto& each : holds)
    text += (text.size() > 1 ? "," : "") + std::to_string(each.seq);
  return text + "}";
}

std::vector<inbox_page> first_pages(std::span<const account_id> accounts) {
  std::vector<inbox_page> pages;
  for (const auto& account : accounts)
    pages.push_back({account, {}});
  return pages;
}

} // namespace

pg_account_store::pg_account_store(
    std::string url, std::string application_name, std::chrono::milliseconds limit
)
    : session_(writer_session(std::move(url), std::move(application_name))), limit_(limit) {}

pg::connection& pg_account_store::session() {
  if (!session_.is_open()) session_.open();
  return session_;
}

std::vector<account_history> pg_account_store::load(std::span<const account_id> accounts) {
  const auto ids = [&] {
    return pg::parameters().add_array(type::uuid, accounts, [](const account_id& id) { return id; });
  };
  // One snapshot of the database for all four: a balance, its lots and its tail must belong together.
  auto& pg = session();
  histories all;
  pg.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", limit_);
  try {
    read_snapshots(
        pg.execute(
            "SELECT " TESSERA_SNAPSHOT_COLUMNS
            ", (SELECT r.remind_at FROM credit_hold_reminders r WHERE r.account_id = b.account_id)"
            " FROM credit_balances b WHERE account_id = ANY ($1)",
            ids(),
            limit_
        ),
        all
    );
    read_tails(pg.execute(tail_sql, ids(), limit_), all);
    read_lots(pg.execute(account_lots_sql, ids(), limit_), all);
    const auto inboxes = pg.execute(inbox_sql, pages_of(first_pages(accounts)), limit_);
    for (int i = 0; i < inboxes.size(); ++i)
      read_inbox_line(inboxes, i, all[inboxes.id<account_id>(i, 1)].waiting);
    pg.execute("COMMIT", limit_);
  } catch (...) {
    session_.close(); // and with it the transaction
    throw;
  }
  std::vector<account_history> found;
  for (auto& [id, history] : all)
    if (history.snapshot.account == id) found.push_back(std::move(history));
  return found;
}

std::vector<std::vector<inbox_command>> pg_account_store::waiting(std::span<const inbox_page> pages) {
  const auto rows = session().execute(inbox_sql, pages_of(pages), limit_);
  std::vector<std::vector<inbox_command>> found(pages.size());
  for (int i = 0; i < rows.size(); ++i)
    read_inbox_line(rows, i, found.at(static_cast<std::size_t>(rows.int8(i, 23)) - 1));
  return found;
}

std::vector<std::pair<account_id, std::vector<alert_threshold>>>
pg_account_store::thresholds(std::span<const account_id> accounts) {
  return thresholds_of(session(), accounts, limit_);
}

void pg_account_store::save(std::span<const account_snapshot> snapshots) {
  pg::parameters p;
  const auto column = [&](type of, auto project) { p.add_array(of, snapshots, project); };
  column(type::uuid, [](const account_snapshot& s) { return s.account; });
  column(type::int8, [](const account_snapshot& s) { return static_cast<std::int64_t>(s.seq); });
  column(type::bytea, [](const account_snapshot& s) -> const digest& { return s.head; });
  column(type::timestamptz, [](const account_snapshot& s) { return s.booked_at; });
  const auto figure = [&](credits (*project)(const account_totals&)) {
    column(type::int8, [project](const account_snapshot& s) { return project(s.totals).value(); });
  };
  figure([](const account_totals& t) { return t.now.used; });
  figure([](const account_totals& t) { return t.now.reserved; });
  figure([](const account_totals& t) { return t.now.available; });
  figure([](const account_totals& t) { return t.now.debt; });
  figure([](const account_totals& t) { return t.lifetime_in; });
  figure([](const account_totals& t) { return t.expired; });
  figure([](const account_totals& t) { return t.refunded; });
  figure([](const account_totals& t) { return t.clawed_back; });
  figure([](const account_totals& t) { return t.allocated_out; });
  figure([](const account_totals& t) { return t.debt_repaid; });
  column(type::boolean, [](const account_snapshot& s) { return s.frozen; });
  column(type::bytea, [](const account_snapshot& s) { return pack_holds(s.holds); });
  column(type::text, [](const account_snapshot& s) { return seqs_literal(s.holds); });
  std::vector<const lot*> lots;
  for (const auto& s : snapshots)
    for (const auto& l : s.lots)
      lots.push_back(&l);
  p.add_array(type::uuid, lots, [](const lot* l) { return l->id; });
  p.add_array(type::int8, lots, [](const lot* l) { return l->free.value(); });
  p.add_array(type::int8, lots, [](const lot* l) { return l->held.value(); });
  p.add_array(type::int8, lots, [](const lot* l) { return l->amount.value(); });
  session().execute(
      "SELECT journal_snapshot($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$21)",
      p,
      limit_
  );
}

} // namespace tessera::persistence
