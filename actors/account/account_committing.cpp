// What becomes durable, and what does not: see account_state.hpp.
#include "actors/account/account_committing.hpp"

#include "actors/domain/alerts.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace tessera {

namespace {

// What an activation after a crash folds at most, but for the last rounds; a snapshot costs about as much as
// two entries.
constexpr std::uint64_t entries_per_snapshot = 256;

/// What it takes of a round: the rows that it writes.
std::uint32_t size_of(const write_set* writes) {
  const auto rows = writes ? writes->events.size() + writes->sent.size() : 0;
  return std::max<std::uint32_t>(1, static_cast<std::uint32_t>(rows));
}

} // namespace

write_set write_set_of(decided events) {
  write_set writes;
  for (const auto& event : events)
    if (event.booked.type == entry_type::expire)
      for (const auto& part : event.booked.slices)
        writes.closed.push_back(part.lot);
  writes.events = std::move(events);
  return writes;
}

recorded_spend first_answer(const entry& booked) {
  return {
      .idempotency = *booked.idempotency,
      .account = booked.account,
      .seq = booked.seq,
      .amount = booked.units,
      .available = booked.usable_after,
      .would_allow = {}};
}

void remember_answer(write_set& writes) {
  for (const auto& event : writes.events)
    if (event.booked.idempotency) writes.remembered = first_answer(event.booked);
}

void remember_what_is_left(write_set& writes, credits available) {
  for (const auto& event : writes.events) {
    if (!event.booked.idempotency || event.booked.usable_after == available) continue;
    writes.remembered = first_answer(event.booked);
    writes.remembered->available = available;
  }
}

recorded_spend
remembered_refusal(const idempotency_key& key, const credit_account& by, const rejection& why) {
  return {key, by.id, by.seq, why.requested, why.available, why.code, why.blocker, why.would_allow};
}

void account_state::submit(
    pending_command& command, std::shared_ptr<const write_set> writes, caf::message answer
) {
  if (pending_.empty() && writes) durable_ = std::make_unique<credit_account>(tip_);
  command.ticket = ++last_ticket_;
  command.writes = std::move(writes);
  pending_.push_back(std::move(command));
  const auto& kept = pending_.back();
  std::vector<balance_alert> alerts;
  if (kept.writes) {
    alerts = evolve_and_tell(tip_, kept.writes->events, thresholds_);
    kept.writes->for_each_answer([this](const auto& first) {
      pending_keys_.emplace(key_of(first).key, &first);
    });
  }
  environment_->log.push(
      {channel_,
       kept.ticket,
       attempt_,
       size_of(kept.writes.get()),
       kept.writes,
       {},
       kept.to,
       std::move(answer),
       false,
       std::move(alerts)}
  );
}

/// Brings `durable` up to what the lane has published since this account last ran.
void account_state::catch_up() {
  const auto done = channel_->durable_ticket.load(std::memory_order_acquire);
  while (!pending_.empty() && pending_.front().ticket <= done) {
    settle(pending_.front());
    pending_.pop_front();
  }
  // A snapshot has all open holds: the more there are, the rarer it is.
  const auto distance = std::max<std::uint64_t>(entries_per_snapshot, durable().holds.size());
  if (durable().seq >= saved_seq_ + distance) write_down();
  if (pending_.empty()) durable_.reset(); // it is the tip
}

void account_state::settle(pending_command& done) {
  if (!done.writes) return;
  for (const auto& event : done.writes->events)
    evolve(*durable_, event);
  if (done.writes->remind) durable_reminder_ = *done.writes->remind;
  done.writes->for_each_answer([this](const auto& first) {
    environment_->keys.remember(first_answer(first));
    pending_keys_.erase(key_of(first).key);
  });
}

