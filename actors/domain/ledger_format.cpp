#include "actors/domain/ledger_format.hpp"

#include <array>
#include <cassert>
#include <concepts>
#include <limits>
#include <string_view>

namespace tessera {

namespace {

using namespace std::string_view_literals;

/// No other document hashes the same bytes as an entry: each kind begins with a tag of its own.
constexpr auto entry_tag = "tessera.entry.v1\0"sv;

void put(std::string& out, std::uint8_t value) {
  out.push_back(static_cast<char>(value));
}

/// Big-endian, as many bytes as the type has.
template <std::unsigned_integral Unsigned> void put(std::string& out, Unsigned value) {
  std::array<char, sizeof value> bytes;
  for (auto next = bytes.rbegin(); next != bytes.rend(); ++next, value >>= 8)
    *next = static_cast<char>(value & 0xff);
  out.append(bytes.data(), bytes.size());
}

void put_count(std::string& out, std::size_t count) {
  assert(count <= std::numeric_limits<std::uint32_t>::max());
  put(out, static_cast<std::uint32_t>(count));
}

void put(std::string& out, std::string_view text) {
  put_count(out, text.size());
  out.append(text);
}

void put(std::string& out, const uuid& value) {
  out.append(reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size());
}

void put(std::string& out, const lot_id& value) {
  put(out, value.value);
}

void put(std::string& out, std::int64_t value) {
  put(out, static_cast<std::uint64_t>(value));
}
void put(std::string& out, credits value) {
  put(out, value.value());
}
void put(std::string& out, time_point value) {
  put(out, to_microseconds(value));
}

void put(std::string& out, const std::vector<slice>& slices) {
  put_count(out, slices.size());
  for (const auto& part : slices) {
    put(out, part.lot);
    put(out, part.units);
  }
}

void put(std::string& out, const std::vector<std::string>& texts) {
  put_count(out, texts.size());
  for (const auto& text : texts)
    put(out, text);
}

void put(std::string& out, const balances& value) {
  put(out, value.available);
  put(out, value.reserved);
  put(out, value.used);
  put(out, value.debt);
}

void put(std::string& out, const principal& value) {
  put(out, static_cast<std::uint8_t>(value.kind));
  put(out, value.id);
  put(out, value.application);
}

void put(std::string& out, const idempotency_key& value) {
  put(out, value.key);
  put(out, value.fingerprint);
}

/// Only the kinds of values above.
template <class Value> void put(std::string& out, const std::optional<Value>& value) {
  put(out, static_cast<std::uint8_t>(value.has_value()));
  if (value) put(out, *value);
}

void put_entry(std::string& out, const entry& booked) {
  put(out, booked.account.value);
  put(out, booked.seq);
  put(out, booked.tenant.value);
  put(out, static_cast<std::uint8_t>(booked.type));
  put(out, booked.units);
  put(out, booked.slices);
  put(out, booked.after);
  put(out, booked.usable_after);
  put(out, booked.application);
  put(out, booked.meter);
  put(out, booked.reference);
  put(out, booked.requested_by);
  put(out, booked.request_id);
  put(out, booked.event_id);
  put(out, booked.caller_key);
  put(out, booked.idempotency);
  put(out, booked.metadata);
  put(out, booked.occurred_at);
  put(out, booked.booked_at);
  put(out, booked.writer.value);
}

/// The terms of a lot. Its account, tenant and seq are the entry's; `free` and `held` are not terms.
void put(std::string& out, const lot& opened) {
  put(out, opened.id);
  put(out, opened.root);
  put(out, opened.parent);
  put(out, static_cast<std::uint8_t>(opened.kind));
  put(out, opened.priority);
  put(out, opened.effective_at);
  put(out, opened.expires_at);
  put(out, opened.applications);
  put(out, opened.purchase_id);
  put(out, opened.unit_cost_minor);
  put(out, opened.currency);
  put(out, opened.amount);
}

void put(std::string& out, const std::vector<lot>& lots) {
  put_count(out, lots.size());
  for (const auto& opened : lots)
    put(out, opened);
}

void put(std::string& out, const hold_mark& mark) {
  put(out, static_cast<std::uint8_t>(mark.purpose));
  put(out, static_cast<std::uint8_t>(mark.state));
  put(out, mark.amount);
  put(out, mark.captured);
  put(out, mark.ends_at);
}

} // namespace

void append_canonical(std::string& out, const account_event& event) {
  out.append(entry_tag);
  put_entry(out, event.booked);
  put(out, event.opened);
  if (has_hold_mark(event.booked.type)) put(out, event.booked.hold.value_or(hold_mark{}));
}

} // namespace tessera
