#include "messages/entries.hpp"

#include <array>

namespace tessera {

namespace {

constexpr std::array<std::string_view, entry_type_count> names{
    "genesis",     "purchase",   "grant",        "bonus",       "spend",      "hold",
    "capture",     "release",    "allocate_out", "allocate_in", "return_out", "return_in",
    "reclaim_out", "reclaim_in", "expire",       "refund",      "clawback",   "debt_repaid",
    "reinstate",   "reverse",    "adjust",       "freeze",      "unfreeze",
};

} // namespace

std::string_view to_string(entry_type type) {
  return names[static_cast<std::size_t>(type)];
}

std::optional<entry_type> parse_entry_type(std::string_view text) {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == text) return static_cast<entry_type>(i);
  return std::nullopt;
}

bool belongs_to_application(entry_type type) {
  switch (type) {
  case entry_type::spend:
  case entry_type::hold:
  case entry_type::capture:
  case entry_type::release:
  case entry_type::reverse: return true;
  default: return false;
  }
}

std::string_view to_string(hold_purpose purpose) {
  switch (purpose) {
  case hold_purpose::spend: return "spend";
  case hold_purpose::escrow: return "escrow";
  case hold_purpose::refund: return "refund";
  case hold_purpose::dispute: return "dispute";
  }
  return "unknown";
}

std::string_view to_string(hold_state state) {
  switch (state) {
  case hold_state::open: return "open";
  case hold_state::captured: return "captured";
  case hold_state::released: return "released";
  case hold_state::expired: return "expired";
  }
  return "unknown";
}

bool has_hold_mark(entry_type type) {
  return type == entry_type::hold || type == entry_type::capture || type == entry_type::release ||
         type == entry_type::refund;
}

std::string_view cause_of(const entry& booked) {
  if (booked.type == entry_type::expire) {
    if (booked.reference.empty()) return "";
    return booked.reference.starts_with("hold-") ? "released_after_expiry" : "reversed_after_expiry";
  }
  if (booked.type != entry_type::release || !booked.hold) return "";
  return booked.hold->state == hold_state::expired ? "hold_expired" : to_string(booked.hold->state);
}

std::string_view to_string(principal_kind kind) {
  switch (kind) {
  case principal_kind::system: return "system";
  case principal_kind::api_key: return "api_key";
  case principal_kind::user: return "user";
  case principal_kind::operator_key: return "operator";
  }
  return "unknown";
}

} // namespace tessera