void account_state::handle(const round_refused& refusal) {
  if (phase_ != phase::serving || refusal.attempt != attempt_) return;
  catch_up();
  for (const auto& spend : refusal.recorded)
    environment_->keys.remember(spend);
  if (!refusal.culprits.empty()) return decide_again_without(refusal);
  switch (refusal.why) {
  case errc::idempotency_key_reused: return be_wary(), decide_all_again();
  case errc::outcome_unknown: return retire();
  default: return fail_all(refusal.why);
  }
}

/// Takes back everything that is pending: the tip is the durable balance again, and a new attempt begins.
account_state::pending_list account_state::withdraw() {
  for (const auto& command : pending_)
    if (const auto* row = command.row()) taken_in_.erase(*row);
  pending_keys_.clear();
  if (durable_) tip_ = std::move(*durable_);
  durable_.reset();
  reversals_.go_back_to(tip_.seq);
  reminder_ = durable_reminder_;
  ++attempt_;
  return std::exchange(pending_, {});
}

/// Nothing of what is pending happened: as if it arrived now, in the same order.
void account_state::decide_all_again() {
  decide_again(withdraw());
}

void account_state::decide_again(pending_list taken_back) {
  environment_->statistics.decided_again += taken_back.size();
  for (auto& command : taken_back)
    command.writes = nullptr;
  decide_in_order({std::make_move_iterator(taken_back.begin()), std::make_move_iterator(taken_back.end())});
}

/// The ledger takes these commands never, or not now; the others must not suffer for it.
void account_state::decide_again_without(const round_refused& refusal) {
  auto taken_back = withdraw();
  pending_list culprits;
  for (auto next = taken_back.begin(); next != taken_back.end();) {
    const auto here = next++;
    if (std::ranges::find(refusal.culprits, here->ticket) != refusal.culprits.end())
      culprits.splice(culprits.end(), taken_back, here);
  }
  for (auto& command : culprits) {
    command.writes = nullptr;
    refuse_culprit(command, refusal.why);
  }
  decide_again(std::move(taken_back));
}

/// Nothing of what is pending happened, or nobody knows: everybody is told.
void account_state::fail_all(errc why) {
  for (const auto& command : withdraw())
    fail(command, why);
  // Rows of a page that was taken in may be among it.
  for (const auto& to : std::exchange(inbox_waiters_, {}))
    to.answer(result<inbox_absorbed>(why));
  if (why != errc::outcome_unknown) return;
  for (const auto& [key, waiting] : std::exchange(looking_up_, {}))
    for (const auto& command : waiting)
      fail(command, why);
  asking_.clear();
  for (const auto& [place, command] : std::exchange(held_, {}))
    fail(command, why);
  for (const auto& command : std::exchange(before_loading_, {}))
    fail(command, why);
  fail_questions(why);
  for (const auto& to : std::exchange(next_inbox_waiters_, {}))
    to.answer(result<inbox_absorbed>(why));
}

void account_state::fail(const pending_command& command, errc why) const {
  struct answer {
    const reply_address& to;
    errc why;
    void operator()(const consume_order&) const { to.answer(result<consume_receipt>(why)); }
    void operator()(const atomic_order&) const { to.answer(result<atomic_receipt>(why)); }
    void operator()(const allocation_order&) const { to.answer(result<allocation_receipt>(why)); }
    void operator()(const hold_order&) const { to.answer(result<hold_receipt>(why)); }
    void operator()(const capture_order&) const { to.answer(result<hold_receipt>(why)); }
    void operator()(const release_order&) const { to.answer(result<hold_receipt>(why)); }
    void operator()(const reversal_order&) const { to.answer(result<reversal_receipt>(why)); }
    void operator()(const freeze_order&) const { to.answer(result<freeze_receipt>(why)); }
    void operator()(const expire_lots&) const { to.answer(result<expiry_booked>(why)); }
    void operator()(const inbox_barrier&) const { to.answer(result<inbox_absorbed>(why)); }
    void operator()(const receive_credits&) const {} // nobody waits; the row does
    void operator()(const instruction&) const {}     // likewise
  };
  std::visit(answer{command.to, why}, command.order);
}

} // namespace tessera
