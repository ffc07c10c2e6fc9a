#pragma once

#include "messages/invitations.hpp"
#include "persistence/pg/connection.hpp"

#include <string>
#include <vector>

/// How rows of user_invitations become views; for the invitation stores only.
namespace tessera::persistence {

/// The effective status of row i, by the clock of the statement's own instant.
#define TESSERA_EFFECTIVE_STATUS                                                                             \
  "(CASE WHEN i.status IN ('pending', 'pending_approval') AND i.expires_at <= clock_timestamp() THEN "       \
  "'expired'"                                                                                                \
  " ELSE i.status END)"

/// The columns that `invitation_at` reads, of row i.
#define TESSERA_INVITATION_COLUMNS                                                                           \
  "i.invitation_id, i.email, i.phone, i.first_name, i.last_name, i.role, " TESSERA_EFFECTIVE_STATUS ","      \
  " i.status_reason, i.inviter_kind, i.invited_by, i.inviter_application, i.locale, i.message, i.sends,"     \
  " i.email_delivery, i.sms_delivery, i.expires_at, i.created_at, i.accepted_at, i.first_viewed_at,"         \
  " i.last_sent_at, i.failed_at, i.resend_count, i.expiry_hours, i.generation, i.grant_version, i.version,"  \
  " ARRAY(SELECT a.application_id FROM invitation_applications a WHERE a.tenant_id = i.tenant_id"            \
  "  AND a.invitation_id = i.invitation_id ORDER BY a.position),"                                            \
  " coalesce(i.accepted_user_id, ''), i.approved_by, i.approved_grant_version, i.access_revoked_at,"         \
  " i.erased_at, coalesce(i.link_id, '')"

/// Without its assignments.
invitation_view invitation_at(const pg::rows& rows, int row);
void read_invitation_assignments(
    pg::transaction& in, const tenant_id& tenant, std::vector<invitation_view>& invitations
);

/// Of invitations that the caller may see: all assignments in the part, or their own; for the application.
#define TESSERA_VISIBLE_INVITATIONS                                                                          \
  " FROM user_invitations i WHERE i.tenant_id = $1"                                                          \
  " AND ($4 OR (i.inviter_kind = $5 AND i.invited_by = $6) OR ("                                             \
  "  EXISTS (SELECT FROM invitation_assignments a WHERE a.tenant_id = i.tenant_id"                           \
  "   AND a.invitation_id = i.invitation_id)"                                                                \
  "  AND NOT EXISTS (SELECT FROM invitation_assignments a WHERE a.tenant_id = i.tenant_id"                   \
  "   AND a.invitation_id = i.invitation_id AND a.account_id NOT IN (SELECT account_id FROM part))))"        \
  " AND ($7 = '' OR NOT EXISTS (SELECT FROM invitation_applications x WHERE x.tenant_id = i.tenant_id"       \
  "  AND x.invitation_id = i.invitation_id) OR EXISTS (SELECT FROM invitation_applications x"                \
  "  WHERE x.tenant_id = i.tenant_id AND x.invitation_id = i.invitation_id AND x.application_id = $7))"      \
  " AND ($8 IS NULL OR i.email_canonical = lower($8)) AND ($9 IS NULL OR i.role = $9)"                       \
  " AND ($10 IS NULL OR EXISTS (SELECT FROM invitation_assignments a WHERE a.tenant_id = i.tenant_id"        \
  "  AND a.invitation_id = i.invitation_id AND a.account_id = $10))"                                         \
  " AND ($11 IS NULL OR i.invited_by = $11) AND ($12 IS NULL OR i.created_at >= $12)"                        \
  " AND ($13 IS NULL OR i.created_at < $13) AND ($14 IS NULL OR i.expires_at < $14)"                         \
  " AND ($15 IS NULL OR i.email_delivery = $15 OR i.sms_delivery = $15)"                                     \
  " AND ($16 IS NULL OR i.link_id = $16)"
/// $1 to $16 of that.
pg::parameters parameters_of(const list_invitations& query);

} // namespace tessera::persistence
