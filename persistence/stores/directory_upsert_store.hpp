#pragma once

#include "messages/directory_upsert.hpp"
#include "persistence/pg/connection.hpp"
#include "persistence/stores/directory_store.hpp"

#include <vector>

/// The whole directory of a tenant, read and written in few statements. Inside a transaction of the tenant;
/// throws pg::error when the database fails.
namespace tessera::persistence {

/// Everything that was ever made, deleted or not.
existing_directory whole_directory(pg::transaction& in, const tenant_id& tenant);

/// One page, in one snapshot: version and tree belong together.
directory_page directory_of(pg::transaction& in, const read_directory& query);

/// A row that is to be written; of a new one with its account.
struct entity_row {
  account_id account;
  entity_ref ref;
  std::string name;
  account_id parent;
};
void insert_entities(
    pg::transaction& in,
    const tenant_id& tenant,
    const std::vector<entity_row>& rows,
    const std::vector<new_account>& accounts // in the same order; opened at one instant by one writer
);
/// Names and parents, one version later each.
void update_entities(pg::transaction& in, const tenant_id& tenant, const std::vector<entity_row>& rows);

void insert_applications(
    pg::transaction& in, const tenant_id& tenant, const std::vector<wanted_application>& applications
);
void rename_applications(
    pg::transaction& in, const tenant_id& tenant, const std::vector<wanted_application>& applications
);

} // namespace tessera::persistence
