#include "persistence/stores/hold_bytes.hpp"

#include "persistence/pg/binary.hpp"
#include "persistence/stores/round_statements.hpp"

#include <cstdint>

namespace tessera::persistence {

namespace {

constexpr std::size_t mark_length = 26;

void put(std::string& out, std::string_view text) {
  pg::append_big_endian(out, static_cast<std::int32_t>(text.size()));
  out.append(text);
}

/// Takes values from the front; once something is missing, everything is.
class reading {
public:
  explicit reading(std::string_view bytes) : rest_(bytes) {}

  bool failed() const { return failed_; }
  bool at_end() const { return rest_.empty(); }

  std::string_view take(std::size_t length) {
    if (failed_ || length > rest_.size()) {
      failed_ = true;
      return {};
    }
    const auto taken = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return taken;
  }
  template <class Integer> Integer number() {
    const auto bytes = take(sizeof(Integer));
    return failed_ ? Integer{} : pg::read_big_endian<Integer>(bytes.data());
  }
  std::string_view text() {
    const auto length = number<std::int32_t>();
    if (length < 0) failed_ = true;
    return take(static_cast<std::size_t>(length));
  }

private:
  std::string_view rest_;
  bool failed_ = false;
};

hold_mark mark_in(reading& from) {
  hold_mark mark;
  mark.purpose = static_cast<hold_purpose>(from.number<std::uint8_t>());
  mark.state = static_cast<hold_state>(from.number<std::uint8_t>());
  mark.amount = credits{from.number<std::int64_t>()};
  mark.captured = credits{from.number<std::int64_t>()};
  mark.ends_at = from_microseconds(from.number<std::int64_t>());
  return mark;
}

void put(std::string& out, const open_hold& hold) {
  pg::append_big_endian(out, static_cast<std::int64_t>(hold.seq));
  out.append(pack_mark({hold.purpose, hold_state::open, hold.amount, hold.captured, hold.ends_at}));
  put(out, hold.application);
  put(out, hold.meter);
  pg::append_big_endian(out, static_cast<std::uint8_t>(hold.holder.kind));
  put(out, hold.holder.id);
  put(out, hold.holder.application);
  put(out, pack_slices(hold.taken));
  put(out, pack_slices(hold.left));
}

open_hold hold_in(reading& from) {
  open_hold hold;
  hold.seq = static_cast<std::uint64_t>(from.number<std::int64_t>());
  const auto mark = mark_in(from);
  hold.purpose = mark.purpose;
  hold.amount = mark.amount;
  hold.captured = mark.captured;
  hold.ends_at = mark.ends_at;
  hold.application = from.text();
  hold.meter = from.text();
  hold.holder.kind = static_cast<principal_kind>(from.number<std::uint8_t>());
  hold.holder.id = from.text();
  hold.holder.application = from.text();
  hold.taken = unpack_slices(from.text());
  hold.left = unpack_slices(from.text());
  return hold;
}

} // namespace

std::string pack_mark(const hold_mark& mark) {
  std::string bytes;
  bytes.reserve(mark_length);
  pg::append_big_endian(bytes, static_cast<std::uint8_t>(mark.purpose));
  pg::append_big_endian(bytes, static_cast<std::uint8_t>(mark.state));
  pg::append_big_endian(bytes, mark.amount.value());
  pg::append_big_endian(bytes, mark.captured.value());
  pg::append_big_endian(bytes, to_microseconds(mark.ends_at));
  return bytes;
}

std::optional<hold_mark> unpack_mark(std::string_view bytes) {
  if (bytes.size() != mark_length) return std::nullopt;
  reading from(bytes);
  return mark_in(from);
}

std::string pack_holds(const std::vector<open_hold>& holds) {
  std::string bytes;
  for (const auto& each : holds)
    put(bytes, each);
  return bytes;
}

std::vector<open_hold> unpack_holds(std::string_view bytes) {
  std::vector<open_hold> holds;
  reading from(bytes);
  while (!from.failed() && !from.at_end())
    holds.push_back(hold_in(from));
  if (from.failed()) return {open_hold{}};
  return holds;
}

} // namespace tessera::persistence
