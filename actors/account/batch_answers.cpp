#include "actors/account/batch_answers.hpp"

#include "messages/protocols/account_actor.hpp"

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/make_actor.hpp>

#include <utility>

namespace tessera {

batch_answers::batch_answers(caf::actor_config& config, reply_address to, std::size_t items)
    : caf::monitorable_actor(config), to_(std::move(to)), results_(items, errc::outcome_unknown),
      answered_(items, false), left_(items) {}

batch_answers::~batch_answers() {
  if (left_ > 0) to_.answer(result<consumed_batch>(consumed_batch{std::move(results_)}));
}

void batch_answers::enqueue(caf::mailbox_element_ptr element, caf::execution_unit*) {
  if (!element || !element->mid.is_response()) return;
  const auto index = static_cast<std::size_t>(element->mid.request_id().integer_value() - 1);
  auto answer = element->move_content_to_message();
  if (!answer.match_elements<result<consume_receipt>>()) return;
  std::lock_guard lock(mutex_);
  // An outcome that is unknown may be followed by the real one; the caller hears the first, as of a single
  // spend.
  if (index >= answered_.size() || answered_[index]) return;
  answered_[index] = true;
  results_[index] = answer.get_as<result<consume_receipt>>(0);
  if (--left_ == 0) to_.answer(result<consumed_batch>(consumed_batch{std::move(results_)}));
}

std::vector<reply_address>
addresses_of_items(caf::actor_system& actors, reply_address to, std::size_t items) {
  caf::actor_config config;
  const auto collector = caf::make_actor<batch_answers, caf::actor>(
      actors.next_actor_id(), actors.node(), &actors, config, std::move(to), items
  );
  std::vector<reply_address> addresses;
  addresses.reserve(items);
  for (std::size_t i = 0; i < items; ++i) // an id of 0 would be no request
    addresses.push_back(
        {caf::actor_cast<caf::strong_actor_ptr>(collector), caf::message_id{i + 1}.with_normal_priority()}
    );
  return addresses;
}

} // namespace tessera
