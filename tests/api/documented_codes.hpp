#pragma once

#include <map>
#include <set>
#include <string>

namespace tessera::test {

/// What each operation of the document may be refused with: codes by `POST /api/credits/consume`, then by
/// status.
using documented_codes = std::map<std::string, std::map<int, std::set<std::string>>>;
documented_codes read_documented_codes(const std::string& document);

} // namespace tessera::test
