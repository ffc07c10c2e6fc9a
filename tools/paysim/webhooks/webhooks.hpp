#pragma once

#include "tools/paysim/support/dice.hpp"
#include "tools/paysim/support/document.hpp"
#include "tools/paysim/support/sandbox_clock.hpp"
#include "tools/paysim/support/store.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace tessera::paysim {

/// One attempt to hand an event to an endpoint.
struct webhook_attempt {
  std::uint64_t id = 0; // of the attempt, for `webhooks::answered`
  std::string url;
  std::string body;
  std::string signature;
};

struct webhook_options {
  bool chaos = false; // duplicates, delays, and through them another order
  /// Sends an attempt and tells `answered` later.
  std::function<void(webhook_attempt)> send;
  /// What the signature's time is: the machine's, for that is the receiver's clock.
  std::function<std::int64_t()> real_seconds;
};

/// Hands every event to every endpoint that wants it, at least once: until it is answered with 2xx, or for
/// three days of the sandbox's time.
class webhooks {
public:
  webhooks(webhook_options options, sandbox_clock& clock, dice& luck, store& documents)
      : options_(std::move(options)), clock_(clock), luck_(luck), documents_(documents) {}

  void publish(document& event);
  /// Once more to every endpoint, whether it had been delivered or not.
  void resend(const document& event);
  void answered(std::uint64_t attempt, unsigned status); // 0: there was no answer

  void pause() { is_paused_ = true; }
  void resume();
  /// The next ones are lost for good.
  void drop(std::size_t count) { to_drop_ += count; }
  void set_chaos(bool on) { options_.chaos = on; }

  struct counters {
    std::size_t sent = 0, delivered = 0, failed = 0, dropped = 0, given_up = 0;
  };
  const counters& counted() const { return counted_; }
  std::size_t waiting() const { return held_.size() + open_.size(); }

private:
  struct delivery {
    std::string event;
    std::string endpoint;
    unsigned attempts = 0;
    bool is_extra = false; // a duplicate that chaos made: not retried, and not counted as pending
  };

  void hand_out(const delivery& given);
  void attempt(delivery given);
  void settle(const delivery& given, bool delivered);
  std::vector<document*> endpoints_for(std::string_view type);

  webhook_options options_;
  sandbox_clock& clock_;
  dice& luck_;
  store& documents_;
  std::map<std::uint64_t, delivery> open_;
  std::vector<delivery> held_; // while paused
  std::uint64_t last_attempt_ = 0;
  std::size_t to_drop_ = 0;
  bool is_paused_ = false;
  counters counted_;
};

} // namespace tessera::paysim
