#pragma once

#include "messages/journal.hpp"
#include "tests/support/builders.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

/// The worked examples of docs/ledger-format.md, a spend, the purchase after it and a hold after that: as
/// events, as published.
namespace tessera::test {

inline std::string hex(std::string_view bytes) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char each : bytes) {
    text += digits[static_cast<std::uint8_t>(each) >> 4];
    text += digits[static_cast<std::uint8_t>(each) & 15];
  }
  return text;
}

/// 16 bytes that rise from `first`.
inline uuid counted(std::uint8_t first) {
  uuid value;
  for (auto& byte : value.bytes)
    byte = first++;
  return value;
}

inline account_event spend_example() {
  account_event event;
  auto& booked = event.booked;
  booked.account.value = counted(0x00);
  booked.seq = 7;
  booked.tenant.value = counted(0x10);
  booked.type = entry_type::spend;
  booked.units = credits{250};
  booked.slices = {{lot_id{counted(0x20)}, credits{200}}, {lot_id{counted(0x30)}, credits{50}}};
  booked.after = {credits{50}, credits{0}, credits{1250}, credits{0}};
  booked.usable_after = credits{50};
  booked.application = "crm";
  booked.meter = "tokens";
  booked.requested_by = {principal_kind::api_key, "key-1", "crm"};
  booked.request_id = "req-1";
  booked.event_id = "evt-1";
  booked.idempotency = {counted(0x40), counted(0x50)};
  booked.metadata = R"({"a":1})";
  booked.occurred_at = start_of_test;
  booked.booked_at = start_of_test + 250 * tick;
  booked.writer.value = counted(0x60);
  return event;
}

inline account_event purchase_example() {
  const auto at = start_of_test + std::chrono::seconds{1};
  account_event event;
  auto& booked = event.booked;
  booked.account.value = counted(0x00);
  booked.seq = 8;
  booked.tenant.value = counted(0x10);
  booked.type = entry_type::purchase;
  booked.units = credits{1000};
  booked.slices = {{lot_id{counted(0x70)}, credits{1000}}};
  booked.after = {credits{1050}, credits{0}, credits{1250}, credits{0}};
  booked.usable_after = credits{1050};
  booked.reference = "pur-1";
  booked.requested_by = {principal_kind::user, "usr-1", "crm"};
  booked.request_id = "req-2";
  booked.occurred_at = at;
  booked.booked_at = at;
  booked.writer.value = counted(0x60);
  auto& opened = event.opened.emplace_back();
  opened.id.value = counted(0x70);
  opened.root = opened.id;
  opened.seq = booked.seq;
  opened.kind = lot_kind::paid;
  opened.priority = 50;
  opened.effective_at = at;
  opened.expires_at = start_of_test + std::chrono::days{365};
  opened.applications = {"crm", "erp"};
  opened.purchase_id = "pur-1";
  opened.unit_cost_minor = 2;
  opened.currency = "EUR";
  opened.amount = opened.free = credits{1000};
  return event;
}

inline account_event hold_example() {
  const auto at = start_of_test + std::chrono::seconds{2};
  account_event event;
  auto& booked = event.booked;
  booked.account.value = counted(0x00);
  booked.seq = 9;
  booked.tenant.value = counted(0x10);
  booked.type = entry_type::hold;
  booked.units = credits{600};
  booked.slices = {{lot_id{counted(0x70)}, credits{600}}};
  booked.after = {credits{450}, credits{600}, credits{1250}, credits{0}};
  booked.usable_after = credits{450};
  booked.application = "crm";
  booked.reference = hold_id_of({booked.account, booked.seq});
  booked.requested_by = {principal_kind::api_key, "key-1", "crm"};
  booked.request_id = "req-3";
  booked.occurred_at = at;
  booked.booked_at = at;
  booked.writer.value = counted(0x60);
  booked.hold = hold_mark{
      hold_purpose::spend, hold_state::open, credits{600}, credits{0}, at + std::chrono::seconds{900}};
  return event;
}

/// What the document says about an example.
struct published {
  std::string bytes; // between ```hex and ``` without blanks; a comment begins with `;`
  std::string hash;  // on a line of its own after it
};

inline std::vector<published> published_examples() {
  std::ifstream doc(std::filesystem::path(__FILE__).parent_path() / "../../docs/ledger-format.md");
  std::vector<published> examples;
  bool in_block = false;
  for (std::string line; std::getline(doc, line);) {
    if (line == "```hex") examples.emplace_back();
    if (line.starts_with("```"))
      in_block = line == "```hex";
    else if (in_block)
      std::ranges::remove_copy(
          line.substr(0, line.find(';')), std::back_inserter(examples.back().bytes), ' '
      );
    else if (line.starts_with('`') && line.ends_with("`.") && !examples.empty())
      examples.back().hash = line.substr(1, line.size() - 3);
  }
  return examples;
}

/// The hash of the entry before the spend.
inline digest hash_before_examples() {
  digest before;
  std::iota(before.begin(), before.end(), std::uint8_t{0});
  return before;
}

} // namespace tessera::test
