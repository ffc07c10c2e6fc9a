#include "messages/holds.hpp"

#include <algorithm>
#include <charconv>

namespace tessera {

namespace {

constexpr std::string_view prefix = "hold-";
constexpr std::size_t digits_of_account = 32;

/// The usual text of a UUID from its digits alone.
std::string with_dashes(std::string_view digits) {
  std::string text(digits);
  for (const std::size_t at : {8, 13, 18, 23})
    text.insert(at, 1, '-');
  return text;
}

} // namespace

std::string hold_id_of(const entry_place& opened) {
  auto account = to_string(opened.account);
  std::erase(account, '-');
  return std::string(prefix) + account + "-" + std::to_string(opened.seq);
}

std::optional<entry_place> parse_hold_id(std::string_view text) {
  constexpr auto seq_at = prefix.size() + digits_of_account + 1;
  if (!text.starts_with(prefix) || text.size() <= seq_at || text[seq_at - 1] != '-') return std::nullopt;
  const auto account = uuid::parse(with_dashes(text.substr(prefix.size(), digits_of_account)));
  const auto digits = text.substr(seq_at);
  std::uint64_t seq = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), seq);
  if (!account || error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  const entry_place opened{account_id{*account}, seq};
  if (seq == 0 || seq > INT64_MAX || hold_id_of(opened) != text) return std::nullopt;
  return opened;
}

std::uint64_t seq_of_hold(std::string_view name) {
  const auto digits = name.substr(std::min(name.size(), name.rfind('-') + 1));
  std::uint64_t seq = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), seq);
  return error == std::errc{} && end == digits.data() + digits.size() ? seq : 0;
}

credits sum_of(const std::vector<slice>& slices) {
  credits sum;
  for (const auto& part : slices)
    sum += part.units;
  return sum;
}

std::vector<slice> first_of(const std::vector<slice>& slices, credits units) {
  std::vector<slice> first;
  for (const auto& part : slices) {
    if (units.is_zero()) break;
    first.push_back({part.lot, std::min(part.units, units)});
    units -= first.back().units;
  }
  return first;
}

void take_out(std::vector<slice>& from, const std::vector<slice>& gone) {
  for (const auto& part : gone)
    if (const auto here = std::ranges::find(from, part.lot, &slice::lot); here != from.end())
      here->units -= std::min(here->units, part.units);
  std::erase_if(from, [](const slice& part) { return part.units.is_zero(); });
}

} // namespace tessera
