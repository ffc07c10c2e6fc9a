#pragma once

#include "messages/message_wordings.hpp"
#include "messages/types/ids.hpp"
#include "persistence/pg/connection.hpp"

#include <optional>
#include <string>
#include <vector>

/// How a tenant words messages: versions that stay as they are. Inside a transaction of the tenant; throws
/// pg::error when the database fails.
namespace tessera::persistence {

struct stored_wording {
  wording_place place;
  wording said;
  std::int64_t version = 0;
  bool withdrawn = false; // nothing of the tenant's own is said any more
  std::string changed_by;
  time_point changed_at;
};

/// The last version of each.
std::vector<stored_wording> wordings_of(pg::transaction& in, const tenant_id& tenant);
std::optional<stored_wording>
last_wording(pg::transaction& in, const tenant_id& tenant, const wording_place& place);
/// What is said in the first of these languages in which the tenant says something of its own.
std::optional<wording> nearest_wording(
    pg::transaction& in,
    const tenant_id& tenant,
    const wording_place& place,
    const std::vector<std::string>& locales
);
/// The youngest first.
std::vector<stored_wording>
wording_versions(pg::transaction& in, const tenant_id& tenant, const wording_place& place);

/// Nobody else adds a version there until the transaction ends.
void lock_wording(pg::transaction& in, const tenant_id& tenant, const wording_place& place);
stored_wording insert_wording(pg::transaction& in, const word_template& command, std::int64_t version);

/// A message that is tried: its notification.
uuid insert_test_message(
    pg::transaction& in, const wording_place& place, const std::string& to, const template_variables& values
);

/// What the tenant's mails look like.
mail_look look_of(pg::transaction& in, const tenant_id& tenant);

} // namespace tessera::persistence
