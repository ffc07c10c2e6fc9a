#include "actors/journal/lane.hpp"

#include "actors/support/crash_point.hpp"
#include "persistence/stores/transfer_statements.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace tessera {

namespace {

// Of an account's entries around one whose key was found: callers go through their lists in order, several at
// once.
constexpr std::uint64_t near_before = 64;
constexpr std::uint64_t near_in_all = 1'088;
// Reading them takes the lane's time at most once in so many times of what it took.
constexpr int near_share = 10;

template <class Message> void tell(const account_channel& channel, Message message) {
  if (auto owner = channel.owner.lock())
    caf::anon_send(caf::actor_cast<account_actor>(owner), std::move(message));
}

std::vector<const write_set*> writes_of(const std::vector<journal_item>& items) {
  std::vector<const write_set*> sets;
  for (const auto& item : items)
    if (item.writes) sets.push_back(item.writes.get());
  return sets;
}

std::vector<balance_alert> alerts_of(const std::vector<journal_item>& items) {
  std::vector<balance_alert> alerts;
  for (const auto& item : items)
    alerts.insert(alerts.end(), item.alerts.begin(), item.alerts.end());
  return alerts;
}

std::size_t entries_in(const std::vector<const write_set*>& sets) {
  std::size_t count = 0;
  for (const auto* set : sets)
    count += set->events.size();
  return count;
}

std::size_t size_of(const std::vector<journal_item>& items) {
  return std::accumulate(items.begin(), items.end(), std::size_t{0}, [](auto sum, const auto& item) {
    return sum + item.size;
  });
}

/// For the crash points: something arrives, something leaves.
bool absorbs(const std::vector<const write_set*>& sets) {
  return std::ranges::any_of(sets, [](const write_set* set) { return !set->absorbed.empty(); });
}
bool sends(const std::vector<const write_set*>& sets) {
  return std::ranges::any_of(sets, [](const write_set* set) { return !set->sent.empty(); });
}

/// Accounts with a command in the round whose key is in the ledger already.
std::vector<account_id>
accounts_with(const std::vector<journal_item>& items, const std::vector<recorded_spend>& recorded) {
  std::unordered_set<uuid> keys;
  for (const auto& spend : recorded)
    keys.insert(spend.idempotency.key);
  std::vector<account_id> accounts;
  for (const auto& item : items)
    if (item.writes)
      item.writes->for_each_key([&](const idempotency_key& key) {
        if (keys.contains(key.key)) accounts.push_back(item.channel->account);
      });
  return accounts;
}

/// Those that give credits to one of the accounts: that leave them with it, or give back what it spent.
std::vector<const journal_item*>
those_that_give_to(const std::vector<journal_item>& items, const std::vector<account_id>& accounts) {
  const std::unordered_set<account_id> closed(accounts.begin(), accounts.end());
  const auto leaves = [&](const receive_credits& row) {
    return row.kind != inbox_kind::allocation_bounce && closed.contains(row.account);
  };
  const auto gives_back = [&](const account_event& event) {
    return event.booked.type == entry_type::reverse && closed.contains(event.booked.account);
  };
  std::vector<const journal_item*> givers;
  for (const auto& item : items)
    if (item.writes && (std::ranges::any_of(item.writes->sent, leaves) ||
                        std::ranges::any_of(item.writes->events, gives_back)))
      givers.push_back(&item);
  return givers;
}

bool tells_others(const journal_item& item) {
  return !item.alerts.empty() || (item.writes && persistence::tells_others(*item.writes));
}

} // namespace

lane::lane(persistence::journal_store& store, lane_options options, lane_statistics& statistics)
    : store_(store), options_(std::move(options)), statistics_(statistics) {}

void lane::push(journal_item item) {
  depth_.fetch_add(item.size, std::memory_order_relaxed);
  bool wake = false;
  {
    std::lock_guard lock(mutex_);
    queue_.push_back(std::move(item));
    wake = std::exchange(waiting_, false);
  }
  if (wake) queued_.notify_one();
}

bool lane::wait() {
  std::unique_lock lock(mutex_);
  while (queue_.empty() && !stopped_) {
    waiting_ = true;
    if (to_remind_.empty())
      queued_.wait(lock);
    else if (queued_.wait_until(lock, next_reminder_) == std::cv_status::timeout)
      return true;
  }
  return !queue_.empty();
}

void lane::stop() {
  std::lock_guard lock(mutex_);
  stopped_ = true;
  queued_.notify_one();
}

lane::round lane::take() {
  std::lock_guard lock(mutex_);
  auto end = queue_.begin();
  for (std::size_t size = 0; end != queue_.end(); ++end) {
    size += end->size;
    if (size > options_.max_round && end != queue_.begin()) break;
  }
  round items(std::make_move_iterator(queue_.begin()), std::make_move_iterator(end));
  queue_.erase(queue_.begin(), end);
  return items;
}

