#include "persistence/stores/link_store.hpp"

#include "persistence/stores/invitation_store.hpp"

#include <unordered_map>

namespace tessera::persistence {

namespace {

using type = pg::parameters::type;

pg::parameters one_link(const tenant_id& tenant, const std::string& id) {
  return std::move(pg::parameters().add(tenant).add(id));
}

// The state by the clock of the statement's own instant; of several reasons the one_link that is for good.
#define TESSERA_LINK_COLUMNS                                                                                 \
  "l.link_id, l.name, l.creator_kind, l.created_by, l.creator_application, l.domains, l.most_uses, u.uses,"  \
  " l.expiry_hours, l.expires_at, l.created_at, l.revoked_at, l.revoke_reason,"                              \
  " CASE WHEN l.revoked_at IS NOT NULL THEN 3 WHEN l.expires_at <= clock_timestamp() THEN 2"                 \
  "  WHEN u.uses >= l.most_uses THEN 1 ELSE 0 END,"                                                          \
  " ARRAY(SELECT a.application_id FROM invitation_link_applications a WHERE a.tenant_id = l.tenant_id"       \
  "  AND a.link_id = l.link_id ORDER BY a.position), l.version"                                              \
  " FROM invitation_links l CROSS JOIN LATERAL (SELECT count(*) AS uses FROM user_invitations i"             \
  "  WHERE i.tenant_id = l.tenant_id AND i.link_id = l.link_id AND (i.status = 'accepted'"                   \
  "   OR (i.status = 'pending' AND i.expires_at > clock_timestamp()))) u"

invitation_link link_at(const pg::rows& rows, int row) {
  invitation_link link;
  link.id = rows.text(row, 0);
  link.name = rows.text(row, 1);
  link.creator = {static_cast<principal_kind>(rows.int2(row, 2)), rows.text(row, 3), rows.text(row, 4)};
  link.domains = rows.texts(row, 5);
  link.most_uses = rows.int8(row, 6);
  link.uses = rows.int8(row, 7);
  link.expiry_hours = rows.int8(row, 8);
  link.expires_at = rows.time(row, 9);
  link.created_at = rows.time(row, 10);
  link.revoked_at = rows.optional_time(row, 11);
  link.reason = rows.text(row, 12);
  link.state = static_cast<link_state>(rows.int4(row, 13));
  link.grants.applications = rows.texts(row, 14);
  link.version = rows.int8(row, 15);
  return link;
}

void read_assignments(pg::transaction& in, const tenant_id& tenant, std::vector<invitation_link>& links) {
  std::unordered_map<std::string, invitation_link*> by_id;
  for (auto& each : links)
    by_id.emplace(each.id, &each);
  pg::parameters values;
  values.add(tenant).add_array(type::text, links, [](const invitation_link& l) -> std::string_view {
    return l.id;
  });
  const auto rows = in.execute(
      "SELECT a.link_id, a.account_id, e.entity_type, e.entity_id, a.entity_role"
      " FROM invitation_link_assignments a JOIN entities e USING (account_id)"
      " WHERE a.tenant_id = $1 AND a.link_id = ANY ($2) ORDER BY a.link_id, a.position",
      values
  );
  for (int i = 0; i < rows.size(); ++i)
    by_id.at(rows.text(i, 0))
        ->grants.assignments.push_back(
            {rows.id<account_id>(i, 1),
             {static_cast<entity_type>(rows.int2(i, 2)), rows.text(i, 3)},
             static_cast<entity_role>(rows.int2(i, 4))}
        );
}

} // namespace

void insert_link(
    pg::transaction& in, const tenant_id& tenant, const invitation_link& link, const digest& token_sha256
) {
  auto values = one_link(tenant, link.id);
  values.add(link.name).add(token_sha256).add(link.creator.id);
  values.add(static_cast<std::int16_t>(link.creator.kind)).add(link.creator.application);
  values.add_array(type::text, link.domains, [](const std::string& d) -> std::string_view { return d; });
  values.add(link.most_uses).add(link.expiry_hours).add(link.expires_at);
  in.execute(
      "INSERT INTO invitation_links (tenant_id, link_id, name, token_sha256, created_by, creator_kind,"
      " creator_application, domains, most_uses, expiry_hours, expires_at)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
      values
  );
  auto places = one_link(tenant, link.id);
  places.add_array(type::uuid, link.grants.assignments, [](const assignment& a) { return a.account; });
  places.add_array(type::int2, link.grants.assignments, [](const assignment& a) {
    return static_cast<std::int16_t>(a.role);
  });
  in.execute(
      "INSERT INTO invitation_link_assignments (tenant_id, link_id, position, account_id, entity_role)"
      " SELECT $1, $2, x.n, x.account, x.role FROM unnest($3, $4) WITH ORDINALITY AS x (account, role, n)",
      places
  );
  auto applications = one_link(tenant, link.id);
  applications.add_array(type::text, link.grants.applications, [](const std::string& a) -> std::string_view {
    return a;
  });
  in.execute(
      "INSERT INTO invitation_link_applications (tenant_id, link_id, position, application_id)"
      " SELECT $1, $2, x.n, x.application FROM unnest($3) WITH ORDINALITY AS x (application, n)",
      applications
  );
}

std::optional<invitation_link>
find_link(pg::transaction& in, const tenant_id& tenant, const std::string& id) {
  const auto rows = in.execute(
      "SELECT " TESSERA_LINK_COLUMNS " WHERE l.tenant_id = $1 AND l.link_id = $2", one_link(tenant, id)
  );
  if (rows.empty()) return std::nullopt;
  std::vector<invitation_link> found{link_at(rows, 0)};
  read_assignments(in, tenant, found);
  return std::move(found.front());
}

std::vector<invitation_link> links_of(
    pg::transaction& in, const tenant_id& tenant, const std::optional<std::string>& after, std::int64_t most
) {
  const auto rows = in.execute(
      "SELECT " TESSERA_LINK_COLUMNS
      " WHERE l.tenant_id = $1 AND ($2 IS NULL OR l.link_id < $2) ORDER BY l.link_id DESC LIMIT $3",
      pg::parameters().add(tenant).add(after).add(most)
  );
  std::vector<invitation_link> links;
  for (int i = 0; i < rows.size(); ++i)
    links.push_back(link_at(rows, i));
  read_assignments(in, tenant, links);
  return links;
}

bool lock_link(pg::transaction& in, const tenant_id& tenant, const std::string& id) {
  return !in.execute(
                "SELECT FROM invitation_links WHERE tenant_id = $1 AND link_id = $2 FOR UPDATE",
                one_link(tenant, id)
  )
              .empty();
}

void revoke_link(
    pg::transaction& in, const tenant_id& tenant, const std::string& id, std::string_view reason
) {
  in.execute(
      "UPDATE invitation_links SET revoked_at = clock_timestamp(), revoke_reason = $3, version = version + 1"
      " WHERE tenant_id = $1 AND link_id = $2 AND revoked_at IS NULL",
      one_link(tenant, id).add(reason)
  );
}

std::int64_t cancel_invitations_by(
    pg::transaction& in, const tenant_id& tenant, const std::string& link, const invitation_origin& by
) {
  // In the order of ids, as everybody locks several; what has ended by then is not touched.
  const auto ended = in.execute(
      "WITH open AS (SELECT invitation_id FROM user_invitations"
      "  WHERE tenant_id = $1 AND link_id = $2 AND status = 'pending' ORDER BY invitation_id FOR UPDATE)"
      " UPDATE user_invitations i SET status = 'cancelled', status_reason = 'link_revoked', version = "
      "version + 1"
      " FROM open WHERE i.tenant_id = $1 AND i.invitation_id = open.invitation_id AND i.status = 'pending'"
      "  AND i.expires_at > clock_timestamp() RETURNING i.invitation_id, i.generation",
      one_link(tenant, link)
  );
  std::vector<std::string> ids;
  std::vector<std::int64_t> generations;
  for (int i = 0; i < ended.size(); ++i) {
    ids.push_back(ended.text(i, 0));
    generations.push_back(ended.int8(i, 1));
  }
  pg::parameters values;
  values.add(tenant).add_array(type::text, ids, [](const std::string& id) -> std::string_view { return id; });
  in.execute(
      "UPDATE invitation_tokens SET revoked_at = clock_timestamp()"
      " WHERE tenant_id = $1 AND invitation_id = ANY ($2) AND revoked_at IS NULL",
      values
  );
  note_activity(in, tenant, ids, "cancelled", by, R"({"reason":"link_revoked"})");
  in.execute(
      "SELECT tell_of_invitation($1, x.id, 'invitation.cancelled', '{none}', x.generation)"
      " FROM unnest($2, $3) AS x (id, generation)",
      values.add_array(type::int8, generations, [](std::int64_t each) { return each; })
  );
  return static_cast<std::int64_t>(ids.size());
}

std::optional<link_owner> enter_by_link(pg::transaction& in, const digest& token_sha256) {
  const auto whose = in.execute("SELECT tenant_of_invitation_link($1)", pg::parameters().add(token_sha256));
  const auto found = whose.empty() ? std::nullopt : whose.optional_uuid(0, 0);
  if (!found) return std::nullopt;
  const tenant_id tenant{*found};
  enter_tenant(in, tenant);
  const auto rows = in.execute(
      "SELECT link_id FROM invitation_links WHERE tenant_id = $1 AND token_sha256 = $2",
      pg::parameters().add(tenant).add(token_sha256)
  );
  if (rows.empty()) return std::nullopt;
  return link_owner{tenant, rows.text(0, 0)};
}

void write_link(
    pg::transaction& in, const tenant_id& tenant, const std::string& invitation, const std::string& link
) {
  in.execute(
      "UPDATE user_invitations SET link_id = $3 WHERE tenant_id = $1 AND invitation_id = $2",
      one_link(tenant, invitation).add(link)
  );
  in.execute(
      "UPDATE invitation_links SET version = version + 1 WHERE tenant_id = $1 AND link_id = $2",
      one_link(tenant, link)
  );
}

} // namespace tessera::persistence
