#pragma once

#include <cstdint>
#include <string>

namespace tessera::test {

/// Many entries of one account at once, by SQL: their chain is not honest, which no reader of pages looks at.
struct bulk_entries {
  std::string account; // uuid
  std::string tenant;  // uuid
  std::int64_t first_seq = 1;
  std::int64_t count = 0;
  std::string begun = "2026-03-01 00:00:00+00";
  std::string apart = "1 second";
  /// An SQL expression of the seq `n`: the entry's application.
  std::string application = "'crm'";
  std::string type = "4";
};

/// The statement; run it as the owner.
std::string bulk_insert(const bulk_entries& entries);

} // namespace tessera::test
