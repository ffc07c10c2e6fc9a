#include "persistence/stores/tenant_store.hpp"

namespace tessera::persistence {

namespace {

using type = pg::parameters::type;

/// The columns that `tenant_at` reads. What was never said has its default here as in `policy_settings`.
#define TESSERA_TENANT_COLUMNS                                                                               \
  "tenant_id, id, name, timezone, currency, plan, created_at, settings_version,"                             \
  " coalesce(branding->>'displayName', ''), coalesce(branding->>'logoUrl', ''),"                             \
  " coalesce(branding->>'primaryColor', ''), coalesce(branding->>'fromName', ''),"                           \
  " coalesce(branding->>'publicBaseUrl', ''),"                                                               \
  " coalesce((policies->>'managesCredits')::boolean, false),"                                                \
  " coalesce((policies->>'approveTenantAdmin')::boolean, false),"                                            \
  " ARRAY(SELECT jsonb_array_elements_text(coalesce(policies->'allowedEmailDomains', '[]'))),"               \
  " (policies->>'seatLimit')::bigint,"                                                                       \
  " coalesce((policies->>'peerOrgAdmins')::boolean, false),"                                                 \
  " coalesce((policies->>'floatingUsers')::boolean, false),"                                                 \
  " coalesce(policies->>'onInviterChange', 'cancel'),"                                                       \
  " coalesce((policies->>'exposeTokenToInviter')::boolean, true),"                                           \
  " ARRAY(SELECT jsonb_array_elements_text(coalesce(policies->'smsCountries', '[\"IN\",\"US\",\"GB\"]'))),"  \
  " coalesce(policies->'quietHours'->>'from', '21:00'), coalesce(policies->'quietHours'->>'to', '08:00'),"   \
  " coalesce((policies->'quietHours'->>'invitations')::boolean, false)"

tenant_view tenant_at(const pg::rows& rows, int row) {
  tenant_view t;
  t.tenant = rows.id<tenant_id>(row, 0);
  t.id = rows.text(row, 1);
  t.name = rows.text(row, 2);
  t.timezone = rows.text(row, 3);
  t.currency = rows.text(row, 4);
  t.plan = rows.text(row, 5);
  t.created_at = rows.time(row, 6);
  t.version = rows.int8(row, 7);
  t.branding = {
      rows.text(row, 8), rows.text(row, 9), rows.text(row, 10), rows.text(row, 11), rows.text(row, 12)};
  auto& p = t.policies;
  p.manages_credits = rows.boolean(row, 13);
  p.approve_tenant_admin = rows.boolean(row, 14);
  p.allowed_email_domains = rows.texts(row, 15);
  p.seat_limit = rows.optional_int8(row, 16);
  p.peer_org_admins = rows.boolean(row, 17);
  p.floating_users = rows.boolean(row, 18);
  p.on_inviter_change = rows.text(row, 19);
  p.expose_token_to_inviter = rows.boolean(row, 20);
  p.sms_countries = rows.texts(row, 21);
  p.quiet = {rows.text(row, 22), rows.text(row, 23), rows.boolean(row, 24)};
  return t;
}

/// In the order of $6 to $22 of `update_tenant`.
void add_settings(pg::parameters& into, const tenant_view& t) {
  const auto text = [](const std::string& s) -> std::string_view { return s; };
  into.add(t.branding.display_name)
      .add(t.branding.logo_url)
      .add(t.branding.primary_color)
      .add(t.branding.from_name)
      .add(t.branding.public_base_url)
      .add(t.policies.manages_credits)
      .add(t.policies.approve_tenant_admin)
      .add_array(type::text, t.policies.allowed_email_domains, text)
      .add(t.policies.seat_limit)
      .add(t.policies.peer_org_admins)
      .add(t.policies.floating_users)
      .add(t.policies.on_inviter_change)
      .add(t.policies.expose_token_to_inviter)
      .add_array(type::text, t.policies.sms_countries, text)
      .add(t.policies.quiet.from)
      .add(t.policies.quiet.to)
      .add(t.policies.quiet.invitations);
}

} // namespace

bool insert_tenant(pg::transaction& in, const tessera::create_tenant& command) {
  in.execute(
      "SELECT pg_advisory_xact_lock(hashtextextended($1::text, 0))", pg::parameters().add(command.tenant)
  );
  return in.execute(
               "INSERT INTO tenants (tenant_id, id, name, timezone, currency, plan) VALUES ($1, $2, $3, $4, "
               "$5, $6) ON CONFLICT (tenant_id) DO NOTHING",
               pg::parameters()
                   .add(command.tenant)
                   .add(command.id)
                   .add(command.name)
                   .add(command.timezone)
                   .add(command.currency)
                   .add(command.plan)
         )
             .affected() == 1;
}

void insert_tenant_entity(
    pg::transaction& in, const tessera::create_tenant& command, const account_id& account
) {
  in.execute(
      "INSERT INTO entities (account_id, tenant_id, entity_type, entity_id, name) VALUES ($1, $2, 1, $3, $4)",
      pg::parameters().add(account).add(command.tenant).add(command.id).add(command.name)
  );
}

std::optional<tenant_view> find_tenant(pg::transaction& in, const tenant_id& tenant) {
  const auto rows = in.execute(
      "SELECT " TESSERA_TENANT_COLUMNS " FROM tenants WHERE tenant_id = $1", pg::parameters().add(tenant)
  );
  return rows.empty() ? std::nullopt : std::optional(tenant_at(rows, 0));
}

tenant_page tenants_of(pg::transaction& in, const list_tenants& query) {
  in.execute("SELECT set_config('app.operator', 'on', true)");
  const auto rows = in.execute(
      "SELECT " TESSERA_TENANT_COLUMNS " FROM tenants WHERE ($1 IS NULL OR id > $1) ORDER BY id LIMIT $2",
      pg::parameters().add(query.after).add(std::int64_t{query.limit} + 1)
  );
  tenant_page page;
  page.more = rows.size() > query.limit;
  for (int i = 0; i < rows.size() && i < query.limit; ++i)
    page.tenants.push_back(tenant_at(rows, i));
  return page;
}

void update_tenant(pg::transaction& in, const tenant_view& tenant) {
  pg::parameters values;
  values.add(tenant.tenant).add(tenant.name).add(tenant.timezone).add(tenant.currency).add(tenant.plan);
  add_settings(values, tenant);
  in.execute(
      "UPDATE tenants SET name = $2, timezone = $3, currency = $4, plan = $5,"
      " branding = jsonb_build_object('displayName', $6, 'logoUrl', $7, 'primaryColor', $8, 'fromName', $9,"
      "  'publicBaseUrl', $10),"
      " policies = jsonb_build_object('managesCredits', $11, 'approveTenantAdmin', $12,"
      "  'allowedEmailDomains', $13, 'seatLimit', $14, 'peerOrgAdmins', $15, 'floatingUsers', $16,"
      "  'onInviterChange', $17, 'exposeTokenToInviter', $18, 'smsCountries', $19,"
      "  'quietHours', jsonb_build_object('from', $20, 'to', $21, 'invitations', $22))"
      " WHERE tenant_id = $1",
      values
  );
  in.execute(
      "UPDATE entities SET name = $2 WHERE tenant_id = $1 AND entity_type = 1 AND name <> $2",
      pg::parameters().add(tenant.tenant).add(tenant.name)
  );
}

bool is_timezone(pg::transaction& in, const std::string& name) {
  return in
      .execute("SELECT EXISTS (SELECT FROM pg_timezone_names WHERE name = $1)", pg::parameters().add(name))
      .boolean(0, 0);
}

} // namespace tessera::persistence
