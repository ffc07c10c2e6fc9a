#include "persistence/stores/invitation_store.hpp"

#include "persistence/stores/invitation_rows.hpp"
#include "persistence/stores/starter_credits_store.hpp"

namespace tessera::persistence {

namespace {

using type = pg::parameters::type;

pg::parameters one(const tenant_id& tenant, const std::string& id) {
  return std::move(pg::parameters().add(tenant).add(id));
}

std::string_view actor_type(principal_kind kind) {
  switch (kind) {
  case principal_kind::system: return "anonymous"; // nobody who is known, if there was a call
  case principal_kind::api_key: return "api_key";
  case principal_kind::user: return "user";
  case principal_kind::operator_key: return "operator";
  }
  return "system";
}

invitation_channel channel_named(std::string_view text) {
  if (text == "email") return invitation_channel::email;
  return text == "sms" ? invitation_channel::sms : invitation_channel::direct_link;
}

} // namespace

void lock_person(pg::transaction& in, const tenant_id& tenant, std::string_view canonical) {
  in.execute(
      "SELECT pg_advisory_xact_lock(hashtextextended('invitation ' || $1::text || $2, 0))",
      pg::parameters().add(tenant).add(canonical)
  );
}

void insert_invitation(
    pg::transaction& in,
    const create_invitation& asked,
    std::string_view canonical,
    std::string_view person,
    const std::string& id,
    time_point expires_at
) {
  in.execute(
      "INSERT INTO user_invitations (tenant_id, invitation_id, invited_by, inviter_kind, inviter_application,"
      " email, email_key, email_canonical, email_person, phone, first_name, last_name, role, locale, message,"
      " sends, expiry_hours, expires_at, remind, last_sent_at)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,"
      " CASE WHEN $16 THEN clock_timestamp() END)",
      pg::parameters()
          .add(asked.tenant)
          .add(id)
          .add(asked.origin.by.by.id)
          .add(static_cast<std::int16_t>(asked.origin.by.by.kind))
          .add(asked.origin.by.by.application)
          .add(asked.email)
          .add(asked.email_key)
          .add(canonical)
          .add(person)
          .add(asked.phone)
          .add(asked.first_name)
          .add(asked.last_name)
          .add(static_cast<std::int16_t>(asked.grants.role))
          .add(asked.locale)
          .add(asked.message)
          .add(asked.sends)
          .add(asked.expiry_hours)
          .add(expires_at)
          .add(asked.reminds)
  );
}

void write_grants(
    pg::transaction& in,
    const tenant_id& tenant,
    const std::string& id,
    std::string_view canonical,
    const invitation_grant& grants
) {
  in.execute(
      "DELETE FROM invitation_assignments WHERE tenant_id = $1 AND invitation_id = $2", one(tenant, id)
  );
  in.execute(
      "DELETE FROM invitation_applications WHERE tenant_id = $1 AND invitation_id = $2", one(tenant, id)
  );
  auto values = one(tenant, id);
  values.add(canonical);
  values.add_array(type::uuid, grants.assignments, [](const assignment& a) { return a.account; });
  values.add_array(type::int2, grants.assignments, [](const assignment& a) {
    return static_cast<std::int16_t>(a.role);
  });
  in.execute(
      "INSERT INTO invitation_assignments (tenant_id, invitation_id, position, account_id, entity_role,"
      " email_canonical) SELECT $1, $2, x.n, x.account, x.role, $3"
      " FROM unnest($4, $5) WITH ORDINALITY AS x (account, role, n)",
      values
  );
  auto applications = one(tenant, id);
  applications.add_array(type::text, grants.applications, [](const std::string& a) -> std::string_view {
    return a;
  });
  in.execute(
      "INSERT INTO invitation_applications (tenant_id, invitation_id, position, application_id)"
      " SELECT $1, $2, x.n, x.application FROM unnest($3) WITH ORDINALITY AS x (application, n)",
      applications
  );
}

bool lock_invitation(pg::transaction& in, const tenant_id& tenant, const std::string& id) {
  return !in.execute(
                "SELECT FROM user_invitations WHERE tenant_id = $1 AND invitation_id = $2 FOR UPDATE",
                one(tenant, id)
  )
              .empty();
}

std::optional<invitation_view>
find_invitation(pg::transaction& in, const tenant_id& tenant, const std::string& id) {
  const auto rows = in.execute(
      "SELECT " TESSERA_INVITATION_COLUMNS
      " FROM user_invitations i WHERE i.tenant_id = $1 AND i.invitation_id = $2",
      one(tenant, id)
  );
  if (rows.empty()) return std::nullopt;
  std::vector<invitation_view> found{invitation_at(rows, 0)};
  read_invitation_assignments(in, tenant, found);
  read_starter_credits(in, tenant, found);
  return std::move(found.front());
}

std::string address_of(pg::transaction& in, const tenant_id& tenant, const std::string& id) {
  const auto rows = in.execute(
      "SELECT email_key FROM user_invitations WHERE tenant_id = $1 AND invitation_id = $2", one(tenant, id)
  );
  return rows.empty() ? std::string() : rows.text(0, 0);
}

std::vector<std::string> pending_for(
    pg::transaction& in,
    const tenant_id& tenant,
    std::string_view canonical,
    const std::vector<account_id>& accounts
) {
  pg::parameters values;
  values.add(tenant).add(canonical).add_array(type::uuid, accounts, [](const account_id& id) { return id; });
  const auto rows = in.execute(
      "SELECT i.invitation_id FROM user_invitations i"
      " WHERE i.tenant_id = $1 AND i.email_canonical = $2 AND i.status IN ('pending', 'pending_approval')"
      "  AND CASE WHEN cardinality($3) > 0"
      "   THEN EXISTS (SELECT FROM invitation_assignments a WHERE a.tenant_id = i.tenant_id"
      "    AND a.invitation_id = i.invitation_id AND a.account_id = ANY ($3))"
      "   ELSE NOT EXISTS (SELECT FROM invitation_assignments a WHERE a.tenant_id = i.tenant_id"
      "    AND a.invitation_id = i.invitation_id) END"
      " ORDER BY i.invitation_id",
      values
  );
  std::vector<std::string> found;
  for (int i = 0; i < rows.size(); ++i)
    found.push_back(rows.text(i, 0));
  return found;
}

std::int64_t count_pending(
    pg::transaction& in, const tenant_id& tenant, std::string_view canonical, const std::string& besides
) {
  return in
      .execute(
          "SELECT count(*) FROM user_invitations WHERE tenant_id = $1 AND email_canonical = $2"
          " AND status = 'pending' AND expires_at > clock_timestamp() AND invitation_id <> $3",
          pg::parameters().add(tenant).add(canonical).add(besides)
      )
      .int8(0, 0);
}

std::int64_t count_all_pending(pg::transaction& in, const tenant_id& tenant) {
  return in
      .execute(
          "SELECT count(*) FROM user_invitations WHERE tenant_id = $1"
          " AND status IN ('pending', 'pending_approval') AND expires_at > clock_timestamp()",
          pg::parameters().add(tenant)
      )
      .int8(0, 0);
}

void write_names(
    pg::transaction& in,
    const tenant_id& tenant,
    const std::string& id,
    const std::optional<std::string>& first,
    const std::optional<std::string>& last
) {
  in.execute(
      "UPDATE user_invitations SET first_name = coalesce($3, first_name), last_name = coalesce($4, last_name)"
      " WHERE tenant_id = $1 AND invitation_id = $2",
      one(tenant, id).add(first).add(last)
  );
}

void write_role(pg::transaction& in, const tenant_id& tenant, const std::string& id, user_role role) {
  in.execute(
      "UPDATE user_invitations SET role = $3 WHERE tenant_id = $1 AND invitation_id = $2",
      one(tenant, id).add(static_cast<std::int16_t>(role))
  );
}

void write_end(
    pg::transaction& in,
    const tenant_id& tenant,
    const std::string& id,
    time_point expires_at,
    std::optional<std::int64_t> expiry_hours
) {
  in.execute(
      "UPDATE user_invitations SET expires_at = $3, expiry_hours = coalesce($4, expiry_hours)"
      " WHERE tenant_id = $1 AND invitation_id = $2",
      one(tenant, id).add(expires_at).add(expiry_hours)
  );
}

void raise_version(pg::transaction& in, const tenant_id& tenant, const std::string& id, bool grants) {
  in.execute(
      "UPDATE user_invitations SET version = version + 1, grant_version = grant_version + $3::int"
      " WHERE tenant_id = $1 AND invitation_id = $2",
      one(tenant, id).add(std::int32_t{grants})
  );
}

void write_status(
    pg::transaction& in,
    const tenant_id& tenant,
    const std::string& id,
    invitation_status status,
    std::string_view reason
) {
  in.execute(
      "UPDATE user_invitations SET status = $3, status_reason = $4, version = version + 1"
      " WHERE tenant_id = $1 AND invitation_id = $2",
      one(tenant, id).add(to_string(status)).add(reason)
  );
}

bool expire_if_over(pg::transaction& in, const tenant_id& tenant, const std::string& id) {
  const auto over = in.execute(
      "UPDATE user_invitations SET status = 'expired', version = version + 1"
      " WHERE tenant_id = $1 AND invitation_id = $2 AND status IN ('pending', 'pending_approval')"
      " AND expires_at <= clock_timestamp()"
      " RETURNING generation",
      one(tenant, id)
  );
  if (over.empty()) return false;
  note_activity(in, tenant, id, "expired", {});
  tell(in, tenant, id, "invitation.expired", {"none"}, over.int8(0, 0));
  return true;
}

void await_approval(pg::transaction& in, const tenant_id& tenant, const std::string& id, time_point until) {
  in.execute(
      "UPDATE user_invitations SET status = 'pending_approval', expires_at = $3, last_sent_at = NULL"
      " WHERE tenant_id = $1 AND invitation_id = $2",
      one(tenant, id).add(until)
  );
}

void write_approval(
    pg::transaction& in,
    const tenant_id& tenant,
    const std::string& id,
    std::string_view approver,
    time_point expires_at
) {
  in.execute(
      "UPDATE user_invitations SET status = 'pending', approved_by = $3, approved_at = clock_timestamp(),"
      " approved_grant_version = grant_version, expires_at = $4, version = version + 1,"
      " last_sent_at = CASE WHEN sends THEN clock_timestamp() END"
      " WHERE tenant_id = $1 AND invitation_id = $2",
      one(tenant, id).add(approver).add(expires_at)
  );
}

void note_approval(
    pg::transaction& in, const tenant_id& tenant, const std::string& id, std::string_view approver
) {
  in.execute(
      "UPDATE user_invitations SET approved_by = $3, approved_at = clock_timestamp(),"
      " approved_grant_version = grant_version WHERE tenant_id = $1 AND invitation_id = $2",
      one(tenant, id).add(approver)
  );
}

void write_inviter(
    pg::transaction& in, const tenant_id& tenant, const std::string& id, const principal& inviter
) {
  in.execute(
      "UPDATE user_invitations SET invited_by = $3, inviter_kind = $4, inviter_application = $5,"
      " version = version + 1 WHERE tenant_id = $1 AND invitation_id = $2",
      one(tenant, id).add(inviter.id).add(static_cast<std::int16_t>(inviter.kind)).add(inviter.application)
  );
}

void write_acceptance(
    pg::transaction& in,
    const tenant_id& tenant,
    const std::string& id,
    const std::string& user,
    std::string_view channel
) {
  in.execute(
      "UPDATE user_invitations SET status = 'accepted', accepted_at = clock_timestamp(), accepted_user_id = "
      "$3,"
      " accepted_channel = $4, version = version + 1"
      " WHERE tenant_id = $1 AND invitation_id = $2 AND status = 'pending'",
      one(tenant, id).add(user).add(channel)
  );
}

void renew(
    pg::transaction& in,
    const tenant_id& tenant,
    const std::string& id,
    std::int64_t generation,
    time_point expires_at,
    std::int64_t expiry_hours
) {
  revoke_tokens(in, tenant, id, nullptr);
  in.execute(
      "UPDATE user_invitations SET status = 'pending', status_reason = '', generation = $3, expires_at = $4,"
      " expiry_hours = $5, last_sent_at = clock_timestamp(), resend_count = resend_count + 1,"
      " failed_at = NULL, first_viewed_at = NULL, reminders = 0, expiry_told = false, version = version + 1"
      " WHERE tenant_id = $1 AND invitation_id = $2",
      one(tenant, id).add(generation).add(expires_at).add(expiry_hours)
  );
}

void write_delivery(
    pg::transaction& in, const tenant_id& tenant, const std::string& id, bool sends, std::string_view sms
) {
  in.execute(
      "UPDATE user_invitations SET email_delivery = CASE WHEN $3 THEN 'queued' ELSE 'none' END,"
      " sms_delivery = CASE WHEN $3 THEN $4 ELSE 'none' END WHERE tenant_id = $1 AND invitation_id = "
      "$2",
      one(tenant, id).add(sends).add(sms)
  );
}

time_point now_of(pg::transaction& in) {
  return in.execute("SELECT clock_timestamp()").time(0, 0);
}

void enter_tenant(pg::transaction& in, const tenant_id& tenant) {
  in.execute("SELECT set_config('app.tenant_id', $1, true)", pg::parameters().add(to_string(tenant.value)));
}

std::optional<token_owner> enter_by_token(pg::transaction& in, const digest& sha256) {
  const auto whose = in.execute("SELECT tenant_of_invitation_token($1)", pg::parameters().add(sha256));
  const auto found = whose.empty() ? std::nullopt : whose.optional_uuid(0, 0);
  if (!found) return std::nullopt;
  const tenant_id tenant{*found};
  enter_tenant(in, tenant);
  const auto rows = in.execute(
      "SELECT invitation_id, channel, generation, viewed_at IS NOT NULL FROM invitation_tokens"
      " WHERE tenant_id = $1 AND token_sha256 = $2",
      pg::parameters().add(tenant).add(sha256)
  );
  if (rows.empty()) return std::nullopt;
  return token_owner{
      tenant, {rows.text(0, 0), channel_named(rows.bytes(0, 1)), rows.int8(0, 2), rows.boolean(0, 3)}};
}

void keep_token(
    pg::transaction& in,
    const tenant_id& tenant,
    const std::string& id,
    const digest& sha256,
    invitation_channel channel,
    std::int64_t generation
) {
  in.execute(
      "INSERT INTO invitation_tokens (tenant_id, invitation_id, token_sha256, channel, generation)"
      " VALUES ($1, $2, $3, $4, $5)",
      one(tenant, id).add(sha256).add(to_string(channel)).add(generation)
  );
}

void revoke_tokens(pg::transaction& in, const tenant_id& tenant, const std::string& id, const digest* used) {
  const auto kept = used ? std::optional(*used) : std::nullopt;
  in.execute(
      "UPDATE invitation_tokens SET used_at = CASE WHEN token_sha256 = $3 THEN clock_timestamp() END,"
      " revoked_at = CASE WHEN token_sha256 IS DISTINCT FROM $3 THEN clock_timestamp() END"
      " WHERE tenant_id = $1 AND invitation_id = $2 AND revoked_at IS NULL",
      one(tenant, id).add(kept)
  );
}

bool note_view(pg::transaction& in, const tenant_id& tenant, const digest& sha256, const visitor& from) {
  const auto first = in.execute(
      "UPDATE invitation_tokens SET viewed_at = clock_timestamp()"
      " WHERE tenant_id = $1 AND token_sha256 = $2 AND viewed_at IS NULL RETURNING invitation_id",
      pg::parameters().add(tenant).add(sha256)
  );
  if (first.empty()) return false;
  in.execute(
      "UPDATE user_invitations SET first_viewed_at = clock_timestamp(), viewed_from = $3"
      " WHERE tenant_id = $1 AND invitation_id = $2 AND first_viewed_at IS NULL",
      one(tenant, first.text(0, 0)).add(from.network)
  );
  return true;
}

void note_activity(
    pg::transaction& in,
    const tenant_id& tenant,
    const std::string& id,
    std::string_view type,
    const invitation_origin& by,
    std::string_view metadata
) {
  note_activity(in, tenant, std::vector{id}, type, by, metadata);
}

void note_activity(
    pg::transaction& in,
    const tenant_id& tenant,
    const std::vector<std::string>& ids,
    std::string_view kind,
    const invitation_origin& by,
    std::string_view metadata
) {
  pg::parameters values;
  values.add(tenant).add_array(type::text, ids, [](const std::string& id) -> std::string_view { return id; });
  in.execute(
      "INSERT INTO invitation_activities (tenant_id, invitation_id, activity_type, metadata, actor_type,"
      " actor_id, network, browser, request_id)"
      " SELECT $1, id, $3, $4::text::jsonb, $5, $6, $7, $8, $9 FROM unnest($2) AS id",
      values.add(kind)
          .add(metadata)
          .add(by.by.request_id.empty() ? "system" : actor_type(by.by.by.kind))
          .add(by.by.by.id)
          .add(by.from.network)
          .add(by.from.browser)
          .add(by.by.request_id)
  );
}

bool has_activity(
    pg::transaction& in,
    const tenant_id& tenant,
    const std::string& id,
    std::string_view type,
    std::optional<std::int64_t> within_hours
) {
  return in
      .execute(
          "SELECT EXISTS (SELECT FROM invitation_activities WHERE tenant_id = $1 AND invitation_id = $2"
          " AND activity_type = $3"
          " AND ($4 IS NULL OR created_at > clock_timestamp() - make_interval(hours => $4::int)))",
          one(tenant, id).add(type).add(within_hours)
      )
      .boolean(0, 0);
}

void tell(
    pg::transaction& in,
    const tenant_id& tenant,
    const std::string& id,
    std::string_view kind,
    const std::vector<std::string>& channels,
    std::int64_t generation
) {
  auto values = one(tenant, id);
  values.add(kind).add_array(type::text, channels, [](const std::string& channel) -> std::string_view {
    return channel;
  });
  in.execute("SELECT tell_of_invitation($1, $2, $3, $4, $5)", values.add(generation));
}

} // namespace tessera::persistence
