#include "persistence/stores/payment_method_store.hpp"

namespace tessera::persistence {

namespace {

#define TESSERA_METHOD                                                                                       \
  "m.method_id, c.customer_id, e.entity_type, e.entity_id, m.kind, m.brand, m.last4, m.exp_month,"           \
  " m.exp_year, m.is_default, m.created_at"
#define TESSERA_METHODS                                                                                      \
  " FROM payment_methods m JOIN payment_customers c USING (account_id) JOIN entities e USING (account_id)"

saved_method method_at(const pg::rows& rows, int row) {
  saved_method method;
  method.method_id = rows.text(row, 0);
  method.customer_id = rows.text(row, 1);
  method.entity = {static_cast<entity_type>(rows.int2(row, 2)), rows.text(row, 3)};
  method.kind = rows.text(row, 4);
  method.brand = rows.text(row, 5);
  method.last4 = rows.text(row, 6);
  method.exp_month = rows.int2(row, 7);
  method.exp_year = rows.int2(row, 8);
  method.is_default = rows.boolean(row, 9);
  method.created_at = rows.time(row, 10);
  return method;
}

std::optional<saved_method> first_method(const pg::rows& rows) {
  return rows.empty() ? std::nullopt : std::optional(method_at(rows, 0));
}

} // namespace

std::optional<saved_method>
paying_method(pg::transaction& in, const tenant_id& tenant, const account_id& account) {
  return first_method(in.execute(
      "WITH RECURSIVE above (account_id, distance) AS (SELECT $2::uuid, 0 UNION ALL"
      "  SELECT e.parent_account, a.distance + 1 FROM above a JOIN entities e USING (account_id)"
      "  WHERE e.parent_account IS NOT NULL)"
      " SELECT " TESSERA_METHOD TESSERA_METHODS " JOIN above USING (account_id)"
      " WHERE m.tenant_id = $1 AND m.is_default ORDER BY above.distance LIMIT 1",
      pg::parameters().add(tenant).add(account)
  ));
}

std::string customer_of(pg::transaction& in, const tenant_id& tenant, const account_id& account) {
  const auto rows = in.execute(
      "SELECT customer_id FROM payment_customers WHERE tenant_id = $1 AND account_id = $2",
      pg::parameters().add(tenant).add(account)
  );
  return rows.empty() ? std::string() : rows.text(0, 0);
}

std::string keep_customer(
    pg::transaction& in,
    const tenant_id& tenant,
    const account_id& account,
    const std::string& customer,
    const std::string& known
) {
  in.execute(
      "INSERT INTO payment_customers (account_id, tenant_id, customer_id) VALUES ($2, $1, $3)"
      " ON CONFLICT (account_id) DO UPDATE SET customer_id = excluded.customer_id"
      "  WHERE payment_customers.customer_id = $4",
      pg::parameters().add(tenant).add(account).add(customer).add(known)
  );
  return customer_of(in, tenant, account);
}

bool keep_method(
    pg::transaction& in, const tenant_id& tenant, const account_id& account, const saved_method& method
) {
  in.execute(
      "INSERT INTO payment_methods (method_id, tenant_id, account_id, kind, brand, last4, exp_month, "
      "exp_year,"
      " is_default) SELECT $1, $2, $3, $4, $5, $6, $7, $8, NOT EXISTS (SELECT FROM payment_methods"
      "  WHERE account_id = $3 AND is_default) ON CONFLICT (method_id) DO NOTHING",
      pg::parameters()
          .add(method.method_id)
          .add(tenant)
          .add(account)
          .add(method.kind)
          .add(method.brand)
          .add(method.last4)
          .add(static_cast<std::int16_t>(method.exp_month))
          .add(static_cast<std::int16_t>(method.exp_year))
  );
  const auto kept = in.execute(
      "SELECT FROM payment_methods WHERE tenant_id = $1 AND account_id = $2 AND method_id = $3",
      pg::parameters().add(tenant).add(account).add(method.method_id)
  );
  if (kept.empty()) return false;
  if (!method.is_default) return true;
  // The first one pays, and whoever is named after it instead.
  in.execute(
      "UPDATE payment_methods SET is_default = false WHERE tenant_id = $1 AND account_id = $2 AND is_default"
      " AND method_id <> $3",
      pg::parameters().add(tenant).add(account).add(method.method_id)
  );
  in.execute(
      "UPDATE payment_methods SET is_default = true WHERE tenant_id = $1 AND account_id = $2 AND NOT "
      "is_default"
      " AND method_id = $3",
      pg::parameters().add(tenant).add(account).add(method.method_id)
  );
  return true;
}

method_list methods_of(pg::transaction& in, const list_methods& query) {
  const auto rows = in.execute(
      "SELECT " TESSERA_METHOD TESSERA_METHODS
      " WHERE m.tenant_id = $1 AND m.account_id = $2 ORDER BY m.created_at DESC, m.method_id LIMIT 100",
      pg::parameters().add(query.tenant).add(query.account)
  );
  method_list list;
  for (int i = 0; i < rows.size(); ++i)
    list.methods.push_back(method_at(rows, i));
  return list;
}

std::optional<saved_method> find_method(pg::transaction& in, const method_query& query) {
  return first_method(in.execute(
      "SELECT " TESSERA_METHOD TESSERA_METHODS " WHERE m.tenant_id = $1 AND m.method_id = $2",
      pg::parameters().add(query.tenant).add(query.method_id)
  ));
}

void forget_method(pg::transaction& in, const tenant_id& tenant, const std::string& method_id) {
  // The newest of the others pays from now on.
  in.execute(
      "WITH gone AS (DELETE FROM payment_methods WHERE tenant_id = $1 AND method_id = $2"
      "  RETURNING account_id, is_default)"
      " UPDATE payment_methods m SET is_default = true FROM gone WHERE gone.is_default AND m.method_id = ("
      "  SELECT n.method_id FROM payment_methods n WHERE n.account_id = gone.account_id"
      "  AND n.method_id <> $2 ORDER BY n.created_at DESC, n.method_id LIMIT 1)",
      pg::parameters().add(tenant).add(method_id)
  );
}

} // namespace tessera::persistence
