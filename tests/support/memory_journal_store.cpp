#include "tests/support/memory_journal_store.hpp"

#include "messages/entry_names.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace tessera::test {

using persistence::append_outcome;
using persistence::append_status;

namespace {

/// The first write set with entries of each account, in the order of the round.
std::vector<const write_set*> heads_of(memory_ledger::round writes) {
  std::vector<const write_set*> heads;
  std::unordered_set<account_id> seen;
  for (const auto* set : writes)
    if (!set->events.empty() && seen.insert(set->events.front().booked.account).second) heads.push_back(set);
  return heads;
}

/// As PostgreSQL meets them: by account, then as they stand in the round.
std::vector<const entry*> entries_of(memory_ledger::round writes) {
  std::vector<const entry*> entries;
  for (const auto* set : writes)
    for (const auto& event : set->events)
      entries.push_back(&event.booked);
  std::ranges::stable_sort(entries, {}, [](const entry* each) { return each->account; });
  return entries;
}

std::vector<uuid> keys_of(memory_ledger::round writes) {
  std::vector<uuid> keys;
  for (const auto* set : writes)
    set->for_each_key([&](const idempotency_key& key) { keys.push_back(key.key); });
  return keys;
}

/// What becomes free beside a debt repays it with the next entry.
bool may_leave_credits_beside_debt(entry_type type) {
  using enum entry_type;
  constexpr entry_type those[] = {
      purchase, grant, bonus, release, allocate_in, return_in, reclaim_in, expire, reinstate, reverse};
  return std::ranges::find(those, type) != std::end(those);
}

/// The CHECK constraints of credit_entries.
bool breaks_a_check(const entry& row) {
  const auto& after = row.after;
  const credits least = std::min({row.units, after.available, after.reserved, after.used, after.debt});
  const bool beside_debt = !after.debt.is_zero() && !after.available.is_zero();
  return least < credits{0} || (beside_debt && !may_leave_credits_beside_debt(row.type));
}

recorded_spend recorded_from(const entry& spent) {
  return {
      .idempotency = *spent.idempotency,
      .account = spent.account,
      .seq = spent.seq,
      .amount = spent.units,
      .available = spent.usable_after,
      .would_allow = {}};
}

append_outcome refused(std::string reason) {
  return {append_status::refused, {}, {}, std::move(reason)};
}

bool has_units(const lot& each) {
  return each.free + each.held > credits{0};
}

} // namespace

void memory_ledger::open_account(const entry& genesis) {
  std::lock_guard lock(mutex_);
  auto& rows = accounts_[genesis.account];
  rows.events.push_back({genesis, {}, {}});
  rows.snapshot.account = genesis.account;
  rows.snapshot.tenant = genesis.tenant;
  rows.snapshot.head = genesis.hash;
  rows.snapshot.booked_at = genesis.booked_at;
}

void memory_ledger::put_inbox(const inbox_command& command) {
  std::lock_guard lock(mutex_);
  inbox_[id_of(command)] = {command, {}, {}, {}};
}

/// The order of the statements of a round, each of which may undo it all.
append_outcome memory_ledger::append(round writes, std::span<const balance_alert> alerts) {
  std::lock_guard lock(mutex_);
  if (auto accounts = outrun(writes); !accounts.empty())
    return {append_status::outrun, {}, std::move(accounts), "predecessor"};
  if (auto problem = entries_problem(writes)) return *problem;
  if (auto problem = lots_problem(writes)) return *problem;
  if (auto accounts = reversing_too_much(writes); !accounts.empty())
    return {append_status::outrun, {}, std::move(accounts), "reversals"};
  if (has_fulfilled_row(writes)) {
    append_outcome outcome{append_status::outrun, {}, {}, "inbox"};
    for (const auto* set : writes)
      if (!set->absorbed.empty() || !set->refused.empty()) outcome.outrun.push_back(set->owner());
    return outcome;
  }
  if (auto accounts = closed_receivers(writes); !accounts.empty())
    return {append_status::closed, {}, std::move(accounts), "receivers"};
  if (repeats_a_row(writes)) return refused("row");
  if (repeats_an_answer(writes)) return {append_status::duplicate, recorded(keys_of(writes)), {}, "answer"};
  for (const auto* set : writes)
    apply(*set);
  alerts_.insert(alerts_.end(), alerts.begin(), alerts.end());
  return {append_status::committed, {}, {}, {}};
}

void memory_ledger::put_thresholds(const account_id& account, std::vector<alert_threshold> thresholds) {
  std::lock_guard lock(mutex_);
  thresholds_[account] = std::move(thresholds);
}

