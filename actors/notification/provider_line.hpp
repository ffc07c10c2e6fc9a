#pragma once

#include "actors/domain/provider_order.hpp"
#include "actors/notification/message_dispatcher.hpp"
#include "actors/support/clock.hpp"

#include <spdlog/spdlog.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tessera {

/// The providers of a channel, the first one first (R-I 4.2). A message goes to the next one when one is away
/// or will not have us, and to nobody else when one may have it already.
template <class Provider> class provider_line {
public:
  provider_line(std::vector<std::unique_ptr<Provider>> providers, const clock& time)
      : providers_(std::move(providers)), order_(names_of(providers_)), time_(time) {}

  int admits(int wanted) const { return order_.admits(time_.now(), wanted); }

  /// `pinned`: who may have it already; empty: nobody.
  template <class Message> handed_over send(const Message& message, const std::string& pinned) {
    handed_over done;
    done.outcome = {delivery_failure::transient, "no provider is asked for now", {}, {}};
    // It may still have it, and nobody else shall.
    if (!pinned.empty()) done.outcome.failure = delivery_failure::ambiguous;
    for (const auto which : order_.candidates(time_.now(), pinned)) {
      if (!done.provider.empty())
        spdlog::warn(
            "notification {}: {} failed ({}), {} is asked",
            message.id,
            done.provider,
            done.outcome.detail,
            order_.name(which)
        );
      done = {providers_[which]->send(message), order_.name(which)};
      order_.note(which, done.outcome, time_.now());
      if (!may_move_on(done.outcome)) return done;
    }
    if (done.provider.empty()) done.provider = pinned;
    return done;
  }

private:
  static std::vector<std::string> names_of(const std::vector<std::unique_ptr<Provider>>& providers) {
    std::vector<std::string> names;
    for (const auto& each : providers)
      names.emplace_back(each->name());
    return names;
  }

  std::vector<std::unique_ptr<Provider>> providers_;
  provider_order order_;
  const clock& time_;
};

} // namespace tessera
