#include "actors/database/invitation_parts.hpp"

#include "actors/domain/sms_rules.hpp"
#include "actors/support/invitation_token.hpp"
#include "actors/support/sha256.hpp"
#include "persistence/stores/answer_store.hpp"
#include "persistence/stores/authority_store.hpp"
#include "persistence/stores/invitation_store.hpp"
#include "persistence/stores/tenant_store.hpp"

#include <algorithm>
#include <utility>

namespace tessera {

namespace {

std::vector<account_id>
accounts_of(const std::vector<assignment>& some, const std::vector<assignment>& more) {
  std::vector<account_id> accounts;
  for (const auto& each : some)
    accounts.push_back(each.account);
  for (const auto& each : more)
    accounts.push_back(each.account);
  return accounts;
}

rejection rejected(errc code, std::string detail) {
  return {code, std::move(detail)};
}

} // namespace

result<invitation_answer> once(
    pg::transaction& in,
    const tenant_id& tenant,
    const std::optional<idempotency_key>& key,
    const std::function<result<invitation_answer>()>& change
) {
  if (!key) return change();
  if (auto first = persistence::take_key(in, tenant, *key)) {
    if (!*first) return first->why();
    return told(std::move(**first));
  }
  auto answer = change();
  // A refusal may leave something behind, but not the key: a retry is a fresh attempt. Likewise what goes on.
  const bool is_over = answer && !answer->refused && !answer->reservation;
  if (answer && !is_over) persistence::drop_key(in, *key);
  if (is_over) persistence::keep_answer(in, *key, answer->told);
  return answer;
}

std::optional<present_authority> present_authority::of(
    pg::transaction& in,
    const tenant_id& tenant,
    const principal& who,
    const invitation_grant& grants,
    const std::vector<assignment>& besides
) {
  present_authority found;
  found.kind_ = who.kind;
  found.rows_ = std::make_shared<const tenant_snapshot>(
      persistence::authority_rows(in, tenant, who, accounts_of(grants.assignments, besides))
  );
  const bool is_there =
      who.kind == principal_kind::operator_key || !found.rows_->users.empty() || !found.rows_->keys.empty();
  return is_there ? std::optional(std::move(found)) : std::nullopt;
}

present_authority present_authority::of_the_tenant(
    pg::transaction& in,
    const tenant_id& tenant,
    const invitation_grant& grants,
    const std::vector<assignment>& besides
) {
  return *of(in, tenant, {principal_kind::operator_key, {}, {}}, grants, besides);
}

authority present_authority::rights() const {
  if (kind_ == principal_kind::user) return authority::of(rows_->users.front());
  if (kind_ == principal_kind::api_key) return authority::of(rows_->keys.front().second);
  return authority::of_operator();
}

std::optional<grant> grant_of(const invitation_grant& wanted, const tenant_snapshot& in) {
  grant made{wanted.role, {}, wanted.applications};
  for (const auto& each : wanted.assignments) {
    const auto* entity = in.find(each.account);
    if (!entity) return std::nullopt;
    made.assignments.push_back({entity, each.role});
  }
  return made;
}

std::optional<grant_refusal> present_authority::why_not(const invitation_grant& wanted) const {
  const auto made = grant_of(wanted, *rows_);
  if (!made) return grant_refusal{grant_flaw::entity_out_of_scope, wanted.assignments.size()};
  return why_not_grantable(rights(), *made, *rows_);
}

result<invitation_answer> refusal_of(const grant_refusal& why, const invitation_grant& wanted) {
  const auto at = [&] {
    if (why.at >= wanted.assignments.size()) return std::string();
    const auto& ref = wanted.assignments[why.at].ref;
    return std::string(to_string(ref.type)) + "/" + ref.id;
  };
  using enum grant_flaw;
  switch (why.flaw) {
  case role_not_grantable:
    return refused(invitation_flaw::role_not_grantable, "The role is above what you may give.");
  case exceeds_granter:
    return refused(invitation_flaw::role_not_grantable, "It is more than you have yourself.");
  case grant_flaw::entity_out_of_scope: return rejected(errc::entity_out_of_scope, at());
  case grant_flaw::application_forbidden: return rejected(errc::application_forbidden, {});
  case unknown_application: return rejected(errc::application_unknown, {});
  case duplicate_assignment: return rejected(errc::invalid_assignments, at() + " stands twice.");
  case too_many_assignments: return rejected(errc::invalid_assignments, "At most 100 assignments.");
  case organization_required:
    return rejected(errc::invalid_assignments, "An organization_admin has an organisation.");
  case location_required: return rejected(errc::invalid_assignments, "A location_manager has a location.");
  case organization_above_viewer:
    return rejected(errc::invalid_assignments, "A location_manager is viewer of organisations.");
  case assignment_required: return rejected(errc::invalid_assignments, "A user has an assignment.");
  }
  return errc::insufficient_role;
}

std::optional<invitation_view> hold_invitation(
    pg::transaction& in, const tenant_id& tenant, const std::string& id, const invitation_filter& sees
) {
  if (!persistence::lock_invitation(in, tenant, id)) return std::nullopt;
  auto found = persistence::find_invitation(in, tenant, id);
  if (!found || (sees && !sees(*found))) return std::nullopt;
  if (persistence::expire_if_over(in, tenant, id)) return persistence::find_invitation(in, tenant, id);
  return found;
}

managed_invitation manage_invitation(
    pg::transaction& in,
    const tenant_id& tenant,
    const std::string& id,
    const invitation_filter& sees,
    const principal& by
) {
  // Before the row: in this order whoever invites the same person takes them. Whoever was erased has no
  // address any more; what their invitation gave can still be taken back.
  if (const auto address = persistence::address_of(in, tenant, id); !address.empty())
    persistence::lock_person(in, tenant, canonical_address(address));
  auto found = hold_invitation(in, tenant, id, sees);
  if (!found) return {std::nullopt, refused(invitation_flaw::unknown)};
  const auto own = present_authority::of(in, tenant, by, found->grants);
  if (!own || !may_manage(own->rights(), found->grants, found->inviter, own->rows()))
    return {std::nullopt, refused(invitation_flaw::not_manageable)};
  return {std::move(found), std::nullopt};
}

bool needs_approval(
    pg::transaction& in, const tenant_id& tenant, const invitation_view& invitation, const principal& by
) {
  if (invitation.grants.role != user_role::tenant_admin || by.kind == principal_kind::operator_key)
    return false;
  if (is_approved(invitation)) return false;
  const auto settings = persistence::find_tenant(in, tenant);
  return settings && settings->policies.approve_tenant_admin;
}

void note_operators_approval(
    pg::transaction& in, const tenant_id& tenant, const std::string& id, const invitation_origin& by
) {
  if (by.by.by.kind != principal_kind::operator_key) return;
  const auto it = persistence::find_invitation(in, tenant, id);
  if (!it || !needs_approval(in, tenant, *it, it->inviter)) return;
  persistence::note_approval(in, tenant, id, "operator");
  persistence::note_activity(in, tenant, id, "approved", by);
}

void send_invitation(
    pg::transaction& in,
    const tenant_id& tenant,
    const invitation_view& invitation,
    const token_secret& secret,
    std::string_view kind
) {
  const auto settings = persistence::find_tenant(in, tenant);
  const bool has_phone = !invitation.phone.empty();
  const bool by_sms = has_phone && settings && may_text(invitation.phone, settings->policies.sms_countries);
  const auto mint = [&](invitation_channel channel) {
    const auto token = invitation_token(secret, invitation.id, channel, invitation.generation);
    persistence::keep_token(
        in, tenant, invitation.id, sha256::local()(token), channel, invitation.generation
    );
  };
  mint(invitation_channel::email);
  if (by_sms) mint(invitation_channel::sms);
  // Where the policy hides it there is none.
  if (settings && settings->policies.expose_token_to_inviter) mint(invitation_channel::direct_link);
  std::vector<std::string> channels;
  if (invitation.sends) channels.emplace_back("email");
  if (invitation.sends && by_sms) channels.emplace_back("sms");
  if (channels.empty()) channels.emplace_back("none");
  persistence::tell(in, tenant, invitation.id, kind, channels, invitation.generation);
  persistence::write_delivery(
      in,
      tenant,
      invitation.id,
      invitation.sends,
      by_sms      ? "queued"
      : has_phone ? "unavailable"
                  : "none"
  );
}

invitation_made made_of(
    pg::transaction& in,
    const tenant_id& tenant,
    const invitation_view& invitation,
    const std::string& base_url
) {
  invitation_made made{
      invitation.id, invitation.generation, invitation.expires_at, base_url, true, invitation.status};
  if (invitation.status == invitation_status::pending_approval) {
    made.shows_token = false;
    return made;
  }
  if (const auto settings = persistence::find_tenant(in, tenant))
    made.shows_token = settings->policies.expose_token_to_inviter;
  return made;
}

std::string json_text(std::string_view text) {
  constexpr auto digits = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      (out += '\\') += c;
    else if (byte < 0x20)
      ((out += "\\u00") += digits[byte >> 4]) += digits[byte & 15];
    else
      out += c;
  }
  return out += '"';
}

} // namespace tessera
