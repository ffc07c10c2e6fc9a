#pragma once

#include "actors/account/account_committing.hpp"
#include "actors/account/account_state.hpp"
#include "actors/account/replays.hpp"

#include <utility>

namespace tessera {

template <class Command>
bool account_state::needs_no_decision(pending_command& command, const Command& asked) {
  if (is_over(asked.until)) {
    fail(command, errc::overloaded);
    return true;
  }
  if (asked.idempotency && answer_repeated(command, asked)) return true;
  const bool overtakes = is_overtaking(command.place);
  if (asked.idempotency && !command.key_is_new && (overtakes || is_wary())) {
    look_up(command, {asked.idempotency->key});
    return true;
  }
  if (overtakes) held_.emplace(command.place, std::move(command));
  return overtakes;
}

/// True when the key was answered, or waits for what will answer it.
template <class Command> bool account_state::answer_repeated(pending_command& command, const Command& asked) {
  const auto& key = asked.idempotency->key;
  if (const auto first = environment_->keys.find(key)) {
    environment_->statistics.replays += 1;
    command.to.answer(replay_of(*first, asked));
    return true;
  }
  if (const auto running = pending_answer_of(key)) {
    environment_->statistics.replays += 1;
    answer_when_durable(command, replay_of(*running, asked));
    return true;
  }
  if (const auto waiting = looking_up_.find(key); waiting != looking_up_.end()) {
    if (command.place.batch != 0) asking_.insert(command.place);
    waiting->second.push_back(std::move(command));
    return true;
  }
  return false;
}

/// A command that is in the ledger gets its first answer, however things are now. The chain proves a success;
/// only a live lease proves that nobody has topped the account up meanwhile. A refusal is not remembered: the
/// next call with the key is a fresh attempt.
template <class Answer, class Command>
void account_state::refuse(pending_command& command, const Command& asked, rejection why) {
  if (asked.idempotency && !command.key_is_new) return look_up(command, {asked.idempotency->key});
  if (!environment_->ownership.is_live()) return fail(command, errc::not_owner);
  environment_->statistics.refusals += 1;
  answer_when_durable(command, result<Answer>(std::move(why)));
}

/// The same, but whoever asks again with the key hears the same (contract 2 `idempotency`).
template <class Answer, class Command>
void account_state::refuse_for_good(pending_command& command, const Command& asked, rejection why) {
  const bool is_remembered = asked.idempotency && command.key_is_new && environment_->ownership.is_live();
  if (!is_remembered) return refuse<Answer>(command, asked, std::move(why));
  environment_->statistics.refusals += 1;
  write_set writes;
  writes.account = tip_.id;
  writes.remembered = remembered_refusal(*asked.idempotency, tip_, why);
  submit(
      command,
      std::make_shared<const write_set>(std::move(writes)),
      caf::make_message(result<Answer>(std::move(why)))
  );
}

} // namespace tessera
