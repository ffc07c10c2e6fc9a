// Accept, decline, and what an invitee may see before. One transaction; whoever comes second finds what the
// first has made of it (W-12, W-13).
#include "actors/database/invitation_parts.hpp"
#include "actors/database/starter_reservations.hpp"
#include "actors/domain/starter_credits.hpp"
#include "persistence/stores/access_layer_store.hpp"
#include "persistence/stores/change_store.hpp"
#include "persistence/stores/invitation_store.hpp"
#include "persistence/stores/invitee_store.hpp"
#include "persistence/stores/tenant_store.hpp"
#include "persistence/stores/user_store.hpp"

#include <algorithm>
#include <utility>

namespace tessera {

namespace {

/// Whose invitation it is, found by a token or by who is signed in.
struct found_invitation {
  tenant_id tenant;
  std::string id;
  std::optional<persistence::known_token> token; // nothing: by who is signed in
};

std::optional<found_invitation> find(pg::transaction& in, const invitation_finding& which) {
  if (!which.token_sha256) {
    persistence::enter_tenant(in, which.tenant);
    return found_invitation{which.tenant, which.id, std::nullopt};
  }
  const auto owner = persistence::enter_by_token(in, *which.token_sha256);
  if (!owner) return std::nullopt;
  // Who is signed in is of one tenant: another one's invitation is none of theirs.
  if (!which.user.empty() && owner->tenant != which.tenant) return std::nullopt;
  return found_invitation{owner->tenant, owner->token.invitation, owner->token};
}

std::optional<invitation_flaw> why_dead(const invitation_view& it, const found_invitation& found) {
  return why_dead(it.status, found.token ? found.token->generation : it.generation, it.generation);
}

/// Who is signed in is the one who was invited: by the way that proves it, or by an address that is theirs.
std::optional<invitation_flaw>
why_not_them(const persistence::invitee& who, const std::string& canonical, const found_invitation& found) {
  if (canonical_address(who.email_key) != canonical) return invitation_flaw::not_the_recipient;
  const bool proved = found.token && found.token->channel == invitation_channel::email;
  if (!who.email_verified && !proved) return invitation_flaw::email_not_verified;
  return std::nullopt;
}

std::string_view channel_of(const found_invitation& found) {
  return found.token ? to_string(found.token->channel) : "signed_in";
}

/// One acceptance: what is asked in order, then the rows.
class accepting {
public:
  accepting(
      pg::transaction& in,
      const accept_invitation& asked,
      const invitation_means& means,
      found_invitation found
  )
      : in_(in), asked_(asked), means_(means), found_(std::move(found)), tenant_(found_.tenant) {}

  result<invitation_answer> run() {
    // First, as all changes of a directory: whoever loses authority meanwhile has lost it before or after.
    persistence::await_directory(in_, tenant_);
    auto held = hold_invitation(in_, tenant_, found_.id, {});
    if (!held) return refused(invitation_flaw::unknown);
    it_ = std::move(*held);
    canonical_ = canonical_address(persistence::address_of(in_, tenant_, it_.id));
    // Who is signed in is who gets it, and no other whose address differs in case.
    known_ = asked_.which.user.empty() ? persistence::find_invitee(in_, tenant_, canonical_)
                                       : persistence::find_invitee_by_id(in_, tenant_, asked_.which.user);
    if (auto no = why_not_yet()) return fail(*no);
    if (auto no = settle_authority()) return *no;
    return accept();
  }

private:
  std::optional<invitation_flaw> why_not_yet() const {
    const auto theirs = why_not_theirs();
    if (!found_.token && theirs) return invitation_flaw::unknown; // without a token nothing is said of it
    if (const auto dead = why_dead(it_, found_)) return dead;
    if (asked_.grant_version && *asked_.grant_version != it_.grant_version) return invitation_flaw::changed;
    if (theirs) return theirs;
    const bool is_new = !known_;
    const bool has_terms = known_ && persistence::has_accepted_terms(in_, tenant_, known_->id, terms_version);
    if ((is_new || !has_terms) && !asked_.accepts_terms) return invitation_flaw::terms_not_accepted;
    return std::nullopt;
  }

