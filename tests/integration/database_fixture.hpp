#pragma once

#include "persistence/pg/connection.hpp"
#include "persistence/stores/directory_store.hpp"
#include "tests/support/builders.hpp"
#include "tests/support/postgres.hpp"

#include <string>
#include <utility>

namespace tessera::test {

inline constexpr std::chrono::milliseconds patience{5'000};

/// The name of a new database with the current schema.
std::string migrated_database();

/// Sessions: as the superuser, and as the service in one of its roles.
pg::session_options owner_options(const std::string& database);
pg::session_options api_options(const std::string& database);
pg::session_options writer_options(const std::string& database);
std::string service_url(const std::string& database);

/// A session that is open.
class open_session : public pg::connection {
public:
  explicit open_session(pg::session_options options) : connection(std::move(options)) { open(); }
};

/// What a use case of the tenant answers; committed, whatever that is.
template <class UseCase>
auto in_transaction(pg::connection& session, const tenant_id& tenant, const UseCase& use_case) {
  pg::transaction in(session, tenant, patience);
  auto answer = use_case(in);
  in.commit();
  return answer;
}

/// A new tenant with its account, the way `tessera tenant create` makes it.
struct made_tenant {
  tenant_id id;
  std::string name;
  entry genesis;
};
made_tenant make_tenant(const std::string& database, const std::string& timezone = "UTC");
/// An organisation of the tenant; the account's genesis.
entry make_organization(const std::string& database, const made_tenant& tenant, const std::string& id);

} // namespace tessera::test
