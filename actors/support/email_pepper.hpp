#pragma once

#include "actors/support/token_secret.hpp"

namespace tessera {

/// What addresses are hashed with that are kept of people who were erased: whoever reads the database can't
/// try addresses.
inline digest email_pepper(const token_secret& secret) {
  return secret.derive("email-hash/v1", "", 0);
}

} // namespace tessera
