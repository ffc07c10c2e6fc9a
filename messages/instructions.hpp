#pragma once

#include "messages/accounts.hpp"
#include "messages/holds.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What an inbox row may ask of an account beside taking credits in (decision 0040). The row is the answer,
/// too: it says by which entry it was carried out and how many credits that concerned, or why it was refused.
namespace tessera {

/// The longest that credits may be set aside by an instruction: beyond any dispute or invitation.
inline constexpr std::chrono::days most_days_set_aside{1'000};

struct instruction {
  inbox_id id;
  account_id account;
  inbox_kind kind = inbox_kind::set_aside;
  credits wanted;       // set_aside, pay_back, claw_back, recall; else 0
  bool partial = false; // set_aside: as much as there is, perhaps nothing; else all of it or a refusal
  std::vector<lot_id>
      roots; // set_aside, recall: of these root lots only; claw_back: of these first; empty: any
  hold_purpose purpose = hold_purpose::escrow; // set_aside: all but spend
  time_point::duration ttl{};                  // set_aside: above 0, most_days_set_aside at most
  std::vector<std::uint64_t>
      holds; // let_go, pay_back, move_on: the hold; claw_back, recall: let go first, where open
  std::optional<account_id> to; // move_on, recall: who gets the units
  inbox_id carrier;             // of the row that brings them there
  principal requested_by;
  std::string request_id;
  std::string reference; // what it belongs to: purchase, refund, invitation, allocation
};

/// A row of an inbox.
using inbox_command = std::variant<receive_credits, instruction>;

inline const inbox_id& id_of(const inbox_command& row) {
  return std::visit([](const auto& command) -> const inbox_id& { return command.id; }, row);
}
inline const account_id& account_of(const inbox_command& row) {
  return std::visit([](const auto& command) -> const account_id& { return command.account; }, row);
}

} // namespace tessera
