#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::paysim {

/// The value of `Stripe-Signature` for a body: its time, and one `v1` for each secret. v1 is the HMAC-SHA256
/// of `time.body` in lower-case hex; while an endpoint's secret is being changed there are two.
std::string sign(std::string_view body, std::int64_t unix_seconds, const std::vector<std::string>& secrets);

} // namespace tessera::paysim
