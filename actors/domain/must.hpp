#pragma once

#include <stdexcept>

namespace tessera {

/// What holds of every history of an account. Throws std::logic_error where it does not: what was read is not
/// the history of this account. Whoever has the account lets it go; the node goes on.
inline void must(bool holds, const char* promise) {
  if (!holds) throw std::logic_error(promise);
}

} // namespace tessera
