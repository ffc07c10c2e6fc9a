// Tenants: making one, and its settings.
#include "actors/database/directory_changes.hpp"
#include "persistence/stores/change_store.hpp"
#include "persistence/stores/tenant_store.hpp"
#include "persistence/stores/user_store.hpp"

namespace tessera {

namespace {

template <class T> void replace(T& field, const std::optional<T>& value) {
  if (value) field = *value;
}

tenant_view with(tenant_view tenant, const tenant_settings& settings) {
  replace(tenant.name, settings.name);
  replace(tenant.timezone, settings.timezone);
  replace(tenant.currency, settings.currency);
  replace(tenant.plan, settings.plan);
  replace(tenant.branding, settings.branding);
  replace(tenant.policies, settings.policies);
  return tenant;
}

bool is_same(const tenant_view& a, const tenant_view& b) {
  return a.name == b.name && a.timezone == b.timezone && a.currency == b.currency && a.plan == b.plan &&
         a.branding == b.branding && a.policies == b.policies;
}

} // namespace

result<tenant_created>
carry_out(pg::transaction& in, const create_tenant& command, const persistence::new_account& account) {
  if (!persistence::is_timezone(in, command.timezone)) return errc::invalid_timezone;
  persistence::insert_tenant_entity(in, command, account.account);
  persistence::open_account(in, command.tenant, account);
  const auto code = persistence::create_user(in, command.tenant, command.admin);
  if (code != errc::ok) return code;
  persistence::note_change(in, command.tenant, command.origin, "create", "tenant/" + command.id);
  return tenant_created{command.id, command.admin.id};
}

result<tenant_view> carry_out(pg::transaction& in, const edit_tenant& command) {
  persistence::lock_directory(in, command.tenant);
  const auto before = persistence::find_tenant(in, command.tenant);
  if (!before) return errc::tenant_unknown;
  if (const auto stale = persistence::check_version(command.only_versions, before->version);
      stale != errc::ok)
    return stale;
  const auto settings = command.change(*before);
  if (!settings) return settings.why();
  auto after = with(*before, *settings);
  if (is_same(after, *before)) return *before;
  if (after.timezone != before->timezone && !persistence::is_timezone(in, after.timezone))
    return errc::invalid_timezone;
  persistence::update_tenant(in, after);
  persistence::note_change(in, command.tenant, command.origin, "edit", "tenant/" + after.id);
  ++after.version;
  return after;
}

} // namespace tessera
