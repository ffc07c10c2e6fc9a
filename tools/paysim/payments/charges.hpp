#pragma once

#include "tools/paysim/sandbox.hpp"

#include <string_view>

namespace tessera::paysim {

/// One attempt to take the intent's money: "succeeded", "pending" or "failed", with `code` and `message` of
/// why.
document& make_charge(
    sandbox& account, document& intent, const document& method, std::string_view status, const document& error
);

/// The charge that paid the intent; null when none did.
document* latest_charge(sandbox& account, const document& intent);

} // namespace tessera::paysim
