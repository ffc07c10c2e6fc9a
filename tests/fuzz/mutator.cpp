#include "tests/fuzz/mutator.hpp"

#include <algorithm>
#include <string_view>

namespace tessera::fuzz {

namespace {

using namespace std::string_view_literals;

// What parsers tend to have opinions about.
constexpr std::string_view splinters[] = {
    "\0"sv,
    "\n"sv,
    "\r\n"sv,
    "\""sv,
    "\\"sv,
    "{"sv,
    "}"sv,
    "["sv,
    "]"sv,
    ":"sv,
    ","sv,
    "."sv,
    "%"sv,
    "%00"sv,
    "="sv,
    "&"sv,
    "/"sv,
    ";"sv,
    "@"sv,
    " "sv,
    "-"sv,
    "-0"sv,
    "0"sv,
    "1e9"sv,
    "9007199254740992"sv,
    "-9223372036854775808"sv,
    "null"sv,
    "true"sv,
    "\\u0000"sv,
    "\\ud800"sv,
    "\x80"sv,
    "\xff\xff\xff\xff"sv,
    "\xc3\xa9"sv,
    "\xef\xbb\xbf"sv,
    "9999-12-31T23:59:59Z"sv};

} // namespace

std::string mutator::next() {
  auto input = dice_.pick(corpus_);
  for (auto left = 1 + dice_.below(4); left > 0; --left)
    change(input);
  return input;
}

void mutator::change(std::string& input) {
  const auto at = dice_.below(input.size() + 1);
  switch (dice_.below(6)) {
  case 0: input.insert(at, dice_.pick(splinters)); return;
  case 1: input.insert(at, 1, static_cast<char>(dice_.below(256))); return;
  case 2: input.erase(at, 1 + dice_.below(4)); return;
  case 3: // a part of another one
    if (const auto& other = dice_.pick(corpus_); !other.empty())
      input.insert(at, other, dice_.below(other.size()), 1 + dice_.below(20));
    return;
  case 4: // a part once more
    input.insert(at, input.substr(dice_.below(input.size() + 1), 1 + dice_.below(20)));
    return;
  default:
    if (at < input.size()) input[at] = static_cast<char>(input[at] ^ static_cast<char>(1u << dice_.below(8)));
    return;
  }
}

} // namespace tessera::fuzz
