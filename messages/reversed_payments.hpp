#pragma once

#include "messages/payments.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// Money that went back, and what was done about the credits that it had bought (decision 0048).
namespace tessera {

/// A refund that we were asked for.
struct own_refund {
  std::string refund_id;
  credits units;
  std::int64_t amount_minor = 0;
  std::string state; // recalling, holding, paying, taking, releasing, succeeded, failed
  std::string reason;
  std::optional<inbox_id> hold_row;
  std::optional<std::uint64_t> hold_seq;
  std::optional<inbox_id> last_row;
  std::string failure_code;
  std::string failure_message;
  time_point created_at;
};

/// A refund as the provider knows it.
struct seen_refund {
  std::string object_id;
  std::string refund_id; // ours; empty: it was made elsewhere
  std::int64_t amount_minor = 0;
  bool failed = false;
};

enum class dispute_phase : std::uint8_t {
  inquiry = 1,
  open = 2,
  lost = 3,
  won = 4,
  closed = 5, // neither won nor lost: the bank took it back
};
struct seen_dispute {
  std::string dispute_id;
  std::int64_t amount_minor = 0;
  dispute_phase phase = dispute_phase::open;
};

/// What an account was told to do about it, and what came of that.
struct given_instruction {
  inbox_id row;
  account_id account;
  std::string subject;
  std::string kind; // recall, claw, reinstate, dispute_hold, let_go
  credits units;
  bool waits = true;
  bool refused = false;
  credits fulfilled;
  std::uint64_t seq = 0; // of the entry that carried it out
};

/// All that is known of one purchase whose credits are there.
struct reversal_facts {
  payment_record purchase;
  std::vector<own_refund> refunds;
  std::vector<seen_refund> seen;
  std::vector<seen_dispute> disputes;
  std::vector<given_instruction> given;
};

} // namespace tessera