  std::optional<invitation_flaw> why_not_theirs() const {
    if (asked_.which.user.empty())
      return known_ ? std::optional(invitation_flaw::sign_in_required) : std::nullopt;
    if (!known_ || !known_->active) return invitation_flaw::not_the_recipient;
    if (const auto why = why_not_them(*known_, canonical_, found_)) return why;
    if (asked_.has_password) return invitation_flaw::password_not_taken;
    return std::nullopt;
  }

  invitation_answer fail(invitation_flaw flaw, std::string detail = {}) {
    if (flaw == invitation_flaw::unknown) return refused(flaw); // of what is none of theirs nothing is noted
    persistence::note_activity(
        in_,
        tenant_,
        it_.id,
        "accept_failed",
        asked_.origin,
        "{\"flaw\":" + std::to_string(static_cast<int>(flaw)) + "}"
    );
    return refused(flaw, std::move(detail));
  }

  /// What was deleted since is not given.
  void drop_what_is_gone(const tenant_snapshot& rows) {
    std::erase_if(it_.grants.assignments, [&](const assignment& each) { return !rows.find(each.account); });
    std::erase_if(it_.grants.applications, [&](const std::string& each) {
      return !rows.applications.contains(each);
    });
  }

  /// Whoever invited may still do it (W-03), or whoever answers for it by the tenant's policy.
  std::optional<result<invitation_answer>> settle_authority() {
    const bool had_some = !it_.grants.assignments.empty();
    const auto tenant = present_authority::of_the_tenant(in_, tenant_, it_.grants, places_of(starter()));
    drop_what_is_gone(tenant.rows());
    // Credits go down the tree: where nobody is below any more they stay where they are.
    starter_arrives_ = starter() && is_below(*starter(), tenant.rows());
    if (had_some && it_.grants.assignments.empty()) return cancel("entities_gone");
    const auto settings = persistence::find_tenant(in_, tenant_);
    if (needs_approval(in_, tenant_, it_, it_.inviter))
      return result<invitation_answer>(errc::approval_required);
    const auto own = present_authority::of(in_, tenant_, it_.inviter, it_.grants, held_before());
    if (own && !why_not_together(*own) && may_start(it_.inviter)) return std::nullopt;
    if (settings && settings->policies.on_inviter_change == "transfer")
      if (const auto admin = persistence::some_tenant_admin(in_, tenant_)) return transfer(*admin);
    return cancel("authority_lost");
  }

  std::optional<starter_credits> starter() const {
    return are_reserved(it_) ? std::optional(it_.starter->what) : std::nullopt;
  }
  /// Whoever invited may still allocate there, what arrives.
  bool may_start(const principal& by) const {
    return !starter_arrives_ || !why_not_start_now(in_, tenant_, by, *starter(), it_.grants);
  }

  std::vector<assignment> held_before() const {
    if (!known_) return {};
    const auto user = persistence::find_user(in_, {tenant_, {}, known_->id});
    return user ? user->assignments : std::vector<assignment>();
  }

  /// With what they have already it may be more than the invitation says: an admin role covers every entity
  /// that is assigned to it.
  bool why_not_together(const present_authority& inviter) const {
    if (inviter.why_not(it_.grants)) return true;
    if (!known_) return false;
    const auto user = persistence::find_user(in_, {tenant_, {}, known_->id});
    if (!user) return false;
    const auto role = std::max(user->role, it_.grants.role);
    if (role == user_role::user || role == user_role::tenant_admin) return false;
    invitation_grant together{role, it_.grants.assignments, it_.grants.applications};
    if (role > user->role)
      for (const auto& each : user->assignments)
        if (std::ranges::find(together.assignments, each.account, &assignment::account) ==
            together.assignments.end())
          together.assignments.push_back(each);
    const auto made = grant_of(together, inviter.rows());
    return !made || why_not_invite(inviter.rights(), *made, inviter.rows()).has_value();
  }

