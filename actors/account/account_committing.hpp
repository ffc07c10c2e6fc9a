#pragma once

#include "actors/account/account_state.hpp"
#include "actors/account/seal.hpp"
#include "actors/domain/hold_reminders.hpp"

#include <utility>

namespace tessera {

/// The events as one unit of writing, with the lots that they empty for ever.
write_set write_set_of(decided events);

/// What a key stands for from now on.
recorded_spend first_answer(const entry& booked);
inline recorded_spend first_answer(const recorded_spend& remembered) {
  return remembered;
}
/// Where refusals of the key are remembered its success is, too: of both one wins.
void remember_answer(write_set& writes);
/// The caller is told what is left when all is done. Where that is not what the entry with the key says, it
/// is remembered beside it.
void remember_what_is_left(write_set& writes, credits available);
recorded_spend remembered_refusal(const idempotency_key& key, const credit_account& by, const rejection& why);

/// Evolve, append, answer when durable: written once, here.
template <class Answer> void account_state::commit(pending_command& command, decided events, Answer answer) {
  commit(command, write_set_of(std::move(events)), std::move(answer));
}

template <class Answer>
void account_state::commit(pending_command& command, write_set writes, Answer answer) {
  writes.account = tip_.id;
  remind_of_holds(writes, reminder_);
  seal(writes, tip_.head, environment_->writer);
  submit(
      command,
      std::make_shared<const write_set>(std::move(writes)),
      caf::make_message(result<Answer>(std::move(answer)))
  );
}

/// An answer that writes nothing rests on what is pending: it is given when all of that is durable, and
/// decided again if it is not.
template <class Answer> void account_state::answer_when_durable(pending_command& command, Answer answer) {
  if (pending_.empty()) return command.to.answer(std::move(answer));
  submit(command, nullptr, caf::make_message(std::move(answer)));
}

} // namespace tessera
