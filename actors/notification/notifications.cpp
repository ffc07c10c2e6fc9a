#include "actors/notification/notifications.hpp"

#include "actors/notification/expander.hpp"
#include "actors/support/supervisor.hpp"

#include <caf/actor_system.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <utility>

namespace tessera {

namespace {

template <class Make> supervised
child(caf::actor_system& actors, std::string name, std::chrono::milliseconds sweep, const Make& make) {
  // What it does blocks on the database and on providers: a thread of its own.
  return {std::move(name), [&actors, sweep, make] {
            return actors.spawn<caf::detached>(
                worker, std::function<std::unique_ptr<portioned_work>()>(make), sweep
            );
          }};
}

} // namespace

notifications::notifications(
    caf::actor_system& actors,
    notification_options options,
    session_factory sessions,
    const clock& time,
    const token_secret& secret,
    mail_provider_factory mail
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
      [this, options, sessions, &secret, mail] {
        return std::make_unique<mail_dispatcher>(
            sessions("tessera-mail"), options.mails, secret, mail(stopping_), statistics_, stopping_
        );
      }
  ));
  children.push_back(child(
      actors,
      "the dispatcher of webhooks",
      options.sweep,
      [this, options, sessions, &time, &secret] {
        return std::make_unique<webhook_dispatcher>(
            sessions("tessera-webhooks"), options.webhooks, time, secret, [this] { wake(); }, statistics_
        );
      }
  ));
  supervisor_ = actors.spawn(supervisor, std::move(children), restart_policy{});
}

notifications::~notifications() {
  stopping_ = true;
  caf::scoped_actor self(supervisor_.home_system(), true);
  self->send_exit(supervisor_, caf::exit_reason::user_shutdown);
  self->wait_for(supervisor_);
}

void notifications::ring() {
  if (!rung_.exchange(true)) wake();
}

void notifications::wake() {
  if (!stopping_) caf::anon_send(supervisor_, work_due{});
}

} // namespace tessera
