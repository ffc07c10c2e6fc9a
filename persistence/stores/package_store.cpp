#include "persistence/stores/package_store.hpp"

namespace tessera::persistence {

namespace {

using type = pg::parameters::type;

/// The columns that `package_at` reads.
#define TESSERA_PACKAGE_COLUMNS                                                                              \
  "package_id, name, credits, price_minor, currency, validity_days, trim_scale(discount_percentage)::text, " \
  "features, coalesce(stripe_price_id, ''), is_active, version"
#define TESSERA_FIND_PACKAGE                                                                                 \
  "SELECT " TESSERA_PACKAGE_COLUMNS " FROM credit_packages WHERE tenant_id = $1 AND package_id = $2"

credit_package package_at(const pg::rows& rows, int row) {
  credit_package p;
  p.id = rows.text(row, 0);
  p.name = rows.text(row, 1);
  p.amount = credits{rows.int8(row, 2)};
  p.price_minor = rows.int8(row, 3);
  p.currency = rows.text(row, 4);
  p.validity_days = rows.int4(row, 5);
  p.discount = rows.text(row, 6);
  p.features = rows.texts(row, 7);
  p.stripe_price_id = rows.text(row, 8);
  p.active = rows.boolean(row, 9);
  p.version = rows.int8(row, 10);
  return p;
}

const char* find_sql(row_lock lock) {
  switch (lock) {
  case row_lock::none: return TESSERA_FIND_PACKAGE;
  case row_lock::for_share: return TESSERA_FIND_PACKAGE " FOR SHARE";
  case row_lock::for_update: return TESSERA_FIND_PACKAGE " FOR UPDATE";
  }
  return TESSERA_FIND_PACKAGE;
}

/// In the order of $1 to $11.
pg::parameters columns_of(const tenant_id& tenant, const credit_package& package) {
  pg::parameters values;
  values.add(tenant)
      .add(package.id)
      .add(package.name)
      .add(package.amount.value())
      .add(package.price_minor)
      .add(package.currency)
      .add(std::int32_t{package.validity_days})
      .add(package.discount.empty() ? "0" : package.discount)
      .add_array(type::text, package.features, [](const std::string& f) -> std::string_view { return f; })
      .add(package.stripe_price_id)
      .add(package.active);
  return values;
}

} // namespace

package_list packages_of(pg::transaction& in, const list_packages& query) {
  std::optional<bool> active;
  if (query.which != package_filter::all) active = query.which == package_filter::on_sale;
  const auto rows = in.execute(
      "SELECT " TESSERA_PACKAGE_COLUMNS
      " FROM credit_packages WHERE tenant_id = $1 AND ($2 IS NULL OR is_active = $2) ORDER BY credits, "
      "package_id",
      pg::parameters().add(query.tenant).add(active)
  );
  package_list list;
  for (int i = 0; i < rows.size(); ++i)
    list.packages.push_back(package_at(rows, i));
  return list;
}

std::optional<credit_package>
find_package(pg::transaction& in, const tenant_id& tenant, const std::string& id, row_lock lock) {
  const auto rows = in.execute(find_sql(lock), pg::parameters().add(tenant).add(id));
  return rows.empty() ? std::nullopt : std::optional(package_at(rows, 0));
}

errc create_package(pg::transaction& in, const tenant_id& tenant, const credit_package& package) {
  const auto inserted = in.execute(
      "INSERT INTO credit_packages (tenant_id, package_id, name, credits, price_minor, currency, "
      "validity_days, discount_percentage, features, stripe_price_id, is_active)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8::text::numeric, $9, nullif($10, ''), $11)"
      " ON CONFLICT DO NOTHING",
      columns_of(tenant, package)
  );
  return inserted.affected() == 1 ? errc::ok : errc::id_taken;
}

void update_package(pg::transaction& in, const tenant_id& tenant, const credit_package& package) {
  in.execute(
      "UPDATE credit_packages SET name = $3, credits = $4, price_minor = $5, currency = $6, validity_days = "
      "$7, discount_percentage = $8::text::numeric, features = $9, stripe_price_id = nullif($10, ''), "
      "is_active = $11, version = $12, updated_at = clock_timestamp()"
      " WHERE tenant_id = $1 AND package_id = $2",
      columns_of(tenant, package).add(package.version)
  );
}

} // namespace tessera::persistence
