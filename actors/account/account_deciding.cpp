// From a command to a write set or an answer: see account_state.hpp.
#include "actors/account/account_deciding.hpp"

#include "actors/account/account_committing.hpp"
#include "actors/account/account_state.hpp"
#include "actors/account/replays.hpp"
#include "actors/domain/allocation.hpp"
#include "actors/domain/decision_parts.hpp"
#include "actors/domain/freezes.hpp"
#include "actors/domain/instructions.hpp"
#include "actors/domain/must.hpp"
#include "actors/domain/reversals.hpp"
#include "actors/domain/transfer.hpp"

#include <algorithm>
#include <utility>

namespace tessera {

namespace {

constexpr std::chrono::milliseconds wariness{1'000};

void learn(atomic_order& batch, const keys_looked_up& answer) {
  for (const auto& key : answer.keys)
    batch.looked_up.try_emplace(key);
  for (const auto& spend : answer.found)
    batch.looked_up[spend.idempotency.key] = spend;
}

void learn(pending_command& command, const keys_looked_up& answer) {
  if (auto* batch = std::get_if<atomic_order>(&command.order)) return learn(*batch, answer);
  command.key_is_new = std::ranges::none_of(answer.found, [&](const recorded_spend& spend) {
    return spend.idempotency.key == command.key()->key;
  });
}

} // namespace

void account_state::decide_one(pending_command command) {
  try {
    std::visit([&](const auto& order) { decide(command, order); }, command.order);
  } catch (...) {
    fail(command, errc::outcome_unknown); // tells nobody when the command waits elsewhere by now
    throw;
  }
}

/// When one cannot be decided, those after it are not forgotten.
void account_state::decide_in_order(std::vector<pending_command> commands) {
  auto next = commands.begin();
  try {
    while (next != commands.end())
      decide_one(std::move(*next++));
  } catch (...) {
    for (; next != commands.end(); ++next)
      fail(*next, errc::outcome_unknown);
    throw;
  }
}

void account_state::decide(pending_command& command, const consume_order& order) {
  const auto& spend = order.command();
  if (needs_no_decision(command, spend)) return;
  auto outcome = tessera::decide(tip_, spend, now());
  if (!outcome.ok()) return refuse<consume_receipt>(command, spend, outcome.why());
  environment_->statistics.spends += 1;
  const auto receipt = receipt_of(outcome->back().booked);
  commit(command, std::move(*outcome), receipt);
}

void account_state::decide(pending_command& command, const allocation_order& order) {
  const auto& allocation = order.command();
  if (needs_no_decision(command, allocation)) return;
  auto outcome = tessera::decide(tip_, allocation, now());
  if (!outcome.ok()) return refuse_for_good<allocation_receipt>(command, allocation, outcome.why());
  auto writes = write_set_of(std::move(outcome->events));
  writes.sent = std::move(outcome->sent);
  remember_answer(writes);
  const auto seq = writes.sent.front().sender->seq; // of the first leg
  commit(command, std::move(writes), allocation_receipt{tip_.id, seq, false});
}

void account_state::decide(pending_command& command, const reversal_order& order) {
  const auto& reversal = order.command();
  // Authority comes before the key: nobody is told by its answer what others did.
  if (!may_reverse(reversal))
    return answer_when_durable(command, result<reversal_receipt>(errc::not_the_spender));
  if (needs_no_decision(command, reversal)) return;
  if (!reversals_.are_known(reversal.spend))
    return answer_when_durable(command, result<reversal_receipt>(errc::reversed_meanwhile));
  // Another owner has written: this account is over.
  must(!knows_less_than(tip_, reversal.spend), "the ledger goes on with its account");
  auto outcome = tessera::decide(tip_, reversal, now());
  if (!outcome.ok()) return refuse_for_good<reversal_receipt>(command, reversal, outcome.why());
  auto writes = write_set_of(std::move(*outcome));
  remember_answer(writes);
  auto receipt = receipt_of_reversal(writes);
  receipt.available = usable_when_done(tip_, writes.events, reversal_in(writes));
  remember_what_is_left(writes, receipt.available);
  reversals_.note(reversal.spend.spent.seq, receipt.seq);
  commit(command, std::move(writes), receipt);
}

void account_state::decide(pending_command& command, const freeze_order& order) {
  const auto& change = order.command();
  if (needs_no_decision(command, change)) return;
  auto events = tessera::decide(tip_, change, now());
  if (!events.empty()) {
    const auto seq = events.back().booked.seq;
    auto writes = write_set_of(std::move(events));
    remember_answer(writes);
    return commit(command, std::move(writes), freeze_receipt{tip_.id, seq, false});
  }
  if (change.idempotency && !command.key_is_new) return look_up(command, {change.idempotency->key});
  if (!environment_->ownership.is_live()) return fail(command, errc::not_owner);
  const result<freeze_receipt> unchanged(freeze_receipt{tip_.id, 0, false});
  if (!change.idempotency) return answer_when_durable(command, unchanged);
  write_set writes;
  writes.account = tip_.id;
  writes.seq = tip_.seq;
  writes.remembered = recorded_spend{.idempotency = *change.idempotency, .account = tip_.id};
  submit(command, std::make_shared<const write_set>(std::move(writes)), caf::make_message(unchanged));
}

bool account_state::is_overtaking(const batch_place& place) const {
  const batch_place start{place.batch, 0};
  const auto asked = asking_.lower_bound(start);
  const auto held = held_.lower_bound(start);
  return (asked != asking_.end() && *asked < place) || (held != held_.end() && held->first < place);
}

/// Those that no longer overtake anything, each batch in its order.
void account_state::decide_held() {
  for (auto next = held_.begin(); next != held_.end();) {
    if (is_overtaking(next->first)) {
      next = held_.lower_bound({next->first.batch + 1, 0});
      continue;
    }
    auto command = std::move(next->second);
    next = held_.erase(next);
    decide_one(std::move(command));
  }
}

std::optional<recorded_spend> account_state::pending_answer_of(const uuid& key) const {
  const auto running = pending_keys_.find(key);
  if (running == pending_keys_.end()) return std::nullopt;
  return std::visit([](const auto* first) { return first_answer(*first); }, running->second);
}

/// What is asked for already is not asked for twice.
void account_state::look_up(pending_command& command, std::vector<uuid> keys) {
  if (command.place.batch != 0) asking_.insert(command.place);
  auto& waiting = looking_up_[keys.front()];
  waiting.push_back(std::move(command));
  if (waiting.size() > 1) return;
  journal_item question{
      .channel = channel_, .attempt = attempt_, .writes = nullptr, .look_up = {}, .to = {}, .answer = {}};
  question.size = static_cast<std::uint32_t>(keys.size());
  question.look_up = std::move(keys);
  question.reads_near = std::chrono::steady_clock::now() >= near_known_until_;
  environment_->log.push(std::move(question));
}

/// Where one old key came, more will: a look-up costs them less than a refused round costs everybody.
void account_state::be_wary() {
  wary_until_ = std::chrono::steady_clock::now() + wariness;
}

/// Old keys that follow are in memory now: nobody needs to be looked up for them. If others come all the
/// same, they are spread, and wariness is what helps.
void account_state::remember_near(const std::vector<recorded_spend>& near) {
  if (near.empty()) return;
  for (const auto& spend : near)
    if (spend.seq <= durable().seq) environment_->keys.remember(spend);
  wary_until_ = {};
  near_known_until_ = std::chrono::steady_clock::now() + wariness;
}

void account_state::handle(const keys_looked_up& answer) {
  auto asked = looking_up_.extract(answer.keys.front());
  if (asked.empty() || phase_ != phase::serving) return;
  catch_up();
  remember_near(answer.near);
  for (const auto& spend : answer.found) {
    if (pending_keys_.contains(spend.idempotency.key)) continue; // durable, and not yet told so
    if (spend.account == tip_.id && spend.seq > durable().seq) {
      // Late bytes, or another owner: the ledger has gone on without this account.
      for (const auto& command : asked.mapped())
        fail(command, errc::outcome_unknown);
      return retire();
    }
    if (!environment_->keys.find(spend.idempotency.key)) be_wary();
    environment_->keys.remember(spend);
  }
  for (auto& command : asked.mapped()) {
    asking_.erase(command.place);
    if (answer.failure != errc::ok)
      fail(command, answer.failure);
    else
      learn(command, answer);
  }
  if (answer.failure == errc::ok) decide_in_order(std::move(asked.mapped()));
  decide_held();
}

void account_state::decide(pending_command& command, const receive_credits& receive) {
  if (taken_in_.contains(receive.id)) return;
  auto outcome = tessera::decide(tip_, receive, now());
  // What comes back has nowhere else to go: its row waits until there is room.
  if (!outcome.ok() && receive.kind == inbox_kind::allocation_bounce) return;
  if (!outcome.ok()) return refuse_inbox(command, receive, outcome.code());
  auto writes = write_set_of(std::move(*outcome));
  writes.fulfilled = units_in(receive.lots).value_or(credits{});
  fulfil(command, receive.id, std::move(writes));
}

void account_state::decide(pending_command& command, const instruction& asked) {
  if (taken_in_.contains(asked.id)) return;
  auto outcome = tessera::decide(tip_, asked, now());
  if (!outcome.ok()) return refuse_inbox(command, asked, outcome.code());
  // No entry, no chain: only a live lease proves that this rests on the newest balance.
  if (outcome->events.empty() && !environment_->ownership.is_live()) return;
  auto writes = write_set_of(std::move(outcome->events));
  writes.sent = std::move(outcome->sent);
  writes.fulfilled = outcome->fulfilled;
  fulfil(command, asked.id, std::move(writes));
}

void account_state::fulfil(pending_command& command, const inbox_id& row, write_set writes) {
  taken_in_.emplace(row, last_ticket_ + 1);
  writes.account = tip_.id;
  writes.seq = tip_.seq;
  writes.absorbed.push_back(row);
  remind_of_holds(writes, reminder_);
  seal(writes, tip_.head, environment_->writer);
  submit(command, std::make_shared<const write_set>(std::move(writes)), {});
}

/// Units that another account paid for go back to it; new ones never were. Rests on the newest balance: the
/// row waits where that can't be known.
template <class Command>
void account_state::refuse_inbox(pending_command& command, const Command& asked, errc why) {
  if (!environment_->ownership.is_live()) return;
  taken_in_.emplace(asked.id, last_ticket_ + 1);
  write_set writes;
  writes.account = tip_.id;
  writes.seq = tip_.seq;
  writes.refused.emplace_back(asked.id, why);
  if constexpr (requires { asked.sender; })
    if (asked.sender) writes.sent.push_back(bounce_of(asked));
  submit(command, std::make_shared<const write_set>(std::move(writes)), {});
}

/// That whoever gets the credits is gone is an answer, and remembered as others are; an inbox row that asks
/// for it would be met at each reading.
void account_state::refuse_culprit(pending_command& command, errc why) {
  if (why == errc::entity_closed) {
    command.key_is_new = true; // it was about to be written, and nobody else wrote it
    if (const auto* order = std::get_if<allocation_order>(&command.order))
      return refuse_for_good<allocation_receipt>(command, order->command(), why);
    if (const auto* order = std::get_if<reversal_order>(&command.order))
      return refuse_for_good<reversal_receipt>(command, order->command(), why);
    if (const auto* asked = std::get_if<instruction>(&command.order))
      return refuse_inbox(command, *asked, why);
  }
  fail(command, why);
}

void account_state::decide(pending_command& command, const expire_lots& expiry) {
  auto events = tessera::decide(tip_, expiry, now());
  const bool is_time = reminder_.at && *reminder_.at <= now();
  if (events.empty() && is_time && environment_->ownership.is_live()) {
    // The holds that were to end have been captured or released.
    write_set writes;
    writes.account = tip_.id;
    writes.seq = tip_.seq;
    remind_of_next(writes, reminder_, tip_, {});
    return submit(
        command,
        std::make_shared<const write_set>(std::move(writes)),
        caf::make_message(result<expiry_booked>(expiry_booked{}))
    );
  }
  if (events.empty()) {
    // The lots that looked due have nothing left: let the snapshot say so, also if the last one was lost.
    // Those that a hold protects look so until it ends.
    if (!protects_what_is_over(tip_, now())) saved_seq_ = 0;
    write_down();
    return answer_when_durable(command, result<expiry_booked>(expiry_booked{}));
  }
  expiry_booked booked;
  for (const auto& event : events)
    if (event.booked.type == entry_type::expire) booked.expired += event.booked.units;
  auto writes = write_set_of(std::move(events));
  if (is_time) remind_of_next(writes, reminder_, tip_, writes.events);
  commit(command, std::move(writes), booked);
}

void account_state::decide(pending_command& command, const inbox_barrier& barrier) {
  answer_when_durable(command, result<inbox_absorbed>(inbox_absorbed{tip_.seq, barrier.count}));
}

} // namespace tessera
