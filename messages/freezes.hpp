#pragma once

#include "messages/accounts.hpp"

#include <cstdint>
#include <optional>
#include <string>

/// Freezing an account (R-C 3.14, decision 0040).
namespace tessera {

/// Frozen: spends, holds and allocations are refused; what comes in, goes back, expires or is captured is
/// not. What is so already stays so: there is no entry, and only the key is remembered. Answered by a
/// result<freeze_receipt> once it is durable. Rejections: idempotency_key_reused.
struct change_freeze {
  account_id account;
  bool frozen = true;
  std::string reason; // for people
  std::string caller_key;
  std::optional<idempotency_key> idempotency;
  principal requested_by;
  std::string request_id;
  deadline until{};
};

struct freeze_receipt {
  account_id account;
  std::uint64_t seq = 0; // of the entry that says so; 0: nothing had to change
  bool replayed = false;

  friend bool operator==(const freeze_receipt&, const freeze_receipt&) = default;
};

} // namespace tessera
