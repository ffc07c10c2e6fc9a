#pragma once

#include "http/auth/caller.hpp"
#include "messages/accounts.hpp"

#include <optional>
#include <string_view>

namespace tessera::http {

/// Something that is named by an entry, at an entity where the caller may do the act.
struct entry_search {
  entry_place place;
  const directory_entity* at = nullptr; // in *who.tenant
  std::optional<problem> refused;
};

/// A hold or a transaction by its id: 404 where it is none that the caller can reach (contract 2).
entry_search find_hold(const caller& who, act what, std::string_view id);
entry_search find_transaction(const caller& who, act what, std::string_view id);

} // namespace tessera::http
