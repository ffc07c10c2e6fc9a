#pragma once

#include "messages/types/errors.hpp"
#include "persistence/pg/connection.hpp"

#include <functional>
#include <string>

namespace CLI {
class App;
}

namespace tessera::cli {

/// What the commands of the operator have in common: the owner's database and the form of the answer.
struct operator_options {
  std::string database_url;
  bool json = false;
};

/// Adds --database-url (or TESSERA_DATABASE_URL) and --json.
void add_operator_options(CLI::App& command, operator_options& into);

/// How a session of the schema's owner is opened; row-level security does not apply to it.
pg::session_options owner_session(const std::string& url);

/// Throws std::runtime_error with the code and `what` unless it is ok.
void require(errc code, const std::string& what);

/// The tenant of that id. Throws std::runtime_error when there is none.
tenant_id tenant_named(pg::connection& session, const std::string& id);

} // namespace tessera::cli
