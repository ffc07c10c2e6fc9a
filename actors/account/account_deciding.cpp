// From a command to a write set or an answer: see account_state.hpp.
#include "actors/account/account_committing.hpp"
#include "actors/account/account_state.hpp"

#include <algorithm>
#include <utility>

namespace tessera {

namespace {

constexpr std::chrono::milliseconds wariness{1'000};

bool is_over(const consume_credits& spend) {
  return spend.until != deadline{} && std::chrono::steady_clock::now() > spend.until;
}

result<consume_receipt> replay_of(const recorded_spend& first, const consume_credits& spend) {
  if (first.idempotency.fingerprint != spend.idempotency->fingerprint) return errc::idempotency_key_reused;
  return consume_receipt{first.account, first.seq, first.amount, first.available, true};
}

consume_receipt receipt_of(const entry& spent, bool replayed) {
  return {spent.account, spent.seq, spent.units, spent.usable_after, replayed};
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
  const auto& spend = order.spend();
  if (is_over(spend)) return fail(command, errc::overloaded);
  if (spend.idempotency && answer_repeated(command, spend)) return;
  if (spend.idempotency && !command.key_is_new && is_wary()) return look_up(command);
  auto outcome = tessera::decide(tip_, spend, now());
  if (outcome.ok()) {
    environment_->statistics.spends += 1;
    const auto receipt = receipt_of(outcome->back().booked, false);
    return commit(command, std::move(*outcome), receipt);
  }
  // A spend that is in the ledger gets its first answer, however empty the balance is now.
  if (spend.idempotency && !command.key_is_new) return look_up(command);
  // The chain proves a success; only a live lease proves that nobody has topped the account up meanwhile.
  if (!environment_->ownership.is_live()) return fail(command, errc::not_owner);
  environment_->statistics.refusals += 1;
  answer_when_durable(command, result<consume_receipt>(outcome.why()));
}

/// True when the key was answered, or waits for what will answer it.
bool account_state::answer_repeated(pending_command& command, const consume_credits& spend) {
  const auto& key = spend.idempotency->key;
  if (const auto first = environment_->keys.find(key)) {
    environment_->statistics.replays += 1;
    command.to.answer(replay_of(*first, spend));
    return true;
  }
  if (const auto running = pending_keys_.find(key); running != pending_keys_.end()) {
    environment_->statistics.replays += 1;
    const auto& spent = running->second->writes->events.back().booked;
    const auto first =
        recorded_spend{*spent.idempotency, spent.account, spent.seq, spent.units, spent.usable_after};
    answer_when_durable(command, replay_of(first, spend));
    return true;
  }
  if (const auto asked = looking_up_.find(key); asked != looking_up_.end()) {
    asked->second.push_back(std::move(command));
    return true;
  }
  return false;
}

void account_state::look_up(pending_command& command) {
  const auto key = command.key()->key;
  looking_up_[key].push_back(std::move(command));
  environment_->log.push(
      {.channel = channel_, .attempt = attempt_, .writes = nullptr, .look_up = key, .to = {}, .answer = {}}
  );
}

/// Where one old key came, more will: a look-up costs them less than a refused round costs everybody.
void account_state::be_wary() {
  wary_until_ = std::chrono::steady_clock::now() + wariness;
}

void account_state::handle(const key_looked_up& answer) {
  auto asked = looking_up_.extract(answer.key);
  if (asked.empty() || phase_ != phase::serving) return;
  catch_up();
  if (answer.found && answer.found->account == tip_.id && answer.found->seq > durable().seq) {
    // Late bytes, or another owner: the ledger has gone on without this account.
    for (const auto& command : asked.mapped())
      fail(command, errc::outcome_unknown);
    return retire();
  }
  if (answer.found) {
    environment_->keys.remember(*answer.found);
    be_wary();
  }
  if (answer.failure != errc::ok) {
    for (const auto& command : asked.mapped())
      fail(command, answer.failure);
    return;
  }
  for (auto& command : asked.mapped())
    command.key_is_new = !answer.found;
  decide_in_order(std::move(asked.mapped()));
}

void account_state::decide(pending_command& command, const receive_credits& receive) {
  if (std::find(taken_in_.begin(), taken_in_.end(), receive.id) != taken_in_.end()) return;
  auto outcome = tessera::decide(tip_, receive, now());
  taken_in_.push_back(receive.id);
  if (!outcome.ok()) return refuse_inbox(command, outcome.code());
  auto writes = write_set_of(std::move(*outcome));
  writes.absorbed.push_back(receive.id);
  seal(writes, tip_.head, environment_->writer);
  submit(command, std::make_shared<const write_set>(std::move(writes)), {});
}

void account_state::refuse_inbox(pending_command& command, errc why) {
  write_set writes;
  writes.refused.emplace_back(std::get<receive_credits>(command.order).id, why);
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
  const auto booked = expiry_booked{events.back().booked.units};
  commit(command, std::move(events), booked);
}

void account_state::decide(pending_command& command, const inbox_barrier& barrier) {
  answer_when_durable(command, result<inbox_absorbed>(inbox_absorbed{tip_.seq, barrier.count}));
}

} // namespace tessera
