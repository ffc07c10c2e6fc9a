#pragma once

#include <span>
#include <string_view>

namespace tessera::persistence {

struct migration {
  std::string_view name; // "0003_ledger"; the number is the schema version that it leads to
  std::string_view sql;
};

/// Every migration that this binary knows, in order. Forward only: one that was applied is never changed.
std::span<const migration> migrations();

} // namespace tessera::persistence
