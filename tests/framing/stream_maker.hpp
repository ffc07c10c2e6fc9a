#pragma once

#include "tests/support/dice.hpp"

#include <cstdint>
#include <string>

namespace tessera::test {

/// Makes what a client could send on one connection: requests that are nearly right, the vectors, and what
/// becomes of them when bytes change places.
class stream_maker {
public:
  /// The same numbers give the same stream.
  stream_maker(std::uint64_t seed, std::uint64_t number) : dice_(seed * 0x2545f4914f6cdd1d + number) {}

  std::string make();

private:
  std::string request();
  std::string header();
  std::string framing_header(std::size_t body_size);
  std::string chunks();
  void damage(std::string& stream);

  dice dice_;
};

} // namespace tessera::test