std::vector<std::pair<account_id, std::vector<alert_threshold>>>
memory_ledger::thresholds(std::span<const account_id> accounts) const {
  std::lock_guard lock(mutex_);
  std::vector<std::pair<account_id, std::vector<alert_threshold>>> found;
  for (const auto& account : accounts)
    if (const auto kept = thresholds_.find(account); kept != thresholds_.end()) found.push_back(*kept);
  return found;
}

std::vector<balance_alert> memory_ledger::alerts() const {
  std::lock_guard lock(mutex_);
  return alerts_;
}

const entry* memory_ledger::entry_at(const account_id& account, std::uint64_t seq) const {
  const auto found = accounts_.find(account);
  if (found == accounts_.end() || seq >= found->second.events.size()) return nullptr;
  return &found->second.events[seq].booked; // gapless from 0
}

std::vector<account_id> memory_ledger::outrun(round writes) const {
  std::vector<account_id> accounts;
  for (const auto* set : heads_of(writes)) {
    const auto& first = set->events.front().booked;
    const auto* before = entry_at(first.account, first.seq - 1);
    if (!before || before->hash != set->previous) accounts.push_back(first.account);
  }
  return accounts;
}

std::vector<account_id> memory_ledger::passed(round writes) const {
  std::vector<account_id> accounts;
  for (const auto* set : heads_of(writes)) {
    const auto& first = set->events.front().booked;
    if (entry_at(first.account, first.seq)) accounts.push_back(first.account);
  }
  return accounts;
}

std::optional<append_outcome> memory_ledger::entries_problem(round writes) const {
  std::set<std::pair<account_id, std::uint64_t>> places;
  std::unordered_set<uuid> keys;
  for (const auto* row : entries_of(writes)) {
    if (breaks_a_check(*row)) return refused("check");
    if (entry_at(row->account, row->seq) || !places.emplace(row->account, row->seq).second) {
      auto accounts = passed(writes);
      const auto status = accounts.empty() ? append_status::transient : append_status::outrun;
      return append_outcome{status, {}, std::move(accounts), "place"};
    }
    if (row->idempotency &&
        (keys_.contains(row->idempotency->key) || !keys.insert(row->idempotency->key).second))
      return append_outcome{append_status::duplicate, recorded(keys_of(writes)), {}, "key"};
  }
  return std::nullopt;
}

std::optional<append_outcome> memory_ledger::lots_problem(round writes) const {
  std::unordered_set<lot_id> opened;
  for (const auto* set : writes)
    for (const auto& event : set->events)
      for (const auto& each : event.opened)
        if (each.amount <= credits{0} || each.priority > 100 || lots_.contains(each.id) ||
            !opened.insert(each.id).second)
          return refused("lot");
  return std::nullopt;
}

/// Accounts of which more would be reversed than a spend took.
std::vector<account_id> memory_ledger::reversing_too_much(round writes) const {
  std::map<std::pair<account_id, std::uint64_t>, credits> left;
  std::unordered_map<account_id, std::vector<const entry*>> here;
  for (const auto* booked : entries_of(writes))
    here[booked->account].push_back(booked);
  std::vector<account_id> accounts;
  for (const auto& [account, entries] : here) {
    const auto each_entry = [&, &account = account, &entries = entries](auto use) {
      if (const auto found = accounts_.find(account); found != accounts_.end())
        for (const auto& event : found->second.events)
          use(event.booked);
      for (const auto* booked : entries)
        use(*booked);
    };
    if (std::ranges::none_of(entries, [](const entry* e) { return e->type == entry_type::reverse; }))
      continue;
    bool too_much = false;
    each_entry([&](const entry& booked) {
      if (booked.type == entry_type::spend || booked.type == entry_type::capture)
        left[{account, booked.seq}] = booked.units;
      if (booked.type != entry_type::reverse) return;
      const auto spent = parse_transaction_id(booked.reference).value_or(entry_place{});
      auto& rest = left[{spent.account, spent.seq}];
      too_much = too_much || booked.units > rest;
      rest -= booked.units;
    });
    if (too_much) accounts.push_back(account);
  }
  return accounts;
}

bool memory_ledger::has_fulfilled_row(round writes) const {
  std::unordered_set<inbox_id> seen;
  const auto is_fulfilled = [&](const inbox_id& id) {
    const auto found = inbox_.find(id);
    return found == inbox_.end() || !found->second.waits() || !seen.insert(id).second;
  };
  for (const auto* set : writes) {
    if (std::ranges::any_of(set->absorbed, is_fulfilled)) return true;
    if (std::ranges::any_of(set->refused, [&](const auto& row) { return is_fulfilled(row.first); }))
      return true;
  }
  return false;
}