bool lane::run_once() {
  auto items = take();
  const bool any = !items.empty();
  if (any) {
    look_up(items);
    settle(std::move(items));
  }
  if (!to_remind_.empty() && std::chrono::steady_clock::now() >= next_reminder_) remind();
  return any;
}

void lane::remind() {
  const auto now = std::chrono::steady_clock::now();
  std::erase_if(to_remind_, [&](const auto& channel) {
    if (channel->published_at + options_.remind_interval > now) return false; // it is likely to run by itself
    channel->awaits_reminder = false;
    tell(*channel, catch_up{});
    return true;
  });
  next_reminder_ = now + options_.remind_interval;
}

void lane::drop_refused(round& items) {
  const auto before = size_of(items);
  std::erase_if(items, [](const journal_item& item) {
    return item.attempt <= item.channel->refused_attempt.load(std::memory_order_relaxed);
  });
  forget(before - size_of(items));
}

void lane::look_up(round& items) {
  const auto first = std::stable_partition(items.begin(), items.end(), [](const auto& item) {
    return item.look_up.empty();
  });
  if (first == items.end()) return;
  std::vector<uuid> keys;
  for (auto item = first; item != items.end(); ++item)
    keys.insert(keys.end(), item->look_up.begin(), item->look_up.end());
  std::vector<recorded_spend> found;
  const auto failure = store_.find_keys(keys, found) ? errc::ok : errc::database_unavailable;
  std::unordered_map<uuid, recorded_spend> by_key;
  for (auto& spend : found)
    by_key.emplace(spend.idempotency.key, spend);
  std::optional<std::pair<const account_channel*, keys_looked_up>> last;
  for (auto item = first; item != items.end(); ++item) {
    keys_looked_up answer{std::move(item->look_up), {}, failure};
    for (const auto& key : answer.keys)
      if (const auto spend = by_key.find(key); spend != by_key.end()) answer.found.push_back(spend->second);
    if (!last && may_read_near(*item, answer))
      last.emplace(item->channel.get(), std::move(answer));
    else
      tell(*item->channel, std::move(answer));
  }
  if (last) {
    read_near(last->second);
    tell(*last->first, std::move(last->second));
  }
  statistics_.look_ups += keys.size();
  forget(keys.size());
  items.erase(first, items.end());
}

bool lane::may_read_near(const journal_item& asked, const keys_looked_up& answer) const {
  return asked.reads_near && !answer.found.empty() &&
         answer.found.front().account == asked.channel->account &&
         std::chrono::steady_clock::now() >= next_near_;
}

/// Who repeats one old key is likely to go on with its neighbours.
void lane::read_near(keys_looked_up& answer) {
  const auto& around = answer.found.front();
  const auto started = std::chrono::steady_clock::now();
  const auto begin = around.seq - std::min(around.seq, near_before);
  if (!store_.keys_between(around.account, begin, begin + near_in_all, answer.near)) answer.near.clear();
  const auto now = std::chrono::steady_clock::now();
  next_near_ = now + (near_share - 1) * (now - started);
}

persistence::append_outcome
lane::append(const std::vector<const write_set*>& sets, const std::vector<balance_alert>& alerts) {
  crash_point("before_round");
  if (absorbs(sets)) crash_point("before_absorption");
  const auto started = std::chrono::steady_clock::now();
  auto outcome = store_.append({sets, alerts});
  const auto took = std::chrono::steady_clock::now() - started;
  statistics_.rounds += 1;
  statistics_.round_time_us +=
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(took).count());
  if (outcome.status != persistence::append_status::committed) return outcome;
  statistics_.entries += entries_in(sets);
  if (absorbs(sets)) crash_point("after_absorption");
  if (sends(sets)) crash_point("after_debit_before_reply");
  crash_point("after_commit_before_reply");
  return outcome;
}

void lane::settle(round items) {
  using persistence::append_status;
  const auto until = std::chrono::steady_clock::now() + options_.transient_patience;
  for (int transient = 0;;) {
    drop_refused(items);
    if (items.empty()) return;
    const auto sets = writes_of(items);
    if (sets.empty()) return publish(items);
    const auto outcome = append(sets, alerts_of(items));
    switch (outcome.status) {
    case append_status::committed: return publish(items);
    case append_status::duplicate:
      if (outcome.recorded.empty()) return settle_repeated_keys(std::move(items));
      statistics_.duplicates += outcome.recorded.size();
      if (refuse(
              items, accounts_with(items, outcome.recorded), errc::idempotency_key_reused, outcome.recorded
          ) == 0)
        return refuse_all(items, errc::database_unavailable);
      break;
    case append_status::outrun:
      statistics_.accounts_outrun += outcome.outrun.size();
      spdlog::warn("journal: {} accounts were outrun by another writer", outcome.outrun.size());
      if (refuse(items, outcome.outrun, errc::outcome_unknown, {}) == 0)
        return refuse_all(items, errc::outcome_unknown);
      break;
    case append_status::closed:
      if (!refuse_these(items, those_that_give_to(items, outcome.outrun), errc::entity_closed))
        return refuse_all(items, errc::database_unavailable);
      break;
    case append_status::transient:
      if (++transient <= options_.max_transient_retries && std::chrono::steady_clock::now() < until) break;
      return refuse_all(items, errc::database_unavailable);
    case append_status::refused:
      statistics_.rounds_refused += 1;
      spdlog::error("journal: a round was refused: {}", outcome.reason);
      return settle_each_account(std::move(items));
    case append_status::unavailable: return refuse_all(items, errc::database_unavailable);
    case append_status::unknown:
      statistics_.rounds_unknown += 1;
      return refuse_all(items, errc::outcome_unknown);
    }
  }
}

