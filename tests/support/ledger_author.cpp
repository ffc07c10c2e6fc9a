#include "tests/support/ledger_author.hpp"

#include "actors/account/seal.hpp"
#include "actors/domain/allocation.hpp"
#include "actors/domain/atomic_batch.hpp"
#include "actors/domain/freezes.hpp"
#include "actors/domain/hold_reminders.hpp"
#include "actors/domain/instructions.hpp"
#include "actors/domain/reversals.hpp"
#include "actors/domain/transfer.hpp"
#include "tests/support/reversible.hpp"

#include <algorithm>
#include <utility>

namespace tessera::test {

ledger_author::ledger_author(const entry& genesis) : now_(genesis.booked_at) {
  evolve(account_, {genesis, {}, {}});
}

ledger_author::ledger_author(const account_history& history)
    : account_(fold(history)), reminder_(history.reminder), now_(account_.booked_at) {}

write_set ledger_author::receive(const receive_credits& command) {
  auto writes = sealed(*decide(account_, command, next()));
  writes.absorbed.push_back(command.id);
  writes.fulfilled = units_in(command.lots).value_or(credits{});
  return writes;
}

write_set ledger_author::receive(const lot& opened) {
  receive_credits command;
  command.account = account_.id;
  command.lots = {opened};
  return sealed(*decide(account_, command, next()));
}

write_set ledger_author::spend(std::int64_t amount, std::optional<idempotency_key> key) {
  auto command = consume(amount);
  command.account = account_.id;
  command.idempotency = key;
  return sealed(*decide(account_, command, next()));
}

write_set ledger_author::spend(const consume_atomically& batch) {
  return sealed(*decide(account_, batch, next()));
}

write_set ledger_author::allocate(std::vector<allocation_leg> legs, std::optional<idempotency_key> key) {
  allocate_credits command;
  command.account = account_.id;
  command.allocation_id = "alloc-" + to_string(legs.front().id);
  command.legs = std::move(legs);
  command.idempotency = key;
  command.requested_by = {principal_kind::api_key, "key-1", "crm"};
  command.request_id = "req-3";
  auto decided = *decide(account_, command, next());
  auto writes = sealed(std::move(decided.events));
  writes.sent = std::move(decided.sent);
  if (key) {
    const auto& first = *std::ranges::find(writes.events, key, [](const account_event& event) {
      return event.booked.idempotency;
    });
    writes.remembered = recorded_spend{
        .idempotency = *key,
        .account = account_.id,
        .seq = first.booked.seq,
        .amount = first.booked.units,
        .available = first.booked.usable_after,
        .would_allow = {}};
  }
  return writes;
}

write_set
ledger_author::hold(std::int64_t amount, time_point::duration ttl, std::optional<idempotency_key> key) {
  auto command = test::hold(amount, ttl);
  command.account = account_.id;
  command.idempotency = key;
  return sealed(*decide(account_, command, next()));
}

write_set ledger_author::capture(std::uint64_t hold, std::int64_t amount, bool final) {
  auto command = test::capture(hold, amount);
  command.account = account_.id;
  command.final = final;
  return sealed(*decide(account_, command, next()));
}

write_set ledger_author::release(std::uint64_t hold) {
  auto command = test::release(hold);
  command.account = account_.id;
  return sealed(*decide(account_, command, next()));
}

write_set ledger_author::reverse(std::uint64_t spent, std::optional<std::int64_t> amount) {
  return reverse(reversal_of(spent_by(spent), amount));
}

write_set ledger_author::reverse(const reverse_spend& command) {
  return sealed(*decide(account_, command, next()));
}

reversible_spend ledger_author::spent_by(std::uint64_t seq) const {
  return read_spend(written_, seq);
}

write_set ledger_author::carry_out(const instruction& asked) {
  auto done = *decide(account_, asked, next());
  auto writes = sealed(std::move(done.events));
  writes.absorbed.push_back(asked.id);
  writes.fulfilled = done.fulfilled;
  writes.sent = std::move(done.sent);
  return writes;
}

write_set ledger_author::send_up(inbox_kind kind, allocation_leg leg) {
  allocate_credits command;
  command.account = account_.id;
  command.kind = kind;
  command.allocation_id = "alloc-" + to_string(leg.id);
  command.legs = {leg};
  command.requested_by = {principal_kind::user, "usr-1", "crm"};
  command.request_id = "req-3";
  auto decided = *decide(account_, command, next());
  auto writes = sealed(std::move(decided.events));
  writes.sent = std::move(decided.sent);
  return writes;
}

write_set ledger_author::change_freeze(bool frozen) {
  tessera::change_freeze command;
  command.account = account_.id;
  command.frozen = frozen;
  return sealed(decide(account_, command, next()));
}

write_set ledger_author::expire() {
  const auto before = account_;
  auto writes = sealed(decide(account_, expire_lots{}, next()));
  if (reminder_.at && *reminder_.at <= now_) remind_of_next(writes, reminder_, before, writes.events);
  return writes;
}

ledger_author& ledger_author::pass(std::chrono::microseconds time) {
  now_ += time;
  return *this;
}

time_point ledger_author::next() {
  return now_ += std::chrono::seconds{1};
}

write_set ledger_author::sealed(decided events) {
  write_set writes;
  writes.events = std::move(events);
  for (const auto& event : writes.events)
    if (event.booked.type == entry_type::expire)
      for (const auto& each : event.booked.slices)
        writes.closed.push_back(each.lot);
  writes.account = account_.id;
  writes.seq = account_.seq;
  remind_of_holds(writes, reminder_);
  seal(writes, account_.head, test_writer);
  for (const auto& event : writes.events)
    evolve(account_, event);
  written_.insert(written_.end(), writes.events.begin(), writes.events.end());
  return writes;
}

credit_account fold(const account_history& history) {
  auto account = restore(history.snapshot);
  for (const auto& event : history.tail)
    evolve(account, event);
  return account;
}

credit_account fold(const std::vector<account_event>& events) {
  credit_account account;
  for (const auto& event : events)
    evolve(account, event);
  return account;
}

} // namespace tessera::test
