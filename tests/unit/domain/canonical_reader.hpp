#pragma once

#include "messages/journal.hpp"

#include <cassert>
#include <optional>
#include <string>
#include <string_view>

namespace tessera::test {

/// Reads an entry and the lots it opened back from its canonical bytes, by the text of docs/ledger-format.md.
/// Entries that can be read back can't share their bytes.
class canonical_reader {
public:
  explicit canonical_reader(std::string_view bytes) : rest_(bytes) {}

  account_event read() {
    account_event event;
    tag_ = take(17);
    event.booked = booked();
    event.opened.resize(number(4));
    for (auto& each : event.opened)
      each = opened();
    if (has_hold_mark(event.booked.type)) event.booked.hold = mark();
    return event;
  }

  std::string_view tag() const { return tag_; }
  bool at_end() const { return rest_.empty(); }

private:
  entry booked() {
    entry booked;
    booked.account.value = id();
    booked.seq = number(8);
    booked.tenant.value = id();
    booked.type = static_cast<entry_type>(number(1));
    booked.units = units();
    booked.slices.resize(number(4));
    for (auto& part : booked.slices) {
      part.lot.value = id();
      part.units = units();
    }
    booked.after.available = units();
    booked.after.reserved = units();
    booked.after.used = units();
    booked.after.debt = units();
    booked.usable_after = units();
    booked.application = text();
    booked.meter = text();
    booked.reference = text();
    booked.requested_by.kind = static_cast<principal_kind>(number(1));
    booked.requested_by.id = text();
    booked.requested_by.application = text();
    booked.request_id = text();
    booked.event_id = text();
    booked.caller_key = text();
    booked.idempotency = optional([&] { return key(); });
    booked.metadata = text();
    booked.occurred_at = instant();
    booked.booked_at = instant();
    booked.writer.value = id();
    return booked;
  }

  hold_mark mark() {
    hold_mark read;
    read.purpose = static_cast<hold_purpose>(number(1));
    read.state = static_cast<hold_state>(number(1));
    read.amount = units();
    read.captured = units();
    read.ends_at = instant();
    return read;
  }

  lot opened() {
    lot opened;
    opened.id.value = id();
    opened.root.value = id();
    opened.parent = optional([&] { return lot_id{id()}; });
    opened.kind = static_cast<lot_kind>(number(1));
    opened.priority = static_cast<std::uint8_t>(number(1));
    opened.effective_at = instant();
    opened.expires_at = optional([&] { return instant(); });
    opened.applications.resize(number(4));
    for (auto& application : opened.applications)
      application = text();
    opened.purchase_id = text();
    opened.unit_cost_minor = optional([&] { return static_cast<std::int64_t>(number(8)); });
    opened.currency = text();
    opened.amount = units();
    return opened;
  }

  template <class Read> auto optional(Read read) -> std::optional<decltype(read())> {
    const auto presence = number(1);
    assert(presence <= 1);
    if (presence == 0) return std::nullopt;
    return read();
  }

  std::string_view take(std::size_t count) {
    assert(count <= rest_.size());
    const auto taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }

  std::uint64_t number(std::size_t width) {
    std::uint64_t value = 0;
    for (const char byte : take(width))
      value = value << 8 | static_cast<std::uint8_t>(byte);
    return value;
  }

  uuid id() {
    uuid value;
    for (auto& byte : value.bytes)
      byte = static_cast<std::uint8_t>(number(1));
    return value;
  }

  idempotency_key key() {
    const auto first = id();
    return {first, id()};
  }

  credits units() { return credits{static_cast<std::int64_t>(number(8))}; }
  time_point instant() { return from_microseconds(static_cast<std::int64_t>(number(8))); }
  std::string text() { return std::string(take(number(4))); }

  std::string_view rest_;
  std::string_view tag_;
};

} // namespace tessera::test
