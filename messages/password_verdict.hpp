#pragma once

#include <string>

namespace tessera {

/// What became of a password that somebody gave.
struct password_verdict {
  bool right = false;
  std::string rehashed; // not empty: the hash was made with old parameters, and this is the new one
};

} // namespace tessera
