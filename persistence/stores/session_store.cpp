#include "persistence/stores/session_store.hpp"

#include "persistence/stores/change_store.hpp"
#include "persistence/tenant_entry.hpp"

namespace tessera::persistence {

namespace {

tenant_id tenant_of(pg::transaction& in, const digest& refresh_token_sha256) {
  const auto rows =
      in.execute("SELECT tenant_of_refresh_token($1)", pg::parameters().add(refresh_token_sha256));
  const auto found = rows.empty() ? std::nullopt : rows.optional_uuid(0, 0);
  return tenant_id{found.value_or(uuid{})};
}

void keep(pg::transaction& in, const tenant_id& tenant, const uuid& session, const refresh_token& token) {
  in.execute(
      "INSERT INTO refresh_tokens (token_sha256, tenant_id, session_id, expires_at)"
      " VALUES ($1, $2, $3, clock_timestamp() + $4 * interval '1 second')",
      pg::parameters().add(token.sha256).add(tenant).add(session).add(std::int64_t{token.life.count()})
  );
}

/// Sessions that nobody can renew, a day later than that: no access token of theirs is good any more.
void forget_old_ones(pg::transaction& in, const tenant_id& tenant, const std::string& user) {
  in.execute(
      "DELETE FROM user_sessions s WHERE s.tenant_id = $1 AND s.user_id = $2"
      " AND s.created_at < clock_timestamp() - interval '1 day' AND NOT EXISTS ("
      "  SELECT FROM refresh_tokens r WHERE r.session_id = s.session_id"
      "   AND r.expires_at > clock_timestamp() - interval '1 day')",
      pg::parameters().add(tenant).add(user)
  );
}

/// The session of a token that was ever given out.
std::optional<uuid> session_of(pg::transaction& in, const tenant_id& tenant, const digest& token_sha256) {
  const auto rows = in.execute(
      "SELECT session_id FROM refresh_tokens WHERE token_sha256 = $1 AND tenant_id = $2",
      pg::parameters().add(token_sha256).add(tenant)
  );
  return rows.empty() ? std::nullopt : rows.optional_uuid(0, 0);
}

bool end(pg::transaction& in, const tenant_id& tenant, const uuid& session) {
  const auto done = in.execute(
      "UPDATE user_sessions SET ended_at = clock_timestamp()"
      " WHERE tenant_id = $1 AND session_id = $2 AND ended_at IS NULL",
      pg::parameters().add(tenant).add(session)
  );
  return done.affected() == 1;
}

identity_linked linked_user(pg::transaction& in, const tessera::link_identity& command) {
  const auto rows = in.execute(
      "SELECT user_id FROM user_identities WHERE tenant_id = $1 AND issuer = $2 AND subject = $3",
      pg::parameters().add(command.tenant).add(command.issuer).add(command.subject)
  );
  return rows.empty() ? identity_linked{} : identity_linked{rows.text(0, 0)};
}

bool can_be_linked(pg::transaction& in, const tessera::link_identity& command) {
  const auto rows = in.execute(
      "SELECT FROM users u WHERE tenant_id = $1 AND email_key = $3 AND status = 'active'"
      " AND NOT EXISTS (SELECT FROM user_identities i"
      "  WHERE i.tenant_id = u.tenant_id AND i.issuer = $2 AND i.user_id = u.user_id)",
      pg::parameters().add(command.tenant).add(command.issuer).add(command.email_key)
  );
  return !rows.empty();
}

} // namespace

sign_in_candidate candidate(pg::transaction& in, const find_candidate& query) {
  const auto named = query.tenant.empty() ? std::nullopt : std::optional(query.tenant);
  const auto tenants =
      in.execute("SELECT tenants_of_email($1, $2)", pg::parameters().add(query.email_key).add(named));
  sign_in_candidate found;
  if (tenants.size() == 1) found.tenant = tenants.id<tenant_id>(0, 0);
  enter(in, found.tenant);
  const auto rows = in.execute(
      "SELECT user_id, coalesce(password_hash, '') FROM users"
      " WHERE tenant_id = $1 AND email_key = $2 AND status = 'active'",
      pg::parameters().add(found.tenant).add(query.email_key)
  );
  if (rows.empty()) return found;
  found.user = rows.text(0, 0);
  found.password_hash = rows.text(0, 1);
  return found;
}

session_opened open_session(pg::transaction& in, const tessera::open_session& command, const uuid& session) {
  const auto still = in.execute(
      "SELECT FROM users WHERE tenant_id = $1 AND user_id = $2 AND status = 'active' AND password_hash = $3"
      " FOR UPDATE",
      pg::parameters().add(command.tenant).add(command.user).add(command.old_hash)
  );
  if (still.empty()) return {};
  if (!command.new_hash.empty())
    in.execute(
        "UPDATE users SET password_hash = $3 WHERE tenant_id = $1 AND user_id = $2",
        pg::parameters().add(command.tenant).add(command.user).add(command.new_hash)
    );
  forget_old_ones(in, command.tenant, command.user);
  in.execute(
      "INSERT INTO user_sessions (session_id, tenant_id, user_id) VALUES ($1, $2, $3)",
      pg::parameters().add(session).add(command.tenant).add(command.user)
  );
  keep(in, command.tenant, session, command.token);
  return {session_opened::outcome::open, session, profile_of(in, command.tenant, command.user)};
}

session_opened renew_session(pg::transaction& in, const tessera::renew_session& command) {
  const auto tenant = tenant_of(in, command.token_sha256);
  enter(in, tenant);
  const auto found = session_of(in, tenant, command.token_sha256);
  if (!found) return {};
  const auto& session = *found;
  // Whoever comes second with the same token waits here, and finds it used. The session before its tokens: in
  // this order they go with a user who is removed.
  in.execute(
      "SELECT FROM user_sessions WHERE tenant_id = $1 AND session_id = $2 FOR UPDATE",
      pg::parameters().add(tenant).add(session)
  );
  // A statement of its own sees what was committed while the one before waited.
  const auto rows = in.execute(
      "SELECT s.user_id, r.used_at IS NOT NULL, s.ended_at IS NULL AND r.expires_at > clock_timestamp()"
      "  AND EXISTS (SELECT FROM users u WHERE u.tenant_id = s.tenant_id AND u.user_id = s.user_id"
      "   AND u.status = 'active')"
      " FROM refresh_tokens r JOIN user_sessions s USING (session_id)"
      " WHERE r.token_sha256 = $1 AND r.tenant_id = $2",
      pg::parameters().add(command.token_sha256).add(tenant)
  );
  if (rows.empty()) return {};
  if (rows.boolean(0, 1)) {
    end(in, tenant, session);
    return {session_opened::outcome::reused, session, {}};
  }
  if (!rows.boolean(0, 2)) return {};
  in.execute(
      "UPDATE refresh_tokens SET used_at = clock_timestamp() WHERE token_sha256 = $1",
      pg::parameters().add(command.token_sha256)
  );
  in.execute(
      "DELETE FROM refresh_tokens WHERE session_id = $1 AND expires_at < clock_timestamp()",
      pg::parameters().add(session)
  );
  keep(in, tenant, session, command.next);
  return {session_opened::outcome::open, session, profile_of(in, tenant, rows.text(0, 0))};
}

session_ended end_session(pg::transaction& in, const tessera::end_session& command) {
  if (!command.token_sha256) return {command.tenant && end(in, *command.tenant, command.session)};
  const auto tenant = tenant_of(in, *command.token_sha256);
  enter(in, tenant);
  const auto session = session_of(in, tenant, *command.token_sha256);
  return {session && end(in, tenant, *session)};
}

user_profile profile_of(pg::transaction& in, const tenant_id& tenant, const std::string& user) {
  const auto whose = [&] { return pg::parameters().add(tenant).add(user); };
  const auto rows = in.execute(
      "SELECT u.user_id, u.email, u.first_name, u.last_name, u.role, coalesce(u.timezone, ''),"
      " coalesce(u.language, ''), u.email_verified_at IS NOT NULL, t.id, ARRAY ("
      "  SELECT a.application_id FROM user_applications a"
      "   WHERE a.tenant_id = u.tenant_id AND a.user_id = u.user_id ORDER BY 1)"
      " FROM users u JOIN tenants t USING (tenant_id)"
      " WHERE u.tenant_id = $1 AND u.user_id = $2 AND u.status = 'active'",
      whose()
  );
  user_profile found;
  if (rows.empty()) return found;
  found.tenant = tenant;
  found.user = rows.text(0, 0);
  found.email = rows.text(0, 1);
  found.first_name = rows.text(0, 2);
  found.last_name = rows.text(0, 3);
  found.role = static_cast<user_role>(rows.int2(0, 4));
  found.timezone = rows.text(0, 5);
  found.language = rows.text(0, 6);
  found.email_verified = rows.boolean(0, 7);
  found.tenant_name = rows.text(0, 8);
  found.applications = rows.texts(0, 9);
  const auto assigned = in.execute(
      "SELECT e.entity_type, e.entity_id, m.entity_role FROM memberships m JOIN entities e USING (account_id)"
      " WHERE m.tenant_id = $1 AND m.user_id = $2 AND e.status = 'active' ORDER BY 1, 2",
      whose()
  );
  for (int i = 0; i < assigned.size(); ++i)
    found.assignments.push_back(
        {{static_cast<entity_type>(assigned.int2(i, 0)), assigned.text(i, 1)},
         static_cast<entity_role>(assigned.int2(i, 2))}
    );
  return found;
}

identity_linked link_identity(pg::transaction& in, const tessera::link_identity& command) {
  if (auto linked = linked_user(in, command); !linked.user.empty()) return linked;
  // A stranger keeps nobody from changing the directory.
  if (!can_be_linked(in, command)) return {};
  lock_directory(in, command.tenant);
  // Whoever accepted an invitation by a link that proves nothing may not be the owner of the address, who has
  // come now: their password and their sessions are over.
  in.execute(
      "UPDATE user_sessions s SET ended_at = clock_timestamp() FROM users u WHERE s.tenant_id = $1"
      " AND u.tenant_id = s.tenant_id AND u.user_id = s.user_id AND s.ended_at IS NULL AND u.email_key = $2"
      " AND u.email_verified_at IS NULL AND EXISTS (SELECT FROM user_invitations i WHERE i.tenant_id = "
      "u.tenant_id"
      "  AND i.accepted_user_id = u.user_id AND i.accepted_channel IN ('direct_link', 'sms'))",
      pg::parameters().add(command.tenant).add(command.email_key)
  );
  in.execute(
      "WITH who AS (UPDATE users SET email_verified_at = coalesce(email_verified_at, clock_timestamp()),"
      "  password_hash = CASE WHEN email_verified_at IS NULL AND EXISTS (SELECT FROM user_invitations v"
      "   WHERE v.tenant_id = users.tenant_id AND v.accepted_user_id = users.user_id"
      "   AND v.accepted_channel IN ('direct_link', 'sms')) THEN NULL ELSE password_hash END"
      "  WHERE tenant_id = $1 AND email_key = $4 AND status = 'active'"
      "   AND NOT EXISTS (SELECT FROM user_identities i"
      "    WHERE i.tenant_id = users.tenant_id AND i.issuer = $2 AND i.user_id = users.user_id)"
      "  RETURNING user_id)"
      " INSERT INTO user_identities (tenant_id, issuer, subject, user_id)"
      " SELECT $1, $2, $3, user_id FROM who ON CONFLICT DO NOTHING",
      pg::parameters().add(command.tenant).add(command.issuer).add(command.subject).add(command.email_key)
  );
  return linked_user(in, command);
}

} // namespace tessera::persistence
