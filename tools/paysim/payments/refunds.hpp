#pragma once

#include "tools/paysim/sandbox.hpp"

#include <cstdint>
#include <string_view>

namespace tessera::paysim {

/// Gives that much of the charge back. Throws api_error where it can't be: refunded already, more than is
/// left, disputed, not paid.
document& make_refund(
    sandbox& account, document& charge, std::int64_t amount, std::string_view reason, document metadata
);

/// A refund that is slow succeeds or fails by itself in time.
void await_outcome_of_refund(sandbox& account, const document& refund);

/// The bank sent the money back after all: the charge counts as not refunded by it. Throws api_error unless
/// the refund succeeded or is pending.
void fail_refund(sandbox& account, document& refund, std::string_view reason);

} // namespace tessera::paysim
