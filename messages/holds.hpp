#pragma once

#include "messages/accounts.hpp"
#include "messages/entries.hpp"
#include "messages/entry_names.hpp"
#include "messages/transactions.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Spending in two phases (R-C 3.4, decision 0035): credits are set aside, and later used or let go.
namespace tessera {

/// Units of an account that are set aside.
struct open_hold {
  std::uint64_t seq = 0; // of the entry that opened it
  hold_purpose purpose = hold_purpose::spend;
  std::string application;
  std::string meter;
  principal holder;
  credits amount;
  credits captured;
  time_point ends_at; // exclusive: at this instant it is over
  std::vector<slice> taken;
  std::vector<slice> left; // of `taken`, in the same order: in burn order as of the day it was opened

  friend bool operator==(const open_hold&, const open_hold&) = default;
};

credits sum_of(const std::vector<slice>& slices);
/// The first `units` of the slices; they have as many.
std::vector<slice> first_of(const std::vector<slice>& slices, credits units);
/// Takes `gone` out of `from`; slices without units are dropped. What is not there is ignored.
void take_out(std::vector<slice>& from, const std::vector<slice>& gone);

/// Who asks, with what key, and until when: the same for all commands on holds.
struct hold_request {
  account_id account;
  std::string application;
  std::string caller_key;
  std::optional<idempotency_key> idempotency;
  principal requested_by;
  std::string request_id;
  deadline until{};
};

/// The longest that credits may be set aside for a spend, and for how long when nobody says.
inline constexpr std::chrono::seconds most_hold_seconds{86'400};
inline constexpr std::chrono::seconds usual_hold_seconds{900};

/// Sets `amount` aside, from the lots that a spend would take now. Answered by a result<hold_receipt> once it
/// is durable. Rejections: idempotency_key_reused, entity_frozen, amount_out_of_range, insufficient_credits.
struct hold_credits : hold_request {
  credits amount;
  time_point::duration ttl = usual_hold_seconds;
  std::string meter;
  std::string metadata;
};

/// Uses what was set aside. Answered by a result<hold_receipt>. Rejections: idempotency_key_reused,
/// hold_not_open (or there is none for this application), not_the_holder, capture_exceeds_hold, and those of
/// a spend for what goes beyond.
struct capture_hold : hold_request {
  std::uint64_t hold = 0; // the entry that opened it
  credits amount;         // 0: lets all of it go
  bool final = true;      // lets the rest go
  bool spend_overage = false;
  bool administers = false; // may capture what others hold
};

/// Lets all that is left go: to the lots that it came from, or to nobody where these are over. Answered by a
/// result<hold_receipt>. Rejections: idempotency_key_reused, hold_not_open, not_the_holder.
struct release_hold : hold_request {
  std::uint64_t hold = 0;
  bool administers = false;
};

/// A hold as a command left it.
struct hold_receipt {
  entry_place opened;
  std::uint64_t seq = 0; // of the entry that says so
  hold_mark mark;
  std::vector<slice> taken; // nothing where `replayed`: the ledger has them
  credits available;        // to the application
  bool replayed = false;

  friend bool operator==(const hold_receipt&, const hold_receipt&) = default;
};

/// A hold as it is, or as an entry has left it.
struct hold_view {
  entry_place opened;
  entity_ref entity; // in lists; else whoever asks knows it
  hold_mark mark;    // over at its end, whether or not that has been booked
  std::vector<slice> taken;
  std::string application;
  std::string meter;
  std::string metadata;
  principal holder;
  time_point created_at;
  std::uint64_t seq = 0; // of the entry that said so last
  credits available;     // to the application, after that entry
  bool replayed = false;
};

/// Answered by result<hold_view>. Rejections: hold_unknown.
struct hold_query {
  tenant_id tenant;
  entry_place opened;
  std::optional<std::uint64_t> as_of; // an entry that belongs to the hold: `opened.seq` counts not, and the
                                      // hold is as that entry has left it
  std::optional<std::string> application; // of the hold; nothing: any
  bool entity_level = false;              // or of none: what is set aside for a refund or a dispute
};

/// One page of holds, in the order of their opening. `of.type` counts not. Answered by result<hold_page>.
struct list_holds {
  list_transactions of;
};
struct hold_page {
  std::vector<hold_view> holds;
  std::optional<ledger_position> next; // nothing: that was the last page
  std::optional<time_point> newest;    // as in transaction_page
};

} // namespace tessera
