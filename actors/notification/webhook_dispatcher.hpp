#pragma once

#include "actors/notification/message_dispatcher.hpp"
#include "actors/notification/worker.hpp"
#include "actors/providers/address_range.hpp"
#include "actors/providers/outgoing.hpp"
#include "actors/support/clock.hpp"
#include "actors/support/token_secret.hpp"
#include "messages/webhooks.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace tessera {

struct webhook_options {
  std::string node_name;
  address_ranges allowed; // where webhooks may go besides the public internet
  std::chrono::seconds lease{60};
  std::chrono::milliseconds attempt_limit{15'000};
  std::size_t most_under_way = 64;
  int most_of_a_tenant = 16; // of all nodes, about
  int most_troubled = 16;    // likewise, to endpoints that failed or were slow lately
  int most_troubled_of_a_tenant = 4;
};

/// Sends a request, as http_client does.
using outgoing_sender = std::function<void(outgoing_request, outgoing_done)>;

/// Delivers events to tenants' endpoints, many at once and one of each endpoint at a time: one that is slow
/// or fails keeps nobody else waiting, and is left alone for a growing time. Signed anew at each attempt,
/// with the same id and body. Tries for three days.
class webhook_dispatcher final : public portioned_work {
public:
  webhook_dispatcher(
      pg::session_options session,
      webhook_options options,
      const clock& time,
      const token_secret& secret,
      outgoing_sender sender,
      std::function<void()> wake, // something has come of a delivery; from any thread
      notification_statistics& statistics
  );
  bool step() override;

private:
  struct answered {
    claimed_notification one;
    bool was_troubled = false; // the endpoint, before
    outgoing_outcome outcome;
    std::chrono::microseconds took{};
  };
  /// Where answers wait for the dispatcher's thread; they may come when it is gone.
  struct answer_box {
    std::mutex mutex;
    std::vector<answered> waiting;
  };

  void report_answers();
  void report(const answered& told);
  void judge(const answered& told, const delivery_outcome& outcome);
  bool give_up_some();
  void deliver(const webhook_delivery& delivery);
  outgoing_request request_of(const webhook_delivery& delivery) const;

  pg::connection session_;
  webhook_options options_;
  const clock& time_;
  const token_secret& secret_;
  std::function<void()> wake_;
  notification_statistics& statistics_;
  std::shared_ptr<answer_box> answers_ = std::make_shared<answer_box>();
  std::size_t under_way_ = 0;
  std::set<std::string> away_; // endpoints that failed: what waits there may be too old
  outgoing_sender sender_;     // the last one: it ends first, and calls back
};

/// What an endpoint's answer means.
delivery_outcome outcome_of(const outgoing_outcome& outcome);

} // namespace tessera
