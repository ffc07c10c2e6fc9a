#pragma once

#include "messages/invitation_links.hpp"
#include "messages/invitations.hpp"
#include "messages/privacy.hpp"

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What is asked of invitations beside inviting and accepting (contract 5). Each is carried out in one
/// transaction and answered by result<invitation_answer>, as the others.
namespace tessera {

/// By whoever has the token of one that is over: whoever invited is told, once a day at most. Nobody hears
/// what became of it, so `told` says nothing; an unknown token is a refusal all the same, so that guessing
/// can be counted.
struct request_new_invitation {
  digest token_sha256;
  invitation_origin origin;
};

/// One kind of access that an invitation gave, and what is left of it.
struct access_change {
  entity_ref ref; // without an id: an application
  std::string application;
  entity_role before = entity_role::viewer;
  std::optional<entity_role> after; // nothing: none
};
/// What somebody lost by a revocation. What others gave them, they keep.
struct access_revoked {
  invitation_view invitation;
  std::string user;                 // empty: they are not there any more
  user_role role = user_role::user; // from now on
  std::vector<access_change> changes;
};
/// Takes back exactly what one accepted invitation gave; a second call finds nothing to take. Flaws: unknown,
/// not_manageable, not_accepted, role_not_grantable. Rejections: entity_out_of_scope, application_forbidden,
/// last_tenant_admin, idempotency_key_reused.
struct revoke_invitation_access {
  tenant_id tenant;
  std::string id;
  invitation_filter sees;
  std::function<kept_answer(const access_revoked&)> word;
  invitation_origin origin;
  std::optional<idempotency_key> key;
};

/// Says yes or no to an invitation that waits for a second pair of eyes (R-I 3.1). Flaws: unknown,
/// not_manageable, own_approval, not_waiting, role_not_grantable.
struct decide_invitation {
  tenant_id tenant;
  std::string id;
  bool approves = false;
  std::string reason; // of a no
  invitation_filter sees;
  std::function<kept_answer(const invitation_view&)> word;
  invitation_origin origin;
  std::optional<idempotency_key> key;
};

struct invitation_errand {
  std::variant<
      request_new_invitation,
      revoke_invitation_access,
      decide_invitation,
      create_invitation_link,
      revoke_invitation_link,
      list_invitation_links,
      invitation_link_query,
      preview_invitation_link,
      join_by_link,
      erase_person,
      export_person>
      what;
};
/// Nothing happens by it.
bool reads_only(const invitation_errand& errand);

} // namespace tessera
