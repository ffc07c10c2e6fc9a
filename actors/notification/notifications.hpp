#pragma once

#include "actors/notification/mail_dispatcher.hpp"
#include "actors/notification/retention.hpp"
#include "actors/notification/sms_dispatcher.hpp"
#include "actors/notification/webhook_dispatcher.hpp"
#include "actors/support/clock.hpp"

#include <caf/actor.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace caf {
class actor_system;
}

namespace tessera {

struct notification_options {
  mail_options mails;
  sms_options sms;
  webhook_options webhooks;
  retention_options retention;
  std::chrono::milliseconds sweep{2'000}; // what nobody told of waits no longer
};

/// Sends what happened to whom it concerns (contract 6, decision 0050): a supervisor with an expander, which
/// makes notifications of events, and a dispatcher for each channel. All state is in rows, so that a crash
/// forgets nothing, and any number of nodes may do it.
class notifications {
public:
  using session_factory = std::function<pg::session_options(const char* application_name)>;
  using mail_provider_factory =
      std::function<std::vector<std::unique_ptr<mail_provider>>(const std::atomic<bool>& stopping)>;
  using sms_provider_factory =
      std::function<std::vector<std::unique_ptr<sms_provider>>(const std::atomic<bool>& stopping)>;

  notifications(
      caf::actor_system& actors,
      notification_options options,
      session_factory sessions,
      const clock& time,
      const token_secret& secret,
      mail_provider_factory mail,
      sms_provider_factory sms
  );
  ~notifications();
  notifications(const notifications&) = delete;

  /// Events were committed. From any thread; does not wait.
  void ring();
  const notification_statistics& statistics() const { return statistics_; }

private:
  /// A child, and whether it has been told since it last heard of it. It is made anew now and then.
  struct place {
    caf::actor now;
    std::shared_ptr<std::atomic<bool>> told;
  };
  using maker = std::function<std::unique_ptr<portioned_work>()>;

  supervised child(caf::actor_system& actors, std::string name, std::chrono::milliseconds sweep, maker make);
  void wake();

  std::atomic<bool> stopping_{false};
  std::atomic<bool> rung_{false}; // and nobody has looked yet
  notification_statistics statistics_;
  std::mutex mutex_; // of this one
  std::vector<place> places_;
  caf::actor supervisor_;
};

} // namespace tessera
