#pragma once

#include "messages/accounts.hpp"
#include "messages/types/entity.hpp"

#include <optional>
#include <string>
#include <vector>

/// Reading allocations.
namespace tessera {

/// The accounts whose allocations a caller may see; nothing: all of the tenant. Of an allocation from further
/// above only the legs to these show.
using visible_accounts = std::optional<std::vector<account_id>>;

/// Units that moved from one lot of the source to one of the receiver.
struct moved_lot {
  std::optional<lot_id> lot; // the receiver's; nothing while the leg is pending
  lot_id root;
  lot_id parent; // the source's
  lot_kind kind = lot_kind::paid;
  std::optional<time_point> expires_at;
  std::string expiry_date;
  std::string purchase_id;
  credits amount;
};

enum class leg_status : std::uint8_t { pending, completed, returned };
std::string_view to_string(leg_status status);

struct allocated_leg {
  account_id account;
  entity_ref to;
  credits amount;
  leg_status status = leg_status::pending;
  std::optional<credits> new_balance; // of the receiver, right after it arrived
  std::vector<moved_lot> lots;
};

/// What became of an allocation, or of what went back up. The figures are those of its entries: the same
/// answer for ever.
struct allocation {
  std::string id;
  inbox_kind kind = inbox_kind::allocation; // or give_back, reclaim: upward
  entity_ref from;
  credits from_balance; // of the source, right after the last leg that shows
  std::vector<allocated_leg> legs;
  time_point created_at;
};

/// An allocation as the one who asked for it is told.
struct allocation_outcome {
  allocation made;
  bool replayed = false;
};

/// One allocation, by its id or by the place of its first entry. Answered by result<allocation>. Rejections:
/// allocation_unknown.
struct allocation_query {
  tenant_id tenant;
  std::string id;
  std::optional<entry_place> first; // instead of the id
  visible_accounts visible;
};

/// One page of allocations, newest first. Answered by result<allocation_page>.
struct list_allocations {
  tenant_id tenant;
  std::optional<account_id> entity; // that gave or received
  std::string before;               // allocations older than this one; empty: the newest
  int limit = 50;
  visible_accounts visible;
};
struct allocation_page {
  std::vector<allocation> allocations;
  bool more = false;
};

} // namespace tessera
