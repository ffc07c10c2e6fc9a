#include "actors/domain/atomic_batch.hpp"

#include "actors/domain/decision_parts.hpp"

#include <cassert>
#include <utility>

namespace tessera {

namespace {

rejection refusal_of_all(
    rejection of_item,
    std::size_t item,
    const credit_account& account,
    std::string_view application,
    time_point now
) {
  of_item.item = static_cast<std::uint16_t>(item);
  const beginning begun(account, now);
  of_item.available = begun.account().usable(application, begun.own);
  return of_item;
}

} // namespace

result<decided> decide(const credit_account& account, const consume_atomically& batch, time_point now) {
  assert(!batch.items.empty());
  auto then = account;
  decided events;
  events.reserve(batch.items.size() + 1); // lots may be over
  for (std::size_t i = 0; i < batch.items.size(); ++i) {
    const auto& item = batch.items[i];
    auto step = decide(then, item, now);
    if (!step.ok()) return refusal_of_all(step.why(), i, account, item.application, now);
    for (auto& event : *step) {
      evolve(then, event);
      events.push_back(std::move(event));
    }
  }
  return events;
}

} // namespace tessera
