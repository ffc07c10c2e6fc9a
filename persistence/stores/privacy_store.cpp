#include "persistence/stores/privacy_store.hpp"

#include "persistence/stores/invitation_list_store.hpp"
#include "persistence/stores/invitation_store.hpp"
#include "persistence/stores/invitee_store.hpp"
#include "persistence/stores/user_store.hpp"

namespace tessera::persistence {

namespace {

constexpr int most_activities = 1'000;

pg::parameters of(const tenant_id& tenant, std::string_view text) {
  return std::move(pg::parameters().add(tenant).add(text));
}

void read_user(
    pg::transaction& in, const tenant_id& tenant, std::string_view canonical, personal_data& into
) {
  const auto who = find_invitee(in, tenant, canonical);
  if (!who) return;
  into.user = find_user(in, {tenant, {}, who->id});
  const auto rows = in.execute(
      "SELECT version, accepted_at FROM terms_acceptances WHERE tenant_id = $1 AND user_id = $2"
      " ORDER BY accepted_at",
      of(tenant, who->id)
  );
  for (int i = 0; i < rows.size(); ++i)
    into.consents.push_back({rows.text(i, 0), rows.time(i, 1)});
}

void read_job_rows(
    pg::transaction& in, const tenant_id& tenant, std::string_view canonical, personal_data& into
) {
  const auto rows = in.execute(
      "SELECT r.job_id, r.number, r.email, r.phone, r.first_name, r.last_name, r.message, r.state, "
      "j.created_at"
      " FROM invitation_job_rows r JOIN invitation_jobs j USING (tenant_id, job_id)"
      " WHERE r.tenant_id = $1 AND lower(r.email_key) = $2 AND r.email_key <> '' ORDER BY j.created_at, "
      "r.number LIMIT 1000",
      of(tenant, canonical)
  );
  for (int i = 0; i < rows.size(); ++i)
    into.job_rows.push_back(
        {rows.text(i, 0),
         rows.int8(i, 1),
         rows.text(i, 2),
         rows.text(i, 3),
         rows.text(i, 4),
         rows.text(i, 5),
         rows.text(i, 6),
         static_cast<job_row_state>(rows.int2(i, 7)),
         rows.time(i, 8)}
    );
}

} // namespace

std::vector<std::string>
open_invitations_to(pg::transaction& in, const tenant_id& tenant, std::string_view canonical) {
  const auto rows = in.execute(
      "SELECT invitation_id FROM user_invitations WHERE tenant_id = $1 AND email_canonical = $2"
      " AND status IN ('pending', 'pending_approval') ORDER BY invitation_id",
      of(tenant, canonical)
  );
  std::vector<std::string> open;
  for (int i = 0; i < rows.size(); ++i)
    open.push_back(rows.text(i, 0));
  return open;
}

void lock_jobs_of(pg::transaction& in, const tenant_id& tenant, std::string_view canonical) {
  in.execute(
      "SELECT FROM invitation_jobs j WHERE j.tenant_id = $1 AND j.state IN (1, 2) AND EXISTS ("
      " SELECT FROM invitation_job_rows r WHERE r.tenant_id = j.tenant_id AND r.job_id = j.job_id"
      " AND r.state = 1 AND lower(r.email_key) = $2 AND r.email_key <> '') ORDER BY j.job_id FOR UPDATE",
      of(tenant, canonical)
  );
}

std::int64_t erase_invitee(
    pg::transaction& in, const tenant_id& tenant, std::string_view canonical, const digest& pepper
) {
  // Answers that a repeated call would get.
  in.execute(
      "DELETE FROM idempotency_answers a WHERE a.tenant_id = $1 AND EXISTS ("
      " SELECT FROM (SELECT DISTINCT lower(form) FROM unnest(written_addresses($1, $2)) AS form) AS x (form)"
      " WHERE strpos(lower(a.body), '\"email\":\"' || form || '\"') > 0)",
      of(tenant, canonical)
  );
  return in.execute("SELECT erase_invitee($1, $2, $3)", of(tenant, canonical).add(pepper)).int8(0, 0);
}

personal_data known_of(pg::transaction& in, const tenant_id& tenant, std::string_view canonical) {
  personal_data known;
  const auto ids = in.execute(
      "SELECT invitation_id FROM user_invitations WHERE tenant_id = $1 AND email_canonical = $2"
      " ORDER BY invitation_id LIMIT 1000",
      of(tenant, canonical)
  );
  for (int i = 0; i < ids.size(); ++i)
    if (auto one = find_invitation(in, tenant, ids.text(i, 0))) {
      auto page = activities_of(in, {tenant, one->id, most_activities, std::nullopt});
      known.invitations.push_back({std::move(*one), std::move(page.activities)});
    }
  read_user(in, tenant, canonical, known);
  const auto sent = in.execute(
      "SELECT kind, channel, status, created_at FROM notifications WHERE tenant_id = $1"
      " AND lower(recipient) IN (SELECT lower(form) FROM unnest(written_addresses($1, $2)) AS form)"
      " ORDER BY position LIMIT 1000",
      of(tenant, canonical)
  );
  for (int i = 0; i < sent.size(); ++i)
    known.messages.push_back({sent.text(i, 0), sent.text(i, 1), sent.text(i, 2), sent.time(i, 3)});
  read_job_rows(in, tenant, canonical, known);
  return known;
}

} // namespace tessera::persistence
