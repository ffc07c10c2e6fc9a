#pragma once

#include "actors/notification/worker.hpp"
#include "messages/notifications.hpp"
#include "messages/types/digest.hpp"
#include "persistence/pg/connection.hpp"

#include <atomic>
#include <chrono>
#include <string>

namespace tessera {

struct dispatch_options {
  std::string node_name;
  std::chrono::seconds lease{60};
  int page = 10;
};

struct notification_statistics {
  std::atomic<std::uint64_t> sent{0};
  std::atomic<std::uint64_t> failed{0}; // attempts
  std::atomic<std::uint64_t> dead{0};
  std::atomic<std::uint64_t> skipped{0};
};

/// What was done with a message, and by whom.
struct handed_over {
  delivery_outcome outcome;
  std::string provider;
};

/// Claims the messages of a channel, looks once more whether each is still wanted, and hands it over. A crash
/// between the hand-over and the report means that it goes out once more, with the same bytes and the same
/// id.
class message_dispatcher : public portioned_work {
public:
  message_dispatcher(
      notification_channel channel,
      pg::session_options session,
      dispatch_options options,
      notification_statistics& statistics,
      const std::atomic<bool>& stopping
  );
  bool step() final;

protected:
  /// How many may be taken up now, of a page.
  virtual int most_now(int page) { return page; }

  pg::connection& session() { return session_; }
  const dispatch_options& options() const { return options_; }

private:
  /// What is kept of a recipient to whom nothing more goes.
  virtual digest hash_of(const std::string& recipient) const = 0;
  virtual std::string masked(const std::string& recipient) const = 0;
  /// Why it may not go there now; empty: it may.
  virtual std::string objection_to(const claimed_notification&) { return {}; }
  /// Throws when there is something wrong with what is to be said.
  virtual handed_over hand_over(const claimed_notification& one) = 0;

  void dispatch(const claimed_notification& one);
  /// True: it waits until the recipient's night is over.
  bool is_held(const claimed_notification& one);
  void report(const claimed_notification& one, const delivery_report& told);

  notification_channel channel_;
  pg::connection session_;
  dispatch_options options_;
  notification_statistics& statistics_;
  const std::atomic<bool>& stopping_;
};

} // namespace tessera
