#pragma once

#include <string>
#include <string_view>

namespace tessera::paysim {

/// Throws api_error 401 unless the header has the secret key, as a bearer or as the user of Basic. Without a
/// key of its own the sandbox takes any `sk_test_` and `rk_test_` key.
void check_key(std::string_view authorization, const std::string& secret_key);

/// Throws api_error 400 unless the version is the one that is simulated, or none is named.
void check_version(std::string_view version);

} // namespace tessera::paysim
