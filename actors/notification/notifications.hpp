#pragma once

#include "actors/notification/mail_dispatcher.hpp"
#include "actors/notification/webhook_dispatcher.hpp"
#include "actors/support/clock.hpp"

#include <caf/actor.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <string>

namespace caf {
class actor_system;
}

namespace tessera {

struct notification_options {
  mail_options mails;
  webhook_options webhooks;
  std::chrono::milliseconds sweep{2'000}; // what nobody told of waits no longer
};

/// Sends what happened to whom it concerns (contract 6, decision 0050): a supervisor with an expander, which
/// makes notifications of events, and a dispatcher for each channel. All state is in rows, so that a crash
/// forgets nothing, and any number of nodes may do it.
class notifications {
public:
  using session_factory = std::function<pg::session_options(const char* application_name)>;
  using mail_provider_factory =
      std::function<std::unique_ptr<mail_provider>(const std::atomic<bool>& stopping)>;

  notifications(
      caf::actor_system& actors,
      notification_options options,
      session_factory sessions,
      const clock& time,
      const token_secret& secret,
      mail_provider_factory mail
  );
  ~notifications();
  notifications(const notifications&) = delete;

  /// Events were committed. From any thread; does not wait.
  void ring();
  const notification_statistics& statistics() const { return statistics_; }

private:
  void wake();

  std::atomic<bool> stopping_{false};
  std::atomic<bool> rung_{false}; // and nobody has looked yet
  notification_statistics statistics_;
  caf::actor supervisor_;
};

} // namespace tessera
