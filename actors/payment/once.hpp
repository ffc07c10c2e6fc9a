#pragma once

#include "messages/idempotency.hpp"
#include "persistence/stores/answer_store.hpp"

namespace tessera {

/// INTERNAL: carries a change out whose answer is kept under its key: key, effect and answer commit together,
/// or none.
template <class Call, class UseCase>
result<kept_answer> once(pg::transaction& in, const Call& call, const UseCase& use_case) {
  if (call.key)
    if (auto first = persistence::take_key(in, call.command.tenant, *call.key)) return *first;
  const auto made = use_case(in, call.command);
  if (!made) return made.why();
  auto told = call.word(*made);
  if (call.key) persistence::keep_answer(in, *call.key, told);
  return told;
}

} // namespace tessera
