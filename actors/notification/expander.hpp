#pragma once

#include "actors/notification/worker.hpp"
#include "actors/support/clock.hpp"
#include "actors/support/token_secret.hpp"
#include "persistence/pg/connection.hpp"

#include <functional>

namespace tessera {

struct notification_rule;
struct outbox_event;

/// What an expander needs of its surroundings. Outlives it.
struct expander_neighbours {
  const clock& time;
  const token_secret& secret;
  std::function<void()> begins; // before each look at the outbox
  std::function<void()> made;   // notifications that are to be sent
};

/// Turns events into notifications, in one transaction with the mark that it was done, a page at a time. An
/// event that can't be turned into any is logged and done with: it must not keep the others waiting.
class expander final : public portioned_work {
public:
  expander(pg::session_options session, expander_neighbours around);
  bool step() override;

private:
  int expand(int most);
  void expand(pg::transaction& in, const outbox_event& event);
  void give_up_first(const std::string& why);
  bool add_token(pg::transaction& in, outbox_event& event, const notification_rule& rule);

  pg::connection session_;
  expander_neighbours around_;
  bool alone_ = false; // one event a transaction: one of the last ones failed
};

} // namespace tessera
