#include "persistence/stores/hold_reminder_statements.hpp"

#include "persistence/stores/int8.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace tessera::persistence {

namespace {

using type = pg::parameters::type;

/// An account's reminder as the round leaves it, and the account's last entry then.
struct reminder_row {
  std::uint64_t seq = 0;
  std::optional<hold_reminder> reminder;
};

pg::statement remind_statement(const std::map<account_id, reminder_row>& rows) {
  pg::parameters p;
  p.add_array(type::uuid, rows, [](const auto& row) { return row.first; });
  p.add_array(type::timestamptz, rows, [](const auto& row) { return row.second.reminder->at; });
  p.add_array(type::int8, rows, [](const auto& row) { return int8_of(row.second.seq); });
  return {"SELECT journal_remind($1,$2,$3)", std::move(p)};
}

} // namespace

void add_hold_reminders(std::vector<pg::statement>& into, std::span<const write_set* const> round) {
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

} // namespace tessera::persistence
