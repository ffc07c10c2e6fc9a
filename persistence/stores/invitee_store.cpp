#include "persistence/stores/invitee_store.hpp"

namespace tessera::persistence {

namespace {

using type = pg::parameters::type;

std::optional<invitee> invitee_in(const pg::rows& rows) {
  if (rows.empty()) return std::nullopt;
  return invitee{rows.text(0, 0), rows.text(0, 1), rows.boolean(0, 2), rows.boolean(0, 3)};
}

void add_memberships(
    pg::transaction& in,
    const tenant_id& tenant,
    const std::string& user,
    const invitation_grant& grants,
    const std::string& invitation
) {
  pg::parameters values;
  values.add(tenant).add(user).add(invitation);
  values.add_array(type::uuid, grants.assignments, [](const assignment& a) { return a.account; });
  values.add_array(type::int2, grants.assignments, [](const assignment& a) {
    return static_cast<std::int16_t>(a.role);
  });
  in.execute(
      "INSERT INTO memberships AS m (tenant_id, user_id, account_id, entity_role, invitation_id)"
      " SELECT $1, $2, x.account, x.role, $3 FROM unnest($4, $5) AS x (account, role)"
      " ON CONFLICT (tenant_id, user_id, account_id) DO UPDATE SET entity_role = excluded.entity_role,"
      " invitation_id = excluded.invitation_id WHERE m.entity_role < excluded.entity_role",
      values
  );
}

} // namespace

std::optional<invitee>
find_invitee(pg::transaction& in, const tenant_id& tenant, std::string_view canonical) {
  return invitee_in(in.execute(
      "SELECT user_id, email_key, status = 'active', email_verified_at IS NOT NULL FROM users"
      " WHERE tenant_id = $1 AND lower(email_key) = $2 ORDER BY created_at LIMIT 1",
      pg::parameters().add(tenant).add(canonical)
  ));
}

std::optional<invitee>
find_invitee_by_id(pg::transaction& in, const tenant_id& tenant, const std::string& user) {
  return invitee_in(in.execute(
      "SELECT user_id, email_key, status = 'active', email_verified_at IS NOT NULL FROM users"
      " WHERE tenant_id = $1 AND user_id = $2",
      pg::parameters().add(tenant).add(user)
  ));
}

void write_profile(
    pg::transaction& in,
    const tenant_id& tenant,
    const std::string& user,
    const std::string& timezone,
    const std::string& language,
    const std::string& phone,
    bool verified
) {
  in.execute(
      "UPDATE users SET timezone = coalesce(nullif($3, ''), timezone),"
      " language = coalesce(nullif($4, ''), language),"
      " phone = CASE WHEN phone = '' THEN $6 ELSE phone END,"
      " email_verified_at = CASE WHEN $5 THEN coalesce(email_verified_at, clock_timestamp())"
      "  ELSE email_verified_at END WHERE tenant_id = $1 AND user_id = $2",
      pg::parameters().add(tenant).add(user).add(timezone).add(language).add(verified).add(phone)
  );
}

void add_access(
    pg::transaction& in,
    const tenant_id& tenant,
    const std::string& user,
    const invitation_grant& grants,
    const std::string& invitation
) {
  add_memberships(in, tenant, user, grants, invitation);
  pg::parameters applications;
  applications.add(tenant).add(user).add(invitation);
  applications.add_array(type::text, grants.applications, [](const std::string& a) -> std::string_view {
    return a;
  });
  in.execute(
      "INSERT INTO user_applications (tenant_id, user_id, application_id, invitation_id)"
      " SELECT $1, $2, unnest($4), $3 ON CONFLICT DO NOTHING",
      applications
  );
  in.execute(
      "UPDATE users SET tokens_from = CASE WHEN role < $3 THEN clock_timestamp() ELSE tokens_from END,"
      " role = greatest(role, $3), version = version + 1 WHERE tenant_id = $1 AND user_id = $2",
      pg::parameters().add(tenant).add(user).add(static_cast<std::int16_t>(grants.role))
  );
}

bool has_accepted_terms(
    pg::transaction& in, const tenant_id& tenant, const std::string& user, std::string_view version
) {
  return in
      .execute(
          "SELECT EXISTS (SELECT FROM terms_acceptances WHERE tenant_id = $1 AND user_id = $2 AND version = "
          "$3)",
          pg::parameters().add(tenant).add(user).add(version)
      )
      .boolean(0, 0);
}

void note_terms(
    pg::transaction& in,
    const tenant_id& tenant,
    const std::string& user,
    std::string_view version,
    const visitor& from,
    const std::string& invitation
) {
  in.execute(
      "INSERT INTO terms_acceptances (tenant_id, user_id, version, network, browser, invitation_id)"
      " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
      pg::parameters().add(tenant).add(user).add(version).add(from.network).add(from.browser).add(invitation)
  );
}

void read_names(pg::transaction& in, const tenant_id& tenant, invitation_preview& into) {
  const auto rows = in.execute(
      "SELECT coalesce(nullif(t.branding->>'displayName', ''), t.name),"
      " coalesce((SELECT nullif(trim(u.first_name || ' ' || u.last_name), '') FROM users u"
      "  WHERE u.tenant_id = t.tenant_id AND u.user_id = $2), '') FROM tenants t WHERE t.tenant_id = $1",
      pg::parameters().add(tenant).add(into.invitation.inviter.id)
  );
  if (!rows.empty()) {
    into.organization = rows.text(0, 0);
    into.inviter = rows.text(0, 1);
  }
  pg::parameters at;
  at.add(tenant).add_array(type::uuid, into.invitation.grants.assignments, [](const assignment& a) {
    return a.account;
  });
  const auto entities = in.execute(
      "SELECT e.name FROM unnest($2) WITH ORDINALITY AS x (account, n)"
      " JOIN entities e ON e.account_id = x.account WHERE e.tenant_id = $1 ORDER BY x.n",
      at
  );
  for (int i = 0; i < entities.size(); ++i)
    into.entity_names.push_back(entities.text(i, 0));
  pg::parameters of;
  of.add(tenant).add_array(
      type::text,
      into.invitation.grants.applications,
      [](const std::string& a) -> std::string_view { return a; }
  );
  const auto applications = in.execute(
      "SELECT a.name FROM unnest($2) WITH ORDINALITY AS x (id, n)"
      " JOIN applications a ON a.application_id = x.id WHERE a.tenant_id = $1 ORDER BY x.n",
      of
  );
  for (int i = 0; i < applications.size(); ++i)
    into.application_names.push_back(applications.text(i, 0));
}

std::optional<std::string> some_tenant_admin(pg::transaction& in, const tenant_id& tenant) {
  const auto rows = in.execute(
      "SELECT user_id FROM users WHERE tenant_id = $1 AND role = 4 AND status = 'active'"
      " ORDER BY created_at LIMIT 1",
      pg::parameters().add(tenant)
  );
  return rows.empty() ? std::nullopt : std::optional(rows.text(0, 0));
}

} // namespace tessera::persistence
