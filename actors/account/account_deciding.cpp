// From a command to a write set or an answer: see account_state.hpp.
#include "actors/account/account_deciding.hpp"

#include "actors/account/account_committing.hpp"
#include "actors/account/account_state.hpp"
#include "actors/account/replays.hpp"
#include "actors/domain/allocation.hpp"
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
  if (outcome.ok()) {
    environment_->statistics.spends += 1;
    const auto receipt = receipt_of(outcome->back().booked);
    return commit(command, std::move(*outcome), receipt);
  }
  // A spend that is in the ledger gets its first answer, however empty the balance is now.
  if (spend.idempotency && !command.key_is_new) return look_up(command, {spend.idempotency->key});
  // The chain proves a success; only a live lease proves that nobody has topped the account up meanwhile.
  if (!environment_->ownership.is_live()) return fail(command, errc::not_owner);
  environment_->statistics.refusals += 1;
  answer_when_durable(command, result<consume_receipt>(outcome.why()));
}

void account_state::decide(pending_command& command, const allocation_order& order) {
  const auto& allocation = order.command();
  if (needs_no_decision(command, allocation)) return;
  auto outcome = tessera::decide(tip_, allocation, now());
  if (!outcome.ok()) return refuse_allocation(command, allocation, outcome.why());
  auto writes = write_set_of(std::move(outcome->events));
  writes.sent = std::move(outcome->sent);
  for (const auto& event : writes.events)
    if (event.booked.idempotency) writes.remembered = first_answer(event.booked);
  const auto seq = writes.sent.front().sender->seq; // of the first leg
  commit(command, std::move(writes), allocation_receipt{tip_.id, seq, false});
}

/// As for a spend; but whoever asks again with the key hears the same (contract 2 `idempotency`).
void account_state::refuse_allocation(
    pending_command& command, const allocate_credits& allocation, rejection why
) {
  if (allocation.idempotency && !command.key_is_new) return look_up(command, {allocation.idempotency->key});
  if (!environment_->ownership.is_live()) return fail(command, errc::not_owner);
  environment_->statistics.refusals += 1;
  if (!allocation.idempotency)
    return answer_when_durable(command, result<allocation_receipt>(std::move(why)));
  write_set writes;
  writes.remembered = recorded_spend{
      *allocation.idempotency,
      tip_.id,
      tip_.seq,
      why.requested,
      why.available,
      why.code,
      why.blocker,
      why.would_allow};
  writes.account = tip_.id;
  submit(
      command,
      std::make_shared<const write_set>(std::move(writes)),
      caf::make_message(result<allocation_receipt>(std::move(why)))
  );
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
  taken_in_.emplace(receive.id, last_ticket_ + 1);
  if (!outcome.ok()) return refuse_inbox(command, receive, outcome.code());
  auto writes = write_set_of(std::move(*outcome));
  writes.absorbed.push_back(receive.id);
  seal(writes, tip_.head, environment_->writer);
  submit(command, std::make_shared<const write_set>(std::move(writes)), {});
}

/// Units that another account paid for go back to it; new ones never were.
void account_state::refuse_inbox(pending_command& command, const receive_credits& receive, errc why) {
  write_set writes;
  writes.account = tip_.id;
  writes.refused.emplace_back(receive.id, why);
  if (receive.sender) writes.sent.push_back(bounce_of(receive));
  submit(command, std::make_shared<const write_set>(std::move(writes)), {});
}

void account_state::decide(pending_command& command, const expire_lots& expiry) {
  auto events = tessera::decide(tip_, expiry, now());
  if (events.empty()) {
    // The lots that looked due have nothing left: let the snapshot say so, also if the last one was lost.
    saved_seq_ = 0;
    write_down();
    return answer_when_durable(command, result<expiry_booked>(expiry_booked{}));
  }
  expiry_booked booked;
  for (const auto& event : events)
    if (event.booked.type == entry_type::expire) booked.expired += event.booked.units;
  commit(command, std::move(events), booked);
}

void account_state::decide(pending_command& command, const inbox_barrier& barrier) {
  answer_when_durable(command, result<inbox_absorbed>(inbox_absorbed{tip_.seq, barrier.count}));
}

} // namespace tessera
