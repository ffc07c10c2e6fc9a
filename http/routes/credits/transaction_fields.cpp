#include "http/routes/credits/transaction_fields.hpp"

namespace tessera::http {

namespace {

/// An id says what it is of. Nothing it begins with: `otherwise`.
std::string_view
name_by_form(std::string_view id, std::string_view of_transaction, std::string_view otherwise) {
  if (id.starts_with("txn-")) return of_transaction;
  if (id.starts_with("hold-")) return "holdId";
  if (id.starts_with("alloc-")) return "allocationId";
  if (id.starts_with("pur-")) return "purchaseId";
  if (id.starts_with("inv-")) return "invitationId";
  return otherwise;
}

} // namespace

std::string_view reference_name(const entry& booked) {
  switch (booked.type) { // no default: a new type does not compile until it is known what it refers to
  case entry_type::purchase: return "purchaseId";
  case entry_type::grant:
  case entry_type::bonus: return "grantId";
  case entry_type::allocate_out:
  case entry_type::allocate_in:
  case entry_type::return_out:
  case entry_type::return_in:
  case entry_type::reclaim_out:
  case entry_type::reclaim_in: return name_by_form(booked.reference, {}, "allocationId");
  case entry_type::spend:
  case entry_type::expire:
  case entry_type::hold:
  case entry_type::capture:
  case entry_type::release: return name_by_form(booked.reference, "transactionId", "holdId");
  case entry_type::reverse: return "reversalOf";
  case entry_type::reinstate:
  case entry_type::refund:
  case entry_type::clawback:
  case entry_type::debt_repaid:
  case entry_type::adjust: return name_by_form(booked.reference, "reversalOf", "purchaseId");
  case entry_type::genesis:
  case entry_type::freeze:
  case entry_type::unfreeze: return "";
  }
  return "";
}

std::string_view reason_of(const transaction& told) {
  const auto type = told.booked.type;
  const bool is_said = type == entry_type::freeze || type == entry_type::unfreeze;
  return is_said ? told.booked.reference : told.reason;
}

void write_lots(json::writer& out, const std::vector<slice>& slices) {
  out.key("lots").begin_array();
  for (const auto& part : slices) {
    out.begin_object().key("lotId");
    part.lot == lot_id{} ? out.null() : out.string(to_string(part.lot));
    out.field("units", part.units.value()).end_object();
  }
  out.end_array();
}

std::string to_hex(const digest& bytes) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (const auto byte : bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

} // namespace tessera::http
