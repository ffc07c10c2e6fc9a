#include "actors/account/simulating.hpp"

#include "actors/domain/allocation.hpp"
#include "actors/domain/decision_parts.hpp"
#include "actors/domain/freezes.hpp"
#include "actors/domain/holds.hpp"
#include "actors/domain/reversals.hpp"

#include <algorithm>
#include <utility>

namespace tessera {

namespace {

constexpr credits everything{credits::limit};

/// The same command for more than there can be: its refusal says what would pass.
void ask_for_everything(consume_credits& command) {
  command.amount = everything;
}
void ask_for_everything(hold_credits& command) {
  command.amount = everything;
}
void ask_for_everything(capture_hold& command) {
  command.amount = everything;
}
void ask_for_everything(allocate_credits& command) {
  command.legs.resize(1);
  command.legs.front().amount = everything;
}
void ask_for_everything(reverse_spend& command) {
  command.amount = everything;
}
void ask_for_everything(receive_credits& command) {
  command.lots.resize(1);
  command.lots.front().amount = command.lots.front().free = everything;
}

decided events_of(decided events) {
  return events;
}
decided events_of(decided_allocation made) {
  return std::move(made.events);
}

result<decided> decision_on(const credit_account& account, const change_freeze& command, time_point now) {
  return decide(account, command, now);
}
template <class Command>
result<decided> decision_on(const credit_account& account, const Command& command, time_point now) {
  auto outcome = decide(account, command, now);
  if (!outcome) return outcome.why();
  return events_of(std::move(*outcome));
}

/// Of the last entry that belongs to an application: the command's own.
credits left_after(const credit_account& account, const decided& events) {
  const auto own = std::find_if(events.rbegin(), events.rend(), [](const account_event& each) {
    return belongs_to_application(each.booked.type);
  });
  return own == events.rend() ? credits{} : usable_when_done(account, events, own->booked);
}

/// 0 of what has no amount.
template <class Command> credits most(const credit_account& account, Command command, time_point now) {
  if constexpr (requires { ask_for_everything(command); }) {
    ask_for_everything(command);
    const auto outcome = decision_on(account, command, now);
    return outcome ? everything : outcome.why().would_allow;
  }
  return credits{};
}

} // namespace

result<simulation> simulate(const credit_account& account, const simulated_command& command, time_point now) {
  const auto run = [&](const auto& asked) -> result<simulation> {
    auto outcome = decision_on(account, asked, now);
    if (!outcome) return outcome.why();
    const auto left = left_after(account, *outcome);
    return simulation{std::move(*outcome), left, most(account, asked, now)};
  };
  return std::visit(run, command);
}

} // namespace tessera
