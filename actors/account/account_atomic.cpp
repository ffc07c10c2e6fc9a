// Spends that happen together or not at all (decision 0022): see account_state.hpp.
#include "actors/account/account_committing.hpp"
#include "actors/account/account_state.hpp"
#include "actors/account/replays.hpp"
#include "actors/domain/atomic_batch.hpp"

#include <utility>

namespace tessera {

namespace {

rejection about(errc code, std::uint16_t item) {
  rejection why{code};
  why.item = item;
  return why;
}

atomic_receipt receipt_of(const decided& events) {
  atomic_receipt receipt;
  receipt.items.reserve(events.size());
  for (const auto& event : events)
    if (event.booked.type == entry_type::spend) receipt.items.push_back(receipt_of(event.booked));
  return receipt;
}

} // namespace

/// A batch as the keys of its items show it.
struct account_state::known_items {
  atomic_receipt replays;                    // of the items that were spent before
  std::optional<std::uint16_t> first_replay; // the item
  std::optional<std::uint16_t> other;        // the first item whose key stands for another command
  std::vector<uuid> to_ask;                  // keys that nobody here knows, and that were not looked up
};

void account_state::decide(pending_command& command, const atomic_order& order) {
  const auto& batch = order.command();
  if (is_over(batch.until)) return fail(command, errc::overloaded);
  auto known = what_is_known_of(order);
  if (known.other) return refuse_batch(command, about(errc::idempotency_key_reused, *known.other));
  if (known.replays.items.size() == batch.items.size()) {
    environment_->statistics.replays += batch.items.size();
    return answer_when_durable(command, result<atomic_receipt>(std::move(known.replays)));
  }
  // Whether only some were spent before is known for sure when no key is left to ask for.
  const bool could_ask = !known.to_ask.empty();
  if (could_ask && (known.first_replay || is_wary())) return look_up(command, std::move(known.to_ask));
  if (known.first_replay) return refuse_batch(command, about(errc::partially_replayed, *known.first_replay));
  auto outcome = tessera::decide(tip_, batch, now());
  if (outcome.ok()) {
    environment_->statistics.spends += batch.items.size();
    auto receipt = receipt_of(*outcome);
    return commit(command, std::move(*outcome), std::move(receipt));
  }
  // As for a single spend: the first answer goes before a refusal, and a refusal needs a lease.
  if (could_ask) return look_up(command, std::move(known.to_ask));
  if (!environment_->ownership.is_live()) return fail(command, errc::not_owner);
  refuse_batch(command, outcome.why());
}

account_state::known_items account_state::what_is_known_of(const atomic_order& order) {
  known_items known;
  std::uint16_t item = 0;
  for (const auto& spend : order.command().items) {
    const auto here = item++;
    if (!spend.idempotency) continue;
    const auto& key = spend.idempotency->key;
    const auto asked_for = order.looked_up.find(key);
    auto first = environment_->keys.find(key);
    if (!first) first = pending_answer_of(key);
    if (!first && asked_for != order.looked_up.end()) first = asked_for->second;
    if (first) {
      const auto replay = replay_of(*first, spend);
      if (!replay && !known.other) known.other = here;
      if (!known.first_replay) known.first_replay = here;
      if (replay) known.replays.items.push_back(*replay);
    } else if (asked_for == order.looked_up.end()) {
      known.to_ask.push_back(key);
    }
  }
  return known;
}

void account_state::refuse_batch(pending_command& command, rejection why) {
  environment_->statistics.refusals += 1;
  answer_when_durable(command, result<atomic_receipt>(std::move(why)));
}

} // namespace tessera
