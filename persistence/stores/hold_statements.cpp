#include "persistence/stores/hold_statements.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace tessera::persistence {

namespace {

using type = pg::parameters::type;

/// A hold as the round leaves it.
struct hold_row {
  account_id account;
  std::uint64_t opened_seq = 0;
  const entry* opened = nullptr; // in this round
  const entry* last = nullptr;
};

std::int64_t number(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}

std::uint64_t opened_by(const entry& booked) {
  return booked.type == entry_type::hold ? booked.seq : seq_of_hold(booked.reference);
}

/// In the order of their accounts, so that two writers meet in the same order.
std::map<std::pair<account_id, std::uint64_t>, hold_row> rows_of(std::span<const write_set* const> round) {
  std::map<std::pair<account_id, std::uint64_t>, hold_row> rows;
  for (const auto* set : round) {
    for (const auto& event : set->events) {
      const auto& booked = event.booked;
      if (!booked.hold) continue;
      const auto opened = opened_by(booked);
      auto& row = rows[{booked.account, opened}];
      row.account = booked.account;
      row.opened_seq = opened;
      if (booked.type == entry_type::hold) row.opened = &booked;
      if (!row.last || row.last->seq < booked.seq) row.last = &booked;
    }
  }
  return rows;
}

bool is_closed(const hold_row& row) {
  return row.last->hold->state != hold_state::open;
}

/// An account's reminder as the round leaves it, and the account's last entry then.
struct reminder_row {
  std::uint64_t seq = 0;
  std::optional<hold_reminder> reminder;
};

pg::statement remind_statement(const std::map<account_id, reminder_row>& rows) {
  pg::parameters p;
  p.add_array(type::uuid, rows, [](const auto& row) { return row.first; });
  p.add_array(type::timestamptz, rows, [](const auto& row) { return row.second.reminder->at; });
  p.add_array(type::int8, rows, [](const auto& row) { return number(row.second.seq); });
  return {"SELECT journal_remind($1,$2,$3)", std::move(p)};
}

void add_reminders(std::vector<pg::statement>& into, std::span<const write_set* const> round) {
  if (std::ranges::none_of(round, [](const write_set* set) { return set->remind.has_value(); })) return;
  std::map<account_id, reminder_row> rows;
  for (const auto* set : round) {
    auto& row = rows[set->owner()];
    row.seq = std::max(row.seq, set->last_seq());
    if (set->remind) row.reminder = set->remind;
  }
  std::erase_if(rows, [](const auto& each) { return !each.second.reminder; });
  into.push_back(remind_statement(rows));
}

} // namespace

void add_hold_statements(std::vector<pg::statement>& into, std::span<const write_set* const> round) {
  std::vector<hold_row> opened;
  std::vector<hold_row> moved;
  for (const auto& [place, row] : rows_of(round))
    (row.opened ? opened : moved).push_back(row);
  if (!opened.empty()) {
    pg::parameters p;
    p.add_array(type::uuid, opened, [](const hold_row& r) { return r.account; });
    p.add_array(type::int8, opened, [](const hold_row& r) { return number(r.opened_seq); });
    p.add_array(type::uuid, opened, [](const hold_row& r) { return r.opened->tenant; });
    p.add_array(type::timestamptz, opened, [](const hold_row& r) { return r.opened->hold->ends_at; });
    p.add_array(type::int8, opened, [](const hold_row& r) { return number(r.last->seq); });
    p.add_array(type::boolean, opened, is_closed);
    into.push_back({"SELECT journal_open_holds($1,$2,$3,$4,$5,$6)", std::move(p)});
  }
  if (!moved.empty()) {
    pg::parameters p;
    p.add_array(type::uuid, moved, [](const hold_row& r) { return r.account; });
    p.add_array(type::int8, moved, [](const hold_row& r) { return number(r.opened_seq); });
    p.add_array(type::int8, moved, [](const hold_row& r) { return number(r.last->seq); });
    p.add_array(type::boolean, moved, is_closed);
    into.push_back({"SELECT journal_move_holds($1,$2,$3,$4)", std::move(p)});
  }
  add_reminders(into, round);
}

} // namespace tessera::persistence