  std::optional<result<invitation_answer>> transfer(const std::string& admin) {
    const principal by{principal_kind::user, admin, {}};
    const auto own = present_authority::of(in_, tenant_, by, it_.grants, held_before());
    if (!own || why_not_together(*own) || !may_start(by)) return cancel("authority_lost");
    persistence::write_inviter(in_, tenant_, it_.id, by);
    persistence::note_activity(in_, tenant_, it_.id, "transferred", {});
    return std::nullopt;
  }

  result<invitation_answer> cancel(std::string_view reason) {
    persistence::note_activity(
        in_, tenant_, it_.id, "authority_lost", asked_.origin, "{\"reason\":\"" + std::string(reason) + "\"}"
    );
    persistence::write_status(in_, tenant_, it_.id, invitation_status::cancelled, reason);
    persistence::revoke_tokens(in_, tenant_, it_.id, nullptr);
    persistence::tell(in_, tenant_, it_.id, "invitation.cancelled", {"none"}, it_.generation);
    auto answer = refused(invitation_flaw::authority_lost);
    answer.nudge = sources_of(it_);
    return answer;
  }

  result<invitation_answer> accept() {
    if (!asked_.timezone.empty() && !persistence::is_timezone(in_, asked_.timezone))
      return rejection(errc::invalid_timezone);
    // The row is held, and time went on.
    if (persistence::expire_if_over(in_, tenant_, it_.id)) return refused(invitation_flaw::expired);
    if (starter() && !starter_arrives_) persistence::return_starter_credits(in_, tenant_, it_.id);
    persistence::write_acceptance(
        in_, tenant_, it_.id, known_ ? known_->id : means_.new_user, channel_of(found_)
    );
    const bool is_new = !known_;
    if (is_new)
      if (const auto code = make_user(); code != errc::ok) return code;
    const auto& user = known_->id;
    const bool proved = found_.token && found_.token->channel == invitation_channel::email;
    persistence::note_layers(in_, tenant_, user, it_.grants, it_.id, is_new);
    persistence::add_access(in_, tenant_, user, it_.grants, it_.id);
    persistence::write_profile(in_, tenant_, user, asked_.timezone, asked_.language, it_.phone, proved);
    if (asked_.accepts_terms)
      persistence::note_terms(in_, tenant_, user, terms_version, asked_.origin.from, it_.id);
    const auto* used = asked_.which.token_sha256 ? &*asked_.which.token_sha256 : nullptr;
    persistence::revoke_tokens(in_, tenant_, it_.id, used);
    persistence::note_activity(
        in_,
        tenant_,
        it_.id,
        "accepted",
        asked_.origin,
        "{\"channel\":\"" + std::string(channel_of(found_)) + "\",\"userId\":\"" + user + "\"}"
    );
    persistence::note_change(in_, tenant_, by_user(user), "accept invitation", "user/" + user);
    persistence::tell(
        in_, tenant_, it_.id, "invitation.accepted", {std::string(channel_of(found_))}, it_.generation
    );
    return word(user);
  }

  change_origin by_user(const std::string& user) const {
    return {{principal_kind::user, user, {}}, asked_.origin.by.request_id};
  }

  errc make_user() {
    const auto settings = persistence::find_tenant(in_, tenant_);
    if (settings && settings->policies.seat_limit &&
        persistence::count_seats(in_, tenant_) >= *settings->policies.seat_limit)
      return errc::seat_limit_reached;
    new_user made;
    made.id = means_.new_user;
    made.email = it_.email;
    made.email_key = persistence::address_of(in_, tenant_, it_.id);
    made.first_name = it_.first_name;
    made.last_name = it_.last_name;
    made.role = it_.grants.role;
    made.password_hash = asked_.password_hash;
    const auto code = persistence::create_user(in_, tenant_, made);
    if (code == errc::ok) known_ = persistence::invitee{made.id, made.email_key, true, false};
    return code;
  }

  result<invitation_answer> word(const std::string& id) {
    const auto user = persistence::find_user(in_, {tenant_, {}, id});
    if (!user) return errc::internal;
    const auto others = persistence::count_pending(in_, tenant_, canonical_, it_.id);
    auto answer = asked_.word({id, user->email, it_.grants, user->role, user->email_verified, others});
    answer.about_user = id;
    auto all = told(std::move(answer));
    all.nudge = sources_of(it_);
    if (starter_arrives_) all.nudge.push_back(it_.starter->what.to); // what the source sends
    return all;
  }

