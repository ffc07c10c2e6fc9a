#pragma once

#include "messages/transactions.hpp"
#include "persistence/pg/connection.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace tessera::persistence {

/// The names of the applications; of deleted ones too, where every one is meant.
inline std::vector<std::string>
names_of(pg::transaction& in, const tenant_id& tenant, const ledger_applications& meant) {
  if (!meant.every) return meant.named;
  const auto rows = in.execute(
      "SELECT application_id FROM applications WHERE tenant_id = $1", pg::parameters().add(tenant)
  );
  std::vector<std::string> names;
  for (int i = 0; i < rows.size(); ++i)
    names.push_back(rows.text(i, 0));
  return names;
}

inline pg::parameters& add_applications(pg::parameters& values, const std::vector<std::string>& names) {
  return values.add_array(pg::parameters::type::text, names, [](const std::string& name) {
    return std::string_view(name);
  });
}

} // namespace tessera::persistence
