#pragma once

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

/// Parsers under bytes that nobody chose (docs/fuzzing.md). A target takes any bytes, and throws where a
/// promise of the parser does not hold; sanitizers notice the rest.
namespace tessera::fuzz {

struct broken_promise : std::logic_error {
  using std::logic_error::logic_error;
};

/// `promise` says what should hold.
inline void claim(bool holds, const char* promise) {
  if (!holds) throw broken_promise(promise);
}

struct target {
  std::string_view name; // of its file, its corpus and its runs
  void (*run)(std::string_view bytes);
  int cost = 1; // beside the others: the suite runs it that much less
};

/// All of them.
std::span<const target> targets();
/// Null: there is none of that name.
const target* find_target(std::string_view name);

/// The bytes up to the separator, which is gone with them; all of them where there is none.
std::string_view take_until(std::string_view& bytes, char separator);
/// The first byte; 0 where there is none.
unsigned char take_byte(std::string_view& bytes);

} // namespace tessera::fuzz
