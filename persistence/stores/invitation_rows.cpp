#include "persistence/stores/invitation_rows.hpp"

#include "persistence/stores/change_store.hpp"

#include <unordered_map>

namespace tessera::persistence {

using type = pg::parameters::type;

invitation_view invitation_at(const pg::rows& rows, int row) {
  invitation_view v;
  v.id = rows.text(row, 0);
  v.email = rows.text(row, 1);
  v.phone = rows.text(row, 2);
  v.first_name = rows.text(row, 3);
  v.last_name = rows.text(row, 4);
  v.grants.role = static_cast<user_role>(rows.int2(row, 5));
  v.status = parse_invitation_status(rows.text(row, 6)).value_or(invitation_status::cancelled);
  v.reason = rows.text(row, 7);
  v.inviter = {static_cast<principal_kind>(rows.int2(row, 8)), rows.text(row, 9), rows.text(row, 10)};
  v.locale = rows.text(row, 11);
  v.message = rows.text(row, 12);
  v.sends = rows.boolean(row, 13);
  v.email_delivery = rows.text(row, 14);
  v.sms_delivery = rows.text(row, 15);
  v.expires_at = rows.time(row, 16);
  v.created_at = rows.time(row, 17);
  v.accepted_at = rows.optional_time(row, 18);
  v.first_viewed_at = rows.optional_time(row, 19);
  v.last_sent_at = rows.optional_time(row, 20);
  v.failed_at = rows.optional_time(row, 21);
  v.resends = rows.int8(row, 22);
  v.expiry_hours = rows.int8(row, 23);
  v.generation = rows.int8(row, 24);
  v.grant_version = rows.int8(row, 25);
  v.version = rows.int8(row, 26);
  v.grants.applications = rows.texts(row, 27);
  v.accepted_by = rows.text(row, 28);
  v.approved_by = rows.text(row, 29);
  v.approved_grants = rows.int8(row, 30);
  v.access_revoked_at = rows.optional_time(row, 31);
  v.erased_at = rows.optional_time(row, 32);
  v.link = rows.text(row, 33);
  return v;
}

void read_invitation_assignments(
    pg::transaction& in, const tenant_id& tenant, std::vector<invitation_view>& invitations
) {
  std::unordered_map<std::string, invitation_view*> by_id;
  for (auto& one : invitations)
    by_id.emplace(one.id, &one);
  pg::parameters values;
  values.add(tenant).add_array(type::text, invitations, [](const invitation_view& one) -> std::string_view {
    return one.id;
  });
  const auto rows = in.execute(
      "SELECT a.invitation_id, a.account_id, e.entity_type, e.entity_id, a.entity_role"
      " FROM invitation_assignments a JOIN entities e USING (account_id)"
      " WHERE a.tenant_id = $1 AND a.invitation_id = ANY ($2) ORDER BY a.invitation_id, a.position",
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

pg::parameters parameters_of(const list_invitations& query) {
  std::optional<std::int32_t> role;
  if (query.role) role = static_cast<std::int32_t>(*query.role);
  pg::parameters values;
  values.add(query.tenant);
  add_part(values, query.part);
  values.add(static_cast<std::int16_t>(query.inviter.kind)).add(query.inviter.id).add(query.application);
  values.add(query.email_key).add(role).add(query.entity).add(query.invited_by).add(query.created_from);
  return std::move(values.add(query.created_to).add(query.expiring_before).add(query.delivery).add(query.link)
  );
}

} // namespace tessera::persistence
