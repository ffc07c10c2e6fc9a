#include "persistence/stores/invitation_list_store.hpp"

#include "persistence/stores/change_store.hpp"
#include "persistence/stores/invitation_rows.hpp"
#include "persistence/stores/starter_credits_store.hpp"

#include <charconv>

namespace tessera::persistence {

namespace {

void count(pg::transaction& in, const list_invitations& query, invitation_page& into) {
  const auto rows = in.execute(
      TESSERA_VISIBLE_ACCOUNTS "SELECT " TESSERA_EFFECTIVE_STATUS ", count(*)" TESSERA_VISIBLE_INVITATIONS
                               " GROUP BY 1",
      parameters_of(query)
  );
  for (int i = 0; i < rows.size(); ++i)
    if (const auto status = parse_invitation_status(rows.text(i, 0)))
      into.counts[static_cast<std::size_t>(*status)] = rows.int8(i, 1);
}

} // namespace

invitation_page invitations_of(pg::transaction& in, const list_invitations& query) {
  std::optional<std::string> status;
  if (query.status) status = to_string(*query.status);
  auto values = parameters_of(query);
  values.add(status).add(query.after).add(std::int64_t{query.limit} + 1);
  const auto rows = in.execute(
      TESSERA_VISIBLE_ACCOUNTS "SELECT " TESSERA_INVITATION_COLUMNS TESSERA_VISIBLE_INVITATIONS
                               " AND ($17 IS NULL OR " TESSERA_EFFECTIVE_STATUS
                               " = $17) AND ($18 IS NULL OR i.invitation_id < $18)"
                               " ORDER BY i.invitation_id DESC LIMIT $19",
      values
  );
  invitation_page page;
  page.more = rows.size() > query.limit;
  for (int i = 0; i < rows.size() && i < query.limit; ++i)
    page.invitations.push_back(invitation_at(rows, i));
  read_invitation_assignments(in, query.tenant, page.invitations);
  read_starter_credits(in, query.tenant, page.invitations);
  count(in, query, page);
  return page;
}

invitation_page invitations_to(pg::transaction& in, const list_own_invitations& query) {
  const auto rows = in.execute(
      "SELECT " TESSERA_INVITATION_COLUMNS " FROM user_invitations i"
      " JOIN users u ON u.tenant_id = i.tenant_id AND lower(u.email_key) = i.email_canonical"
      " WHERE i.tenant_id = $1 AND u.user_id = $2 AND u.status = 'active' AND u.email_verified_at IS NOT NULL"
      " AND i.status = 'pending' AND i.expires_at > clock_timestamp() ORDER BY i.invitation_id DESC LIMIT "
      "100",
      pg::parameters().add(query.tenant).add(query.user)
  );
  invitation_page page;
  for (int i = 0; i < rows.size(); ++i)
    page.invitations.push_back(invitation_at(rows, i));
  read_invitation_assignments(in, query.tenant, page.invitations);
  return page;
}

activity_page activities_of(pg::transaction& in, const list_activities& query) {
  std::optional<std::int64_t> after;
  if (query.after) {
    std::int64_t number = 0;
    std::from_chars(query.after->data(), query.after->data() + query.after->size(), number);
    after = number;
  }
  const auto rows = in.execute(
      "SELECT sequence, activity_type, created_at, actor_type, actor_id, network, browser, metadata::text,"
      " activity_id FROM invitation_activities WHERE tenant_id = $1 AND invitation_id = $2"
      " AND ($3 IS NULL OR sequence > $3) ORDER BY sequence LIMIT $4",
      pg::parameters().add(query.tenant).add(query.invitation).add(after).add(std::int64_t{query.limit} + 1)
  );
  activity_page page;
  page.more = rows.size() > query.limit;
  for (int i = 0; i < rows.size() && i < query.limit; ++i) {
    invitation_activity one;
    one.position = std::to_string(rows.int8(i, 0));
    one.type = rows.text(i, 1);
    one.created_at = rows.time(i, 2);
    one.actor_type = rows.text(i, 3);
    one.actor_id = rows.text(i, 4);
    one.from = {rows.text(i, 5), rows.text(i, 6)};
    one.metadata = rows.text(i, 7);
    one.id = "act-" + to_string(rows.uuid_at(i, 8));
    page.activities.push_back(std::move(one));
  }
  return page;
}

} // namespace tessera::persistence
