#include "http/server/identity.hpp"

#include "http/routing/characters.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <random>

namespace tessera::http {

namespace {

std::uint64_t random_bits() {
  thread_local std::mt19937_64 generator = [] {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device(), device(), device(), device(), device()};
    return std::mt19937_64{seed};
  }();
  return generator();
}

bool is_lower_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
}

bool all_zero(std::string_view text) {
  return text.find_first_not_of('0') == std::string_view::npos;
}

} // namespace

bool is_request_id(std::string_view text) {
  return !text.empty() && text.size() <= 128 && std::all_of(text.begin(), text.end(), [](char c) {
    return is_alnum(c) || c == '.' || c == '_' || c == '-';
  });
}

void make_request_id(std::string& id) {
  constexpr std::string_view digits = "0123456789abcdef";
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto ms =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
  const std::array<std::uint64_t, 2> halves{
      (ms << 16) | 0x7000u | (random_bits() & 0x0fffu),
      (random_bits() >> 2) | (std::uint64_t{1} << 63),
  };
  id.resize(36);
  std::size_t at = 0;
  for (int nibble = 0; nibble < 32; ++nibble) {
    if (nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20) id[at++] = '-';
    id[at++] = digits[(halves[nibble >= 16] >> (60 - 4 * (nibble % 16))) & 15u];
  }
}

bool is_traceparent(std::string_view text) {
  if (text.size() < 55 || text[2] != '-' || text[35] != '-' || text[52] != '-') return false;
  const auto version = text.substr(0, 2);
  const auto trace = text.substr(3, 32);
  const auto parent = text.substr(36, 16);
  if (!is_lower_hex(version) || version == "ff") return false;
  if (!is_lower_hex(trace) || !is_lower_hex(parent) || !is_lower_hex(text.substr(53, 2))) return false;
  if (all_zero(trace) || all_zero(parent)) return false;
  // Later versions may append fields; we pass on what we understand, so the length is bounded all the same.
  return version == "00" ? text.size() == 55 : text.size() == 55 || (text[55] == '-' && text.size() <= 256);
}

} // namespace tessera::http
