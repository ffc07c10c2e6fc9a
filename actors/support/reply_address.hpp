#pragma once

#include <caf/actor_control_block.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/message.hpp>
#include <caf/message_id.hpp>

#include <utility>

namespace tessera {

/// Who waits for the answer to a request. Unlike a response promise it may be used from any thread, and by
/// whoever makes the answer true: the journal answers for the account (design 3).
struct reply_address {
  caf::strong_actor_ptr to; // null: nobody waits
  caf::message_id request;

  void deliver(caf::message answer) const {
    if (to && request.is_request()) to->enqueue(nullptr, request.response_id(), std::move(answer), nullptr);
  }
  template <class Answer> void answer(Answer value) const {
    if (to) deliver(caf::make_message(std::move(value)));
  }
};

} // namespace tessera
