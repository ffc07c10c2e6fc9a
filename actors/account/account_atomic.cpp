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
  std::vector<uuid> unknown;                 // keys that nobody here knows
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
  // That some were spent before is known for sure when nothing is unknown.
  const bool could_ask = !known.unknown.empty() && !command.key_is_new;
  if (could_ask && (known.first_replay || is_wary())) return look_up(command, std::move(known.unknown));
  if (known.first_replay) return refuse_batch(command, about(errc::partially_replayed, *known.first_replay));
  auto outcome = tessera::decide(tip_, batch, now());
  if (outcome.ok()) {
    environment_->statistics.spends += batch.items.size();
    auto receipt = receipt_of(*outcome);
    return commit(command, std::move(*outcome), std::move(receipt));
  }
  // As for a single spend: the first answer goes before a refusal, and a refusal needs a lease.
  if (could_ask) return look_up(command, std::move(known.unknown));
  if (!environment_->ownership.is_live()) return fail(command, errc::not_owner);
  refuse_batch(command, outcome.why());
}

account_state::known_items account_state::what_is_known_of(const atomic_order& order) {
  const auto first_answer_of = [&](const uuid& key) -> std::optional<recorded_spend> {
    if (auto durable = environment_->keys.find(key)) return durable;
    if (auto pending = pending_answer_of(key)) return pending;
    const auto asked_for = order.recorded.find(key);
    return asked_for == order.recorded.end() ? std::nullopt : std::optional(asked_for->second);
  };
  known_items known;
  std::uint16_t item = 0;
  for (const auto& spend : order.command().items) {
    const auto here = item++;
    if (!spend.idempotency) continue;
    const auto first = first_answer_of(spend.idempotency->key);
    if (!first) {
      known.unknown.push_back(spend.idempotency->key);
      continue;
    }
    const auto replay = replay_of(*first, spend);
    if (!replay && !known.other) known.other = here;
    if (!known.first_replay) known.first_replay = here;
    if (replay) known.replays.items.push_back(*replay);
  }
  return known;
}

void account_state::refuse_batch(pending_command& command, rejection why) {
  environment_->statistics.refusals += 1;
  answer_when_durable(command, result<atomic_receipt>(std::move(why)));
}

} // namespace tessera
