#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::paysim {

/// What goes wrong with a call that is still to come.
struct failure {
  std::string method{}; // empty: any
  std::string path{};   // the beginning of it, such as "/v1/refunds"
  std::int64_t times = 1;
  std::int64_t delay_ms = 0; // the call runs only then
  bool has_effect = false;   // it runs, whatever is answered
  bool is_answered = true;   // otherwise the client waits in vain
  unsigned status = 0;       // of the error that is answered; 0: what the call itself answers
  bool is_saved = false;     // the error is what its idempotency key will answer from now on
};

class failures {
public:
  void add(failure next) { planned_.push_back(std::move(next)); }
  void clear() { planned_.clear(); }
  /// The first one that is meant for the call; it is used up.
  std::optional<failure> take(std::string_view method, std::string_view path);

private:
  std::vector<failure> planned_;
};

} // namespace tessera::paysim
