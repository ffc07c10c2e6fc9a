#pragma once

#include "messages/payments.hpp"
#include "persistence/pg/connection.hpp"

#include <optional>
#include <string>

/// Ways to pay that a provider keeps for entities. Inside a transaction of the tenant; throws pg::error when
/// the database fails.
namespace tessera::persistence {

/// The method that pays for the entity: its own default, else that of the nearest entity above.
std::optional<saved_method>
paying_method(pg::transaction& in, const tenant_id& tenant, const account_id& account);

/// The provider's name of the entity; empty: it has none yet.
std::string customer_of(pg::transaction& in, const tenant_id& tenant, const account_id& account);
/// Keeps it instead of `known`; what another has kept meanwhile stays. Returns the one that counts.
std::string keep_customer(
    pg::transaction& in,
    const tenant_id& tenant,
    const account_id& account,
    const std::string& customer,
    const std::string& known
);
/// False: the method is another entity's, and nothing was changed.
bool keep_method(
    pg::transaction& in, const tenant_id& tenant, const account_id& account, const saved_method& method
);
method_list methods_of(pg::transaction& in, const list_methods& query);
std::optional<saved_method> find_method(pg::transaction& in, const method_query& query);
void forget_method(pg::transaction& in, const tenant_id& tenant, const std::string& method_id);

} // namespace tessera::persistence
