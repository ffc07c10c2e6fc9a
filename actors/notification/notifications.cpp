#include "actors/notification/notifications.hpp"

#include "actors/notification/expander.hpp"
#include "actors/providers/http_client.hpp"
#include "actors/support/supervisor.hpp"

#include <caf/actor_system.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <utility>

namespace tessera {

using namespace std::chrono_literals;

supervised notifications::child(
    caf::actor_system& actors, std::string name, std::chrono::milliseconds sweep, maker make
) {
  std::size_t which = 0;
  {
    const std::lock_guard lock(mutex_);
    which = places_.size();
    places_.emplace_back();
  }
  // What it does blocks on the database and on providers: a thread of its own.
  return {std::move(name), [this, &actors, which, sweep, make = std::move(make)] {
            auto told = std::make_shared<std::atomic<bool>>(false);
            const auto made = actors.spawn<caf::detached>(worker, make, worker_options{sweep, told});
            const std::lock_guard lock(mutex_);
            places_[which] = {made, told};
            return made;
          }};
}

notifications::notifications(
    caf::actor_system& actors,
    notification_options options,
    session_factory sessions,
    const clock& time,
    const token_secret& secret,
    mail_provider_factory mail,
    sms_provider_factory sms
) {
  std::vector<supervised> children;
  children.push_back(child(actors, "the outbox's expander", options.sweep, [this, sessions, &time, &secret] {
    return std::make_unique<expander>(
        sessions("tessera-outbox"),
        expander_neighbours{time, secret, [this] { rung_ = false; }, [this] { wake(); }}
    );
  }));
  children.push_back(child(
      actors,
      "the dispatcher of mail",
      options.sweep,
      [this, options, sessions, &secret, &time, mail] {
        return std::make_unique<mail_dispatcher>(
            sessions("tessera-mail"), options.mails, secret, mail(stopping_), time, statistics_, stopping_
        );
      }
  ));
  children.push_back(child(
      actors,
      "the dispatcher of sms",
      options.sweep,
      [this, options, sessions, &secret, &time, sms] {
        return std::make_unique<sms_dispatcher>(
            sessions("tessera-sms"), options.sms, secret, sms(stopping_), time, statistics_, stopping_
        );
      }
  ));
  children.push_back(child(
      actors,
      "the dispatcher of webhooks",
      options.sweep,
      [this, options, sessions, &time, &secret] {
        return std::make_unique<webhook_dispatcher>(
            sessions("tessera-webhooks"),
            options.webhooks,
            time,
            secret,
            [client = std::make_shared<http_client>()](outgoing_request request, outgoing_done done) {
              client->send(std::move(request), std::move(done));
            },
            [this] { wake(); },
            statistics_
        );
      }
  ));
  children.push_back(child(actors, "the retention of notifications", 60'000ms, [options, sessions, &time] {
    return std::make_unique<retention>(sessions("tessera-retention"), options.retention, time);
  }));
  supervisor_ = actors.spawn(supervisor, std::move(children), restart_policy{});
}

notifications::~notifications() {
  stopping_ = true;
  caf::scoped_actor self(supervisor_.home_system(), true);
  self->send_exit(supervisor_, caf::exit_reason::user_shutdown);
  self->wait_for(supervisor_);
  const std::lock_guard lock(mutex_);
  places_.clear();
}

void notifications::ring() {
  if (!rung_.exchange(true)) wake();
}

void notifications::wake() {
  if (stopping_) return;
  const std::lock_guard lock(mutex_);
  for (const auto& each : places_) // each has one in its mailbox at most
    if (each.now && !each.told->exchange(true)) caf::anon_send(each.now, work_due{});
}

} // namespace tessera
