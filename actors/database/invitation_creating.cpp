// POST /api/invitations: in one transaction under the tenant's directory, which nobody changes meanwhile.
#include "actors/database/invitation_parts.hpp"
#include "actors/database/sending_limits.hpp"
#include "actors/database/starter_reservations.hpp"
#include "actors/domain/starter_credits.hpp"
#include "actors/support/email_pepper.hpp"
#include "persistence/stores/authority_store.hpp"
#include "persistence/stores/change_store.hpp"
#include "persistence/stores/invitation_store.hpp"
#include "persistence/stores/invitee_store.hpp"
#include "persistence/stores/tenant_store.hpp"
#include "persistence/stores/user_store.hpp"

#include <algorithm>
#include <utility>

namespace tessera {

namespace {

std::vector<account_id> accounts_in(const invitation_grant& grants) {
  std::vector<account_id> accounts;
  for (const auto& each : grants.assignments)
    accounts.push_back(each.account);
  return accounts;
}

/// One call: the rules in the order in which reasons are looked for, then the rows.
class creating {
public:
  creating(pg::transaction& in, const create_invitation& asked, const invitation_means& means)
      : in_(in), asked_(asked), means_(means), canonical_(canonical_address(asked.email_key)),
        person_(address_behind_aliases(asked.email_key)) {}

  result<invitation_answer> run() {
    const auto settings = persistence::find_tenant(in_, asked_.tenant);
    if (!settings) return errc::tenant_unknown;
    const auto& policies = settings->policies;
    policies.seat_limit ? persistence::await_directory(in_, asked_.tenant)
                        : persistence::keep_directory(in_, asked_.tenant);
    persistence::lock_person(in_, asked_.tenant, canonical_);
    inviter_ = present_authority::of(in_, asked_.tenant, asked_.origin.by.by, asked_.grants);
    if (!inviter_) return errc::insufficient_role;
    if (const auto why = inviter_->why_not(asked_.grants)) return refusal_of(*why, asked_.grants);
    if (asked_.starter)
      if (const auto why =
              why_not_start_now(in_, asked_.tenant, asked_.origin.by.by, *asked_.starter, asked_.grants))
        return *why;
    if (asked_.starter && waits_for_approval())
      return rejection(errc::approval_required, "What waits for approval brings no starter credits.");
    if (const auto why = why_not_by_policy(policies); why.code != errc::ok) return why;
    // Whoever has only a link may learn nothing of the person, so what concerns the person is asked last.
    if (!is_by_link() && is_self()) return refused(invitation_flaw::self_invitation);
    if (!is_in_domains(asked_.email_key, policies.allowed_email_domains))
      return refused(invitation_flaw::domain_not_allowed);
    if (auto blocked = why_too_many()) return *blocked;
    if (is_self()) return refused(invitation_flaw::self_invitation);
    if (is_known_member()) return refused(invitation_flaw::already_member);
    if (auto met = meet_pending()) return *met;
    return asked_.starter && !asked_.reservation ? reserve() : insert();
  }

private:
  bool is_by_link() const { return !asked_.link.empty(); }

  rejection why_not_by_policy(const policy_settings& policies) {
    if (!policies.seat_limit) return {};
    // Who has an account needs no seat; whether somebody has one is not everybody's to know (W-36).
    if (!is_by_link() && inviter_->rights().has_whole_tenant() &&
        persistence::find_invitee(in_, asked_.tenant, canonical_))
      return {};
    const auto taken =
        persistence::count_seats(in_, asked_.tenant) + persistence::count_all_pending(in_, asked_.tenant);
    return taken >= *policies.seat_limit ? rejection(errc::seat_limit_reached) : rejection();
  }

  /// Nobody knows how long it will wait, so credits would be held for as long.
  bool waits_for_approval() {
    invitation_view made;
    made.grants = asked_.grants;
    return needs_approval(in_, asked_.tenant, made, asked_.origin.by.by);
  }

  bool is_self() {
    const auto& by = asked_.origin.by.by;
    if (by.kind != principal_kind::user) return false;
    const auto own = persistence::find_invitee_by_id(in_, asked_.tenant, by.id);
    return own && address_behind_aliases(own->email_key) == person_;
  }

  std::optional<invitation_answer> why_too_many() {
    auto verdict = may_send(
        in_,
        {asked_.tenant,
         asked_.origin.by.by,
         person_,
         email_pepper(*means_.secret),
         sending_kind::anew,
         asked_.limits_scale,
         means_.only_tries}
    );
    limits_ = std::move(verdict.left);
    return std::move(verdict.refused);
  }

  /// Has it all already, and the inviter may know it.
  bool is_known_member() {
    const auto known = persistence::find_invitee(in_, asked_.tenant, canonical_);
    if (!known || !known->active) return false;
    // Of no entity nobody but those of the whole tenant may know it.
    if (asked_.grants.assignments.empty() && !inviter_->rights().has_whole_tenant()) return false;
    const auto user = persistence::find_user(in_, {asked_.tenant, {}, known->id});
    if (!user || user->role < asked_.grants.role) return false;
    return std::ranges::all_of(
               asked_.grants.assignments, [&](const auto& each) { return has(*user, each); }
           ) &&
           std::ranges::all_of(asked_.grants.applications, [&](const auto& each) {
             return user->role == user_role::tenant_admin ||
                    std::ranges::find(user->applications, each) != user->applications.end();
           });
  }
  bool has(const user_view& user, const assignment& wanted) const {
    const auto* place = inviter_->rows().find(wanted.account);
    if (!place || may(inviter_->rights(), act::read_users, inviter_->rows(), place) != verdict::allowed)
      return false;
    return std::ranges::any_of(user.assignments, [&](const assignment& each) {
      return each.account == wanted.account && each.role >= wanted.role;
    });
  }

