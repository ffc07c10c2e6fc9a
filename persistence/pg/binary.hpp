#pragma once

#include "messages/types/time.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

/// PostgreSQL's binary formats: big-endian numbers, instants in microseconds since 2000-01-01.
namespace tessera::pg {

template <class Integer> void append_big_endian(std::string& out, Integer value) {
  auto bits = static_cast<std::make_unsigned_t<Integer>>(value);
  char bytes[sizeof bits];
  for (std::size_t i = 0; i < sizeof bits; ++i)
    bytes[i] = static_cast<char>(bits >> (8 * (sizeof bits - 1 - i)));
  out.append(bytes, sizeof bits);
}

template <class Integer> Integer read_big_endian(const char* bytes) {
  std::make_unsigned_t<Integer> bits = 0;
  for (std::size_t i = 0; i < sizeof bits; ++i)
    bits =
        static_cast<std::make_unsigned_t<Integer>>((bits << 7 << 1) | static_cast<unsigned char>(bytes[i]));
  return static_cast<Integer>(bits);
}

inline constexpr std::int64_t pg_epoch_us = 946'684'800'000'000;
inline std::int64_t to_pg_microseconds(time_point at) {
  return to_microseconds(at) - pg_epoch_us;
}
/// `infinity`, which nobody writes but by hand, is the end of our time.
inline time_point from_pg_microseconds(std::int64_t us) {
  std::int64_t since_1970 = 0;
  if (__builtin_add_overflow(us, pg_epoch_us, &since_1970)) return time_point::max();
  return from_microseconds(since_1970);
}

} // namespace tessera::pg
