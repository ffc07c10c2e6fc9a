#pragma once

#include "actors/support/reply_address.hpp"
#include "messages/consume_batch.hpp"

#include <caf/monitorable_actor.hpp>

#include <cstddef>
#include <mutex>
#include <vector>

namespace tessera {

/// Stands where the caller of each item would stand, so that an item of a batch goes every way that a single
/// spend goes. Answers once, when the last item has its answer; when it is let go of before that, the items
/// without one are outcome_unknown. An actor without a mailbox: answers come from any thread.
class batch_answers final : public caf::monitorable_actor {
public:
  batch_answers(caf::actor_config& config, reply_address to, std::size_t items);
  ~batch_answers() override;

  const char* name() const override { return "batch_answers"; }
  void enqueue(caf::mailbox_element_ptr element, caf::execution_unit* unit) override;

private:
  std::mutex mutex_;
  reply_address to_;
  std::vector<result<consume_receipt>> results_;
  std::vector<bool> answered_;
  std::size_t left_;
};

/// The addresses of the items, in their order.
std::vector<reply_address> addresses_of_items(caf::actor_system& actors, reply_address to, std::size_t items);

} // namespace tessera
