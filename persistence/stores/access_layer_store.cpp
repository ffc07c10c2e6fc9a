#include "persistence/stores/access_layer_store.hpp"

namespace tessera::persistence {

namespace {

using type = pg::parameters::type;

pg::parameters of(const tenant_id& tenant, const std::string& user) {
  return std::move(pg::parameters().add(tenant).add(user));
}

/// Where somebody has something else than the layers say, an administrator has decided since.
void forget_what_was_decided_since(pg::transaction& in, const tenant_id& tenant, const std::string& user) {
  in.execute("SELECT forget_what_was_decided_since($1, $2)", of(tenant, user));
}

// The layers of $3 with what is below and beside them: `best` is what is left of each.
#define TESSERA_TAKEN                                                                                        \
  "WITH taken AS (SELECT subject, level FROM access_layers"                                                  \
  "  WHERE tenant_id = $1 AND user_id = $2 AND invitation_id = $3),"                                         \
  " best AS (SELECT DISTINCT ON (l.subject) l.subject, l.level, l.invitation_id FROM access_layers l"        \
  "  JOIN taken USING (subject) WHERE l.tenant_id = $1 AND l.user_id = $2 AND l.invitation_id <> $3"         \
  "  ORDER BY l.subject, l.level DESC, l.invitation_id)"

/// Before anything is changed.
std::vector<access_change>
changes_of(pg::transaction& in, const tenant_id& tenant, const std::string& user, const std::string& given) {
  const auto rows = in.execute(
      TESSERA_TAKEN
      " SELECT e.entity_type, e.entity_id, '', m.entity_role, best.level FROM taken"
      "  JOIN memberships m ON m.tenant_id = $1 AND m.user_id = $2 AND 'account/' || m.account_id = "
      "taken.subject"
      "  JOIN entities e ON e.account_id = m.account_id LEFT JOIN best ON best.subject = taken.subject"
      "  WHERE best.level IS DISTINCT FROM m.entity_role"
      " UNION ALL SELECT 0::smallint, '', a.application_id, 1::smallint, NULL FROM taken"
      "  JOIN user_applications a ON a.tenant_id = $1 AND a.user_id = $2"
      "   AND 'application/' || a.application_id = taken.subject"
      "  WHERE NOT EXISTS (SELECT FROM best WHERE best.subject = taken.subject) ORDER BY 1, 2, 3",
      of(tenant, user).add(given)
  );
  std::vector<access_change> changes;
  for (int i = 0; i < rows.size(); ++i) {
    access_change one;
    one.application = rows.text(i, 2);
    if (one.application.empty()) one.ref = {static_cast<entity_type>(rows.int2(i, 0)), rows.text(i, 1)};
    one.before = static_cast<entity_role>(rows.int2(i, 3));
    if (!rows.is_null(i, 4)) one.after = static_cast<entity_role>(rows.int2(i, 4));
    changes.push_back(std::move(one));
  }
  return changes;
}

} // namespace

void note_layers(
    pg::transaction& in,
    const tenant_id& tenant,
    const std::string& user,
    const invitation_grant& grants,
    const std::string& invitation,
    bool is_new
) {
  forget_what_was_decided_since(in, tenant, user);
  if (!is_new)
    in.execute(
        "INSERT INTO access_layers (tenant_id, user_id, subject, invitation_id, level)"
        " SELECT $1, $2, p.subject, '', p.level FROM present_access($1, $2) p WHERE NOT EXISTS ("
        "  SELECT FROM access_layers l WHERE l.tenant_id = $1 AND l.user_id = $2 AND l.subject = p.subject)",
        of(tenant, user)
    );
  auto values = of(tenant, user);
  values.add(invitation).add(static_cast<std::int16_t>(grants.role));
  values.add_array(type::uuid, grants.assignments, [](const assignment& a) { return a.account; });
  values.add_array(type::int2, grants.assignments, [](const assignment& a) {
    return static_cast<std::int16_t>(a.role);
  });
  values.add_array(type::text, grants.applications, [](const std::string& a) -> std::string_view {
    return a;
  });
  in.execute(
      "INSERT INTO access_layers (tenant_id, user_id, subject, invitation_id, level)"
      " SELECT $1, $2, 'role', $3, $4 UNION ALL"
      " SELECT $1, $2, 'account/' || x.account, $3, x.role FROM unnest($5, $6) AS x (account, role) UNION ALL"
      " SELECT $1, $2, 'application/' || a, $3, 1 FROM unnest($7) AS a ON CONFLICT DO NOTHING",
      values
  );
}

access_taken take_access(
    pg::transaction& in, const tenant_id& tenant, const std::string& user, const std::string& invitation
) {
  const auto values = [&] { return of(tenant, user).add(invitation); };
  forget_what_was_decided_since(in, tenant, user);
  access_taken taken;
  taken.changes = changes_of(in, tenant, user, invitation);
  in.execute(
      TESSERA_TAKEN " DELETE FROM memberships m USING taken WHERE m.tenant_id = $1 AND m.user_id = $2"
                    " AND 'account/' || m.account_id = taken.subject"
                    " AND NOT EXISTS (SELECT FROM best WHERE best.subject = taken.subject)",
      values()
  );
  in.execute(
      TESSERA_TAKEN
      " UPDATE memberships m SET entity_role = best.level, invitation_id = nullif(best.invitation_id, '')"
      " FROM best WHERE m.tenant_id = $1 AND m.user_id = $2 AND m.invitation_id = $3"
      " AND 'account/' || m.account_id = best.subject",
      values()
  );
  in.execute(
      TESSERA_TAKEN " DELETE FROM user_applications a USING taken WHERE a.tenant_id = $1 AND a.user_id = $2"
                    " AND 'application/' || a.application_id = taken.subject"
                    " AND NOT EXISTS (SELECT FROM best WHERE best.subject = taken.subject)",
      values()
  );
  in.execute(
      TESSERA_TAKEN " UPDATE user_applications a SET invitation_id = nullif(best.invitation_id, '') FROM best"
                    " WHERE a.tenant_id = $1 AND a.user_id = $2 AND a.invitation_id = $3"
                    " AND 'application/' || a.application_id = best.subject",
      values()
  );
  const auto role = in.execute(
      TESSERA_TAKEN
      ", left_over AS (SELECT CASE WHEN EXISTS (SELECT FROM taken WHERE subject = 'role')"
      "  THEN coalesce((SELECT level FROM best WHERE subject = 'role'), 1) END AS role)"
      " UPDATE users u SET role = least(u.role, coalesce(left_over.role, u.role)),"
      " tokens_from = CASE WHEN left_over.role < u.role THEN clock_timestamp() ELSE u.tokens_from END,"
      " version = u.version + 1 FROM left_over WHERE u.tenant_id = $1 AND u.user_id = $2 RETURNING u.role",
      values()
  );
  if (!role.empty()) taken.role = static_cast<user_role>(role.int2(0, 0));
  in.execute(
      "DELETE FROM access_layers WHERE tenant_id = $1 AND user_id = $2 AND invitation_id = $3", values()
  );
  return taken;
}

void write_access_revoked(pg::transaction& in, const tenant_id& tenant, const std::string& invitation) {
  in.execute(
      "UPDATE user_invitations SET access_revoked_at = clock_timestamp(), version = version + 1"
      " WHERE tenant_id = $1 AND invitation_id = $2",
      of(tenant, invitation)
  );
}

} // namespace tessera::persistence
