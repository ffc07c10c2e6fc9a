#include "persistence/stores/invitation_sends_store.hpp"

#include <string>

namespace tessera::persistence {

namespace {

// $2 is the window in seconds, $3 how many the limit allows: no more are read.
#define TESSERA_IN_WINDOW " > clock_timestamp() - $2 * interval '1 second'"
#define TESSERA_NEWEST " ORDER BY created_at DESC LIMIT $3"
#define TESSERA_COUNT_SENT                                                                                   \
  " SELECT count(*), max(created_at),"                                                                       \
  " (SELECT created_at FROM sent ORDER BY created_at DESC OFFSET $3 - 1 LIMIT 1), min(created_at) FROM sent"

recent_sends counted(const pg::rows& rows) {
  return {rows.int8(0, 0), rows.optional_time(0, 1), rows.optional_time(0, 2), rows.optional_time(0, 3)};
}

pg::parameters parameters_of(const tenant_id& tenant, const send_limit& limit) {
  pg::parameters values;
  values.add(tenant).add(std::int64_t{limit.window.count()}).add(limit.most);
  return values;
}

void lock(pg::transaction& in, const std::string& name) {
  in.execute("SELECT pg_advisory_xact_lock(hashtextextended('sends ' || $1, 0))", pg::parameters().add(name));
}

std::string_view inviter_type(principal_kind kind) {
  if (kind == principal_kind::user) return "user";
  return kind == principal_kind::api_key ? "api_key" : "operator";
}

} // namespace

recent_sends
sends_by(pg::transaction& in, const tenant_id& tenant, const principal& inviter, const send_limit& limit) {
  return counted(in.execute(
      "WITH sent AS ((SELECT created_at FROM user_invitations WHERE tenant_id = $1 AND invited_by = $4"
      "  AND inviter_kind = $5 AND created_at" TESSERA_IN_WINDOW TESSERA_NEWEST ")"
      " UNION ALL (SELECT created_at FROM invitation_activities WHERE tenant_id = $1"
      "  AND activity_type = 'resent' AND actor_id = $4 AND actor_type = $6"
      "  AND created_at" TESSERA_IN_WINDOW TESSERA_NEWEST "))" TESSERA_COUNT_SENT,
      parameters_of(tenant, limit)
          .add(inviter.id)
          .add(static_cast<std::int16_t>(inviter.kind))
          .add(inviter_type(inviter.kind))
  ));
}

recent_sends sends_of(pg::transaction& in, const tenant_id& tenant, const send_limit& limit) {
  return counted(in.execute(
      "WITH sent AS ((SELECT created_at FROM user_invitations WHERE tenant_id = $1"
      "  AND created_at" TESSERA_IN_WINDOW TESSERA_NEWEST ")"
      " UNION ALL (SELECT created_at FROM invitation_activities WHERE tenant_id = $1"
      "  AND activity_type = 'resent' AND created_at" TESSERA_IN_WINDOW TESSERA_NEWEST
      "))" TESSERA_COUNT_SENT,
      parameters_of(tenant, limit)
  ));
}

recent_sends invitations_sent_to(
    pg::transaction& in,
    const tenant_id& tenant,
    std::string_view person,
    const digest& pepper,
    const send_limit& limit
) {
  return counted(in.execute(
      "WITH sent AS (SELECT created_at FROM user_invitations WHERE tenant_id = $1"
      "  AND email_person IN ($4, erased_person($4, $5)) AND created_at" TESSERA_IN_WINDOW TESSERA_NEWEST
      ")" TESSERA_COUNT_SENT,
      parameters_of(tenant, limit).add(person).add(pepper)
  ));
}

recent_sends
sends_to(pg::transaction& in, std::string_view person, const digest& pepper, const send_limit& limit) {
  const auto rows = in.execute(
      "SELECT sent, in_the_way FROM count_sends_to_person(ARRAY[$1, erased_person($1, $4)], $2, $3)",
      pg::parameters().add(person).add(std::int64_t{limit.window.count()}).add(limit.most).add(pepper)
  );
  return {rows.int8(0, 0), {}, rows.optional_time(0, 1), {}};
}

void lock_inviter(pg::transaction& in, const tenant_id& tenant, const principal& inviter) {
  lock(in, to_string(tenant.value) + " " + std::string(inviter_type(inviter.kind)) + " " + inviter.id);
}

void lock_sends(pg::transaction& in, const tenant_id& tenant) {
  lock(in, to_string(tenant.value));
}

void lock_recipient(pg::transaction& in, std::string_view person) {
  lock(in, "to " + std::string(person));
}

bool is_younger(pg::transaction& in, const tenant_id& tenant, std::chrono::seconds age) {
  const auto rows = in.execute(
      "SELECT created_at > clock_timestamp() - $2 * interval '1 second' FROM tenants WHERE tenant_id = $1",
      pg::parameters().add(tenant).add(std::int64_t{age.count()})
  );
  return !rows.empty() && rows.boolean(0, 0);
}

} // namespace tessera::persistence
