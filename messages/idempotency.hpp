#pragma once

#include "messages/types/digest.hpp"
#include "messages/types/ids.hpp"
#include "messages/types/result.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

/// Calls without a money effect that may be repeated (contract 2 `idempotency`).
namespace tessera {

/// What a caller is told, in the words of the route. Kept under the call's key, in the transaction of its
/// effect, for 30 days: a repeated call gets exactly this.
struct kept_answer {
  std::int16_t status = 200;
  std::string body;
  std::string etag; // empty: the answer has none
  bool replayed = false;
  std::string about_user = {}; // whose data the body has: it is forgotten with them; empty: nobody's
};

/// Answered by result<kept_answer>, replayed. Rejections: entity_unknown (nothing is kept),
/// idempotency_key_reused.
struct kept_answer_query {
  tenant_id tenant;
  idempotency_key key;
};

/// A command, the key under which its answer is kept, and how to word what it made. Answered by
/// result<kept_answer>. Rejections: idempotency_key_reused and the command's own, which are not kept: nothing
/// happened, and a retry is a fresh attempt.
template <class Command, class Made> struct repeatable {
  Command command;
  std::optional<idempotency_key> key;           // nothing: the call can't be repeated safely
  std::function<kept_answer(const Made&)> word; // called on a thread of the database
};

} // namespace tessera
