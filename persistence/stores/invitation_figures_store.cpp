#include "persistence/stores/invitation_figures_store.hpp"

#include "persistence/stores/change_store.hpp"
#include "persistence/stores/invitation_rows.hpp"

namespace tessera::persistence {

namespace {

constexpr const char* totals_sql = TESSERA_VISIBLE_ACCOUNTS
    ", seen AS (SELECT i.*, " TESSERA_EFFECTIVE_STATUS " AS effective" TESSERA_VISIBLE_INVITATIONS
    "), times AS (SELECT extract(epoch FROM accepted_at - created_at)::float8 AS took"
    " FROM seen WHERE accepted_at IS NOT NULL)"
    " SELECT count(*), count(*) FILTER (WHERE last_sent_at IS NOT NULL),"
    " count(*) FILTER (WHERE first_viewed_at IS NOT NULL),"
    " count(*) FILTER (WHERE effective = 'expired' AND first_viewed_at IS NULL),"
    " (SELECT round(avg(took))::bigint FROM times),"
    " (SELECT round(percentile_cont(0.5) WITHIN GROUP (ORDER BY took))::bigint FROM times),"
    " (SELECT round(percentile_cont(0.9) WITHIN GROUP (ORDER BY took))::bigint FROM times),"
    " count(*) FILTER (WHERE effective = 'pending'),"
    " count(*) FILTER (WHERE effective = 'expired'),"
    " count(*) FILTER (WHERE effective = 'accepted'),"
    " count(*) FILTER (WHERE effective = 'declined'),"
    " count(*) FILTER (WHERE effective = 'cancelled'),"
    " count(*) FILTER (WHERE effective = 'pending_approval') FROM seen";

// A row for each entity, inviter, application and channel; of one with several it counts at each.
constexpr const char* parts_sql = TESSERA_VISIBLE_ACCOUNTS
    ", seen AS (SELECT i.*" TESSERA_VISIBLE_INVITATIONS "), places AS ("
    " SELECT CASE e.entity_type WHEN 1 THEN 'tenant' WHEN 2 THEN 'organization' ELSE 'location' END AS kind,"
    "  e.entity_id AS id, s.invitation_id, s.first_viewed_at, s.accepted_at FROM seen s"
    "  JOIN invitation_assignments a USING (tenant_id, invitation_id) JOIN entities e USING (account_id)"
    " UNION ALL SELECT 'inviter', s.invited_by, s.invitation_id, s.first_viewed_at, s.accepted_at FROM seen s"
    " UNION ALL SELECT 'application', x.application_id, s.invitation_id, s.first_viewed_at, s.accepted_at"
    "  FROM seen s JOIN invitation_applications x USING (tenant_id, invitation_id)"
    " UNION ALL SELECT 'channel', s.accepted_channel, s.invitation_id, s.first_viewed_at, s.accepted_at"
    "  FROM seen s WHERE s.accepted_channel IS NOT NULL"
    ") SELECT kind, id, count(*), count(*) FILTER (WHERE first_viewed_at IS NOT NULL),"
    " count(*) FILTER (WHERE accepted_at IS NOT NULL) FROM places"
    " GROUP BY kind, id ORDER BY kind, 5 DESC, 3 DESC, id LIMIT 1000";

void read_parts(pg::transaction& in, const invitation_figures_query& query, invitation_figures& into) {
  const auto rows = in.execute(parts_sql, parameters_of(query.of));
  for (int i = 0; i < rows.size(); ++i) {
    into.parts.push_back({rows.text(i, 0), rows.text(i, 1), rows.int8(i, 2), rows.int8(i, 3), rows.int8(i, 4)}
    );
    if (into.parts.back().by == "channel") into.sources.push_back(into.parts.back().id);
  }
}

} // namespace

invitation_figures figures_of(pg::transaction& in, const invitation_figures_query& query) {
  const auto rows = in.execute(totals_sql, parameters_of(query.of));
  invitation_figures f;
  f.created = rows.int8(0, 0);
  f.sent = rows.int8(0, 1);
  f.viewed = rows.int8(0, 2);
  f.expired_unseen = rows.int8(0, 3);
  f.mean_seconds = rows.optional_int8(0, 4);
  f.p50_seconds = rows.optional_int8(0, 5);
  f.p90_seconds = rows.optional_int8(0, 6);
  const auto count = [&](invitation_status status, int column) {
    f.counts[static_cast<std::size_t>(status)] = rows.int8(0, column);
  };
  count(invitation_status::pending, 7);
  count(invitation_status::expired, 8);
  count(invitation_status::accepted, 9);
  count(invitation_status::declined, 10);
  count(invitation_status::cancelled, 11);
  count(invitation_status::pending_approval, 12);
  read_parts(in, query, f);
  return f;
}

} // namespace tessera::persistence