  /// Those that are pending for the same person at one of the entities. Those that are over make room (W-16).
  std::optional<result<invitation_answer>> meet_pending() {
    const auto all = persistence::pending_for(in_, asked_.tenant, canonical_, accounts_in(asked_.grants));
    for (const auto& id : all) {
      const auto other = hold_invitation(in_, asked_.tenant, id, {});
      if (!other || !is_open(other->status)) continue;
      const bool is_theirs = (!asked_.sees || asked_.sees(*other)) && manages(*other);
      if (asked_.on_conflict == conflict_choice::refuse || !is_theirs) return already_pending(*other);
      if (asked_.on_conflict == conflict_choice::resend) return resend(*other);
      if (asked_.starter && !asked_.reservation) continue; // not before the credits are there
      persistence::write_status(in_, asked_.tenant, id, invitation_status::cancelled, "replaced");
      persistence::note_activity(
          in_, asked_.tenant, id, "cancelled", asked_.origin, R"({"reason":"replaced"})"
      );
      persistence::tell(in_, asked_.tenant, id, "invitation.cancelled", {"none"}, other->generation);
      for (const auto& each : sources_of(*other))
        nudge_.push_back(each);
    }
    return std::nullopt;
  }

  bool manages(const invitation_view& other) {
    const auto own = present_authority::of(in_, asked_.tenant, asked_.origin.by.by, other.grants);
    return own && may_manage(own->rights(), other.grants, other.inviter, own->rows());
  }
  invitation_answer already_pending(const invitation_view& other) const {
    auto answer = refused(invitation_flaw::already_pending);
    if (!asked_.sees || asked_.sees(other)) answer.refused->invitation = other.id;
    return answer;
  }
  result<invitation_answer> resend(const invitation_view& other) {
    resend_invitation again;
    again.tenant = asked_.tenant;
    again.id = other.id;
    again.expiry_hours = asked_.expiry_hours;
    again.reservation = asked_.reservation;
    again.base_url = asked_.base_url;
    again.limits_scale = asked_.limits_scale;
    again.sees = asked_.sees;
    again.word = asked_.word;
    again.origin = asked_.origin;
    return send_the_pending_one(in_, again, means_);
  }

  /// Nothing is there before its credits are; everything was looked at, and is again then.
  result<invitation_answer> reserve() {
    const auto end = end_of(persistence::now_of(in_), asked_.expiry_hours);
    return ask_for(in_, asked_.tenant, {{}, *asked_.starter, end}, means_, asked_.key, asked_.origin.by);
  }

  result<invitation_answer> insert() {
    auto id = means_.new_invitation;
    auto end = end_of(persistence::now_of(in_), asked_.expiry_hours);
    if (asked_.starter) {
      const auto taken = take(in_, asked_.tenant, *asked_.reservation, {{}, *asked_.starter, end});
      if (!taken) return taken.why();
      id = taken->invitation;
      end = taken->ends_at;
      persistence::attach(in_, asked_.tenant, id, *taken);
    }
    persistence::insert_invitation(in_, asked_, canonical_, person_, id, end);
    persistence::write_grants(in_, asked_.tenant, id, canonical_, asked_.grants);
    persistence::note_activity(in_, asked_.tenant, id, "created", asked_.origin);
    const auto made = persistence::find_invitation(in_, asked_.tenant, id);
    if (!made) return errc::internal;
    if (needs_approval(in_, asked_.tenant, *made, asked_.origin.by.by)) return await_approval(*made);
    send_invitation(in_, asked_.tenant, *made, *means_.secret, "invitation.created");
    auto answer = told(asked_.word(made_of(in_, asked_.tenant, *made, asked_.base_url)));
    answer.nudge = std::move(nudge_);
    answer.limits = std::move(limits_);
    return answer;
  }

  /// There is no token yet, and no mail but to those who may agree (W-41).
  result<invitation_answer> await_approval(const invitation_view& made) {
    const auto until = persistence::now_of(in_) + approvable_for;
    persistence::await_approval(in_, asked_.tenant, made.id, until);
    persistence::note_activity(in_, asked_.tenant, made.id, "approval_requested", asked_.origin);
    persistence::tell(
        in_, asked_.tenant, made.id, "invitation.approval_requested", {"none"}, made.generation
    );
    const auto waits = persistence::find_invitation(in_, asked_.tenant, made.id);
    if (!waits) return errc::internal;
    return told(asked_.word(made_of(in_, asked_.tenant, *waits, asked_.base_url)));
  }

  pg::transaction& in_;
  const create_invitation& asked_;
  const invitation_means& means_;
  std::string canonical_;
  std::string person_;
  std::optional<present_authority> inviter_;
  std::vector<account_id> nudge_;
  std::vector<limit_use> limits_;
};

} // namespace

result<invitation_answer>
carry_out(pg::transaction& in, const create_invitation& command, const invitation_means& means) {
  return once(in, command.tenant, command.key, [&] { return creating(in, command, means).run(); });
}

} // namespace tessera
