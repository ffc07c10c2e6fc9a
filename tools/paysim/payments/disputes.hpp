#pragma once

#include "tools/paysim/sandbox.hpp"

#include <cstdint>
#include <string_view>

namespace tessera::paysim {

struct dispute_terms {
  std::string_view reason = "fraudulent";
  std::int64_t amount = 0; // 0: all of it
  bool is_inquiry = false; // a question of the bank; no money moves
};

/// The payer's bank takes the money back until it has decided.
document& open_dispute(sandbox& account, document& charge, const dispute_terms& terms);

/// The bank decides. Throws api_error when it has before.
void close_dispute(sandbox& account, document& dispute, bool won);

} // namespace tessera::paysim
