#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tessera::test {

/// What a log must not hold, with the line that holds it: keys, tokens, whole mail addresses, hashes of
/// passwords, and the texts in `more`.
std::vector<std::string> secrets_in(const std::string& log, const std::vector<std::string>& more = {});

} // namespace tessera::test
