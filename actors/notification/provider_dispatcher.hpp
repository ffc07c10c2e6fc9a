#pragma once

#include "actors/notification/message_dispatcher.hpp"
#include "actors/notification/message_draft.hpp"
#include "actors/notification/provider_line.hpp"
#include "actors/support/crash_point.hpp"
#include "persistence/stores/waiting_store.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tessera {

/// Dispatches the messages of a channel that are written with templates and handed over to one of several
/// providers. Derived classes say how one is written.
template <class Provider, class Message> class provider_dispatcher : public message_dispatcher {
public:
  provider_dispatcher(
      notification_channel channel,
      std::string name, // of the channel, in names of crash points
      pg::session_options session,
      dispatch_options options,
      drafting_options drafting,
      std::vector<std::unique_ptr<Provider>> providers, // the first one first
      const clock& time,
      notification_statistics& statistics,
      const std::atomic<bool>& stopping
  )
      : message_dispatcher(channel, std::move(session), std::move(options), statistics, stopping),
        channel_(channel), name_(std::move(name)), drafting_(std::move(drafting)),
        providers_(std::move(providers), time) {}

private:
  /// Throws when it can't be said.
  virtual Message write(const claimed_notification& one, const message_draft& draft) const = 0;

  int most_now(int page) final { return providers_.admits(page); }

  handed_over hand_over(const claimed_notification& one) final {
    constexpr std::chrono::milliseconds limit{2'000};
    const auto message = write(one, draft_of(session(), one, channel_, drafting_, limit));
    crash_point(name_ + "-written");
    const auto pinned =
        one.attempts == 0 ? std::string() : persistence::provider_that_may_have_it(session(), one, limit);
    auto done = providers_.send(message, pinned);
    crash_point(name_ + "-handed-over");
    return done;
  }

  notification_channel channel_;
  std::string name_;
  drafting_options drafting_;
  provider_line<Provider> providers_;
};

} // namespace tessera