void memory_ledger::close_account(const account_id& account) {
  std::lock_guard lock(mutex_);
  closed_.insert(account);
}

/// What comes back goes also to who is gone.
std::vector<account_id> memory_ledger::closed_receivers(round writes) const {
  std::vector<account_id> accounts;
  for (const auto* set : writes) {
    for (const auto& row : set->sent)
      if (row.kind != inbox_kind::allocation_bounce && closed_.contains(row.account))
        accounts.push_back(row.account);
    for (const auto& event : set->events)
      if (event.booked.type == entry_type::reverse && closed_.contains(event.booked.account))
        accounts.push_back(event.booked.account);
  }
  return accounts;
}

bool memory_ledger::repeats_a_row(round writes) const {
  std::unordered_set<inbox_id> seen;
  for (const auto* set : writes)
    for (const auto& row : set->sent)
      if (inbox_.contains(row.id) || !accounts_.contains(row.account) || !seen.insert(row.id).second)
        return true;
  return false;
}

bool memory_ledger::repeats_an_answer(round writes) const {
  std::unordered_set<uuid> seen;
  for (const auto* set : writes)
    if (set->remembered)
      if (const auto& key = set->remembered->idempotency.key;
          answers_.contains(key) || !seen.insert(key).second)
        return true;
  return false;
}

void memory_ledger::apply(const write_set& writes) {
  for (const auto& event : writes.events) {
    const auto& booked = event.booked;
    accounts_[booked.account].events.push_back(event);
    if (booked.idempotency) keys_.emplace(booked.idempotency->key, recorded_from(booked));
    for (const auto& each : event.opened)
      lots_.insert(each.id);
  }
  for (const auto& row : writes.sent)
    inbox_[row.id] = {row, {}, {}, {}};
  if (writes.remembered) {
    answers_.insert(writes.remembered->idempotency.key);
    keys_.insert_or_assign(writes.remembered->idempotency.key, *writes.remembered);
  }
  if (writes.remind) accounts_[writes.owner()].reminder = *writes.remind;
  for (const auto& id : writes.absorbed) {
    inbox_[id].absorbed_seq = writes.last_seq();
    inbox_[id].fulfilled = writes.fulfilled;
  }
  for (const auto& [id, why] : writes.refused)
    if (const auto found = inbox_.find(id); found != inbox_.end() && found->second.waits())
      found->second.refused = why;
}

std::vector<recorded_spend> memory_ledger::recorded(std::span<const uuid> keys) const {
  std::vector<recorded_spend> found;
  std::unordered_set<uuid> seen;
  for (const auto& key : keys)
    if (const auto known = keys_.find(key); known != keys_.end() && seen.insert(key).second)
      found.push_back(known->second);
  return found;
}

std::vector<recorded_spend> memory_ledger::find_keys(std::span<const uuid> keys) const {
  std::lock_guard lock(mutex_);
  return recorded(keys);
}

std::vector<recorded_spend>
memory_ledger::keys_between(const account_id& account, std::uint64_t begin, std::uint64_t end) const {
  std::lock_guard lock(mutex_);
  std::vector<recorded_spend> found;
  if (const auto rows = accounts_.find(account); rows != accounts_.end())
    for (const auto& event : rows->second.events)
      if (event.booked.idempotency && event.booked.seq >= begin && event.booked.seq < end)
        found.push_back(keys_.at(event.booked.idempotency->key));
  return found;
}

std::vector<account_history> memory_ledger::load(std::span<const account_id> accounts) const {
  std::lock_guard lock(mutex_);
  std::vector<account_history> histories;
  for (const auto& account : accounts) {
    const auto found = accounts_.find(account);
    if (found == accounts_.end()) continue;
    auto& history = histories.emplace_back();
    const auto& [snapshot, events, reminder] = found->second;
    history.snapshot = snapshot;
    history.reminder = reminder;
    history.tail.assign(events.begin() + static_cast<std::ptrdiff_t>(snapshot.seq) + 1, events.end());
    history.waiting = rows_of({account, {}});
  }
  return histories;
}

std::vector<inbox_command> memory_ledger::rows_of(const inbox_page& page) const {
  std::vector<inbox_command> rows;
  for (auto next = inbox_.upper_bound(page.after); next != inbox_.end(); ++next)
    if (account_of(next->second.command) == page.account && next->second.waits() &&
        rows.size() < rows_per_inbox_page)
      rows.push_back(next->second.command);
  return rows;
}