/// Two accounts want the same new key: whoever came second tries when the first is in the ledger.
void lane::settle_repeated_keys(round items) {
  std::unordered_set<uuid> keys;
  std::unordered_set<const account_channel*> second;
  for (const auto& item : items)
    if (item.writes)
      item.writes->for_each_key([&](const idempotency_key& key) {
        if (!keys.insert(key.key).second) second.insert(item.channel.get());
      });
  const auto rest = std::stable_partition(items.begin(), items.end(), [&](const auto& item) {
    return !second.contains(item.channel.get());
  });
  if (rest == items.begin() || rest == items.end()) return refuse_all(items, errc::database_unavailable);
  round later(std::make_move_iterator(rest), std::make_move_iterator(items.end()));
  items.erase(rest, items.end());
  settle(std::move(items));
  settle(std::move(later));
}

/// One account's command may be what the database refuses: the others must not suffer for it.
void lane::settle_each_account(round items) {
  const auto one_account = std::all_of(items.begin(), items.end(), [&](const journal_item& item) {
    return item.channel == items.front().channel;
  });
  if (one_account) return settle_one_by_one(std::move(items));
  while (!items.empty()) {
    const auto channel = items.front().channel;
    const auto rest = std::stable_partition(items.begin(), items.end(), [&](const auto& item) {
      return item.channel == channel;
    });
    round mine(std::make_move_iterator(items.begin()), std::make_move_iterator(rest));
    items.erase(items.begin(), rest);
    settle(std::move(mine));
  }
}

/// Nor must what came before it or comes after it at the same account: only the one that is refused alone is
/// the culprit. What follows it was built on it, and is decided again.
void lane::settle_one_by_one(round items) {
  if (items.size() == 1) {
    refuse_these(items, {&items.front()}, errc::database_unavailable);
    return drop_refused(items);
  }
  for (auto& item : items) {
    round one;
    one.push_back(std::move(item));
    settle(std::move(one));
  }
}

void lane::publish(const round& items) {
  // First what the accounts may build on, then the answers: a caller who has its answer finds it in the
  // balance.
  const auto now = std::chrono::steady_clock::now();
  if (to_remind_.empty()) next_reminder_ = now + options_.remind_interval;
  for (const auto& item : items) {
    item.channel->durable_ticket.store(item.ticket, std::memory_order_release);
    item.channel->published_at = now;
    if (!std::exchange(item.channel->awaits_reminder, true)) to_remind_.push_back(item.channel);
  }
  for (const auto& item : items)
    if (item.to.to) item.to.deliver(item.answer);
  forget(size_of(items));
  if (options_.told && std::any_of(items.begin(), items.end(), tells_others)) options_.told();
}

std::size_t lane::refuse(
    round& items,
    const std::vector<account_id>& accounts,
    errc why,
    const std::vector<recorded_spend>& recorded
) {
  const std::unordered_set<account_id> affected(accounts.begin(), accounts.end());
  std::unordered_set<const account_channel*> told;
  for (const auto& item : items) {
    if (!affected.contains(item.channel->account)) continue;
    // Marked before it is told: what the account pushed meanwhile is dropped, what it pushes afterwards is
    // not.
    item.channel->refused_attempt.store(item.attempt, std::memory_order_release);
    if (told.insert(item.channel.get()).second)
      tell(*item.channel, round_refused{item.attempt, why, recorded});
  }
  return told.size();
}

bool lane::refuse_these(round& items, const std::vector<const journal_item*>& culprits, errc why) {
  std::unordered_map<const account_channel*, round_refused> refusals;
  for (const auto* item : culprits) {
    auto& refusal = refusals[item->channel.get()];
    refusal.attempt = item->attempt;
    refusal.why = why;
    refusal.culprits.push_back(item->ticket);
  }
  for (const auto& item : items) {
    const auto refusal = refusals.find(item.channel.get());
    if (refusal == refusals.end()) continue;
    item.channel->refused_attempt.store(item.attempt, std::memory_order_release);
    tell(*item.channel, std::move(refusal->second));
    refusals.erase(refusal);
  }
  return !culprits.empty();
}

void lane::refuse_all(round& items, errc why) {
  std::vector<account_id> accounts;
  for (const auto& item : items)
    accounts.push_back(item.channel->account);
  refuse(items, accounts, why, {});
  drop_refused(items);
}

} // namespace tessera
