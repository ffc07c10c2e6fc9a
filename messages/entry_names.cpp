#include "messages/entry_names.hpp"

#include <algorithm>
#include <charconv>

namespace tessera {

namespace {

constexpr std::string_view transaction_prefix = "txn-";
constexpr std::string_view hold_prefix = "hold-";
constexpr std::size_t digits_of_account = 32;

/// The usual text of a UUID from its digits alone.
std::string with_dashes(std::string_view digits) {
  std::string text(digits);
  for (const std::size_t at : {8, 13, 18, 23})
    text.insert(at, 1, '-');
  return text;
}

/// Made twice for each call that names an entry: written into place, without a detour by the usual text.
std::string name_of(std::string_view prefix, const entry_place& place) {
  constexpr std::string_view digits = "0123456789abcdef";
  constexpr std::size_t most_digits_of_seq = 20;
  std::string name(prefix.size() + digits_of_account + 1 + most_digits_of_seq, '-');
  auto to = std::ranges::copy(prefix, name.begin()).out;
  for (const auto byte : place.account.value.bytes) {
    *to++ = digits[byte >> 4];
    *to++ = digits[byte & 15];
  }
  auto* const seq = &*++to;
  const auto end = std::to_chars(seq, name.data() + name.size(), place.seq).ptr;
  name.resize(static_cast<std::size_t>(end - name.data()));
  return name;
}

std::optional<entry_place> parse(std::string_view prefix, std::string_view text) {
  const auto seq_at = prefix.size() + digits_of_account + 1;
  if (!text.starts_with(prefix) || text.size() <= seq_at || text[seq_at - 1] != '-') return std::nullopt;
  const auto account = uuid::parse(with_dashes(text.substr(prefix.size(), digits_of_account)));
  const auto digits = text.substr(seq_at);
  std::uint64_t seq = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), seq);
  if (!account || error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  const entry_place place{account_id{*account}, seq};
  if (seq == 0 || seq > INT64_MAX || name_of(prefix, place) != text) return std::nullopt;
  return place;
}

} // namespace

std::string transaction_id_of(const entry_place& booked) {
  return name_of(transaction_prefix, booked);
}

std::optional<entry_place> parse_transaction_id(std::string_view text) {
  return parse(transaction_prefix, text);
}

std::string hold_id_of(const entry_place& opened) {
  return name_of(hold_prefix, opened);
}

std::optional<entry_place> parse_hold_id(std::string_view text) {
  return parse(hold_prefix, text);
}

std::uint64_t seq_of_hold(std::string_view name) {
  const auto digits = name.substr(std::min(name.size(), name.rfind('-') + 1));
  std::uint64_t seq = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), seq);
  return error == std::errc{} && end == digits.data() + digits.size() ? seq : 0;
}

} // namespace tessera
