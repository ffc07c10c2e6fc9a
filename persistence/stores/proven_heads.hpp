#pragma once

#include "messages/journal.hpp"

#include <span>
#include <unordered_map>

namespace tessera::persistence {

/// The last entry of each account that one session has committed itself. Entries are immutable, so such an
/// entry is in the tables of that server for as long as the session lasts: what follows it needs no proof
/// (decision 0018). Whoever wrote after it is met at the primary key.
class proven_heads {
public:
  bool knows(const account_id& account, const digest& hash) const;
  void committed(std::span<const write_set* const> round);
  /// Another session may be another server, with another history.
  void forget() { heads_.clear(); }

private:
  std::unordered_map<account_id, digest> heads_;
};

} // namespace tessera::persistence
