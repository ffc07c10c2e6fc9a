#include "http/routes/credits/transaction_fields.hpp"

namespace tessera::http {

std::string_view reference_name(entry_type type) {
  switch (type) { // no default: a new type does not compile until it is known what it refers to
  case entry_type::purchase:
  case entry_type::refund:
  case entry_type::clawback:
  case entry_type::debt_repaid:
  case entry_type::reinstate: return "purchaseId";
  case entry_type::allocate_out:
  case entry_type::allocate_in:
  case entry_type::return_out:
  case entry_type::return_in:
  case entry_type::reclaim_out:
  case entry_type::reclaim_in: return "allocationId";
  case entry_type::spend:
  case entry_type::expire:
  case entry_type::hold:
  case entry_type::capture:
  case entry_type::release: return "holdId";
  case entry_type::reverse: return "reversalOf";
  case entry_type::genesis:
  case entry_type::grant:
  case entry_type::bonus:
  case entry_type::adjust: return "";
  }
  return "";
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
