#pragma once

#include "messages/purchases.hpp"

#include <optional>
#include <vector>

/// What may be said about a package. Pure.
namespace tessera {

/// The package with these terms; what they leave out stays. invalid_price: the price has more decimals than
/// its currency, its two forms disagree, or the currency changes and the price is not said anew: 5000 cents
/// are no 5000 yen.
result<credit_package> with_terms(credit_package package, const package_terms& terms);

/// The package after an edit, one version later. precondition_failed: its version is none of those that the
/// caller names. An edit that changes nothing keeps the version.
result<credit_package> edited(const credit_package& package, const edit_package& command);

} // namespace tessera