  pg::transaction& in_;
  const accept_invitation& asked_;
  const invitation_means& means_;
  found_invitation found_;
  tenant_id tenant_;
  invitation_view it_;
  std::string canonical_;
  std::optional<persistence::invitee> known_;
  bool starter_arrives_ = false;
};

bool is_theirs(
    pg::transaction& in, const invitation_finding& which, const found_invitation& found, const std::string& id
) {
  if (found.token) return true; // whoever has the token
  const auto who = persistence::find_invitee_by_id(in, found.tenant, which.user);
  const auto canonical = canonical_address(persistence::address_of(in, found.tenant, id));
  return who && who->active && !why_not_them(*who, canonical, found);
}

} // namespace

result<invitation_answer>
carry_out(pg::transaction& in, const accept_invitation& command, const invitation_means& means) {
  auto found = find(in, command.which);
  if (!found) return refused(invitation_flaw::unknown);
  const auto tenant = found->tenant;
  return once(in, tenant, command.key, [&] {
    return accepting(in, command, means, std::move(*found)).run();
  });
}

result<invitation_answer>
carry_out(pg::transaction& in, const decline_invitation& command, const invitation_means&) {
  const auto found = find(in, command.which);
  if (!found) return refused(invitation_flaw::unknown);
  const auto& tenant = found->tenant;
  const auto it = hold_invitation(in, tenant, found->id, {});
  if (!it || !is_theirs(in, command.which, *found, found->id)) return refused(invitation_flaw::unknown);
  if (const auto dead = why_dead(*it, *found)) return refused(*dead);
  persistence::write_status(in, tenant, it->id, invitation_status::declined, command.reason);
  const auto* used = command.which.token_sha256 ? &*command.which.token_sha256 : nullptr;
  persistence::revoke_tokens(in, tenant, it->id, used);
  persistence::note_activity(
      in,
      tenant,
      it->id,
      "declined",
      command.origin,
      command.reason.empty() ? "{}" : "{\"reason\":" + json_text(command.reason) + "}"
  );
  persistence::tell(in, tenant, it->id, "invitation.declined", {"none"}, it->generation);
  const auto made = persistence::find_invitation(in, tenant, it->id);
  if (!made) return errc::internal;
  auto answer = told(command.word(*made));
  answer.nudge = sources_of(*it);
  return answer;
}

result<invitation_preview> preview(pg::transaction& in, const preview_invitation& query) {
  invitation_preview shown;
  const auto owner = persistence::enter_by_token(in, query.token_sha256);
  const auto nothing = [&](invitation_flaw flaw) {
    shown.refused = invitation_refusal{flaw, {}, {}, 0};
    return shown;
  };
  if (!owner) return nothing(invitation_flaw::unknown);
  const auto& tenant = shown.tenant = owner->tenant;
  auto it = query.records ? hold_invitation(in, tenant, owner->token.invitation, {})
                          : persistence::find_invitation(in, tenant, owner->token.invitation);
  if (!it) return nothing(invitation_flaw::unknown);
  if (const auto dead = why_dead(it->status, owner->token.generation, it->generation)) {
    shown.can_request_new = *dead == invitation_flaw::expired;
    return nothing(*dead);
  }
  shown.channel = owner->token.channel;
  shown.invitation = std::move(*it);
  persistence::read_names(in, tenant, shown);
  const auto address = persistence::address_of(in, tenant, shown.invitation.id);
  shown.has_account = persistence::find_invitee(in, tenant, canonical_address(address)).has_value();
  shown.known_words = {
      shown.invitation.email, shown.invitation.first_name, shown.invitation.last_name, shown.organization};
  if (query.records && persistence::note_view(in, tenant, query.token_sha256, query.origin.from))
    persistence::note_activity(
        in,
        tenant,
        shown.invitation.id,
        "viewed",
        query.origin,
        "{\"channel\":\"" + std::string(to_string(shown.channel)) + "\"}"
    );
  return shown;
}

} // namespace tessera