std::vector<inbox_command> memory_ledger::waiting(const inbox_page& page) const {
  std::lock_guard lock(mutex_);
  return rows_of(page);
}

void memory_ledger::save(std::span<const account_snapshot> snapshots) {
  std::lock_guard lock(mutex_);
  for (const auto& each : snapshots) {
    const auto found = accounts_.find(each.account);
    if (found == accounts_.end() || found->second.snapshot.seq >= each.seq) continue;
    found->second.snapshot = each;
    std::erase_if(found->second.snapshot.lots, [](const lot& kept) { return !has_units(kept); });
  }
}

std::vector<account_event> memory_ledger::events(const account_id& account) const {
  std::lock_guard lock(mutex_);
  return accounts_.at(account).events;
}

entry memory_ledger::last(const account_id& account) const {
  std::lock_guard lock(mutex_);
  return accounts_.at(account).events.back().booked;
}

account_snapshot memory_ledger::snapshot(const account_id& account) const {
  std::lock_guard lock(mutex_);
  return accounts_.at(account).snapshot;
}

inbox_row memory_ledger::inbox(const inbox_id& id) const {
  std::lock_guard lock(mutex_);
  return inbox_.at(id);
}

std::vector<inbox_row> memory_ledger::all_inboxes() const {
  std::lock_guard lock(mutex_);
  std::vector<inbox_row> rows;
  for (const auto& [id, row] : inbox_)
    rows.push_back(row);
  return rows;
}

memory_journal_store::memory_journal_store(memory_ledger& ledger, journal_faults faults)
    : ledger_(ledger), faults_(faults), random_(faults.seed) {}

append_outcome memory_journal_store::append(const persistence::journal_round& given) {
  const auto round = given.writes;
  rounds.push_back(round.size());
  if (has_culprit(round)) return refused("culprit");
  switch (choose()) {
  case journal_fault::none: {
    auto outcome = ledger_.append(round, given.alerts);
    if (outcome.status == append_status::committed && when_committed) when_committed();
    return outcome;
  }
  case journal_fault::transient: return {append_status::transient, {}, {}, "planned"};
  case journal_fault::unavailable: return {append_status::unavailable, {}, {}, "planned"};
  case journal_fault::unknown_lost: return {append_status::unknown, {}, {}, "planned"};
  case journal_fault::unknown_committed: {
    auto outcome = ledger_.append(round, given.alerts);
    return outcome.status == append_status::committed
               ? append_outcome{append_status::unknown, {}, {}, "planned"}
               : outcome;
  }
  case journal_fault::refused: {
    const auto heads = heads_of(round);
    if (heads.size() > 1) culprit_by_chance_ = heads[random_() % heads.size()]->events.front().booked.account;
    return refused("planned");
  }
  }
  return {};
}

bool memory_journal_store::has_culprit(std::span<const write_set* const> round) {
  const auto heads = heads_of(round);
  const auto stands_there = [&](const std::optional<account_id>& account) {
    return account && std::ranges::any_of(heads, [&](const write_set* set) {
             return set->events.front().booked.account == *account;
           });
  };
  if (stands_there(culprit_)) return true;
  if (!stands_there(culprit_by_chance_)) return false;
  if (heads.size() == 1) culprit_by_chance_.reset();
  return true;
}

journal_fault memory_journal_store::choose() {
  if (!planned_.empty()) {
    const auto fault = planned_.front();
    planned_.pop_front();
    return fault;
  }
  if (happens(faults_.transient)) return journal_fault::transient;
  if (happens(faults_.refused)) return journal_fault::refused;
  if (happens(faults_.unavailable)) return journal_fault::unavailable;
  if (happens(faults_.unknown_committed)) return journal_fault::unknown_committed;
  if (happens(faults_.unknown_lost)) return journal_fault::unknown_lost;
  return journal_fault::none;
}

bool memory_journal_store::happens(double probability) {
  return probability > 0 && std::uniform_real_distribution<>()(random_) < probability;
}

bool memory_journal_store::find_keys(std::span<const uuid> keys, std::vector<recorded_spend>& found) {
  look_ups.push_back(keys.size());
  if (failing_look_ups_ > 0) {
    --failing_look_ups_;
    return false;
  }
  if (happens(faults_.find_keys_fails)) return false;
  found = ledger_.find_keys(keys);
  return true;
}

bool memory_journal_store::keys_between(
    const account_id& account, std::uint64_t begin, std::uint64_t end, std::vector<recorded_spend>& found
) {
  found = ledger_.keys_between(account, begin, end);
  return true;
}

} // namespace tessera::test
