#include "actors/database/starter_reservations.hpp"

#include "actors/domain/starter_credits.hpp"
#include "persistence/stores/invitation_store.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace tessera {

namespace {

/// Why a source sets nothing aside (actors/domain/instructions.hpp).
errc reason_named(const std::string& code) {
  constexpr std::array reasons{
      errc::insufficient_credits,
      errc::lots_expire_before_invitation,
      errc::entity_frozen,
      errc::too_many_holds,
      errc::amount_out_of_range};
  const auto named = std::ranges::find(reasons, code, [](errc reason) { return to_string(reason); });
  return named == reasons.end() ? errc::internal : *named;
}

std::string text_of(const entity_ref& ref) {
  return std::string(to_string(ref.type)) + "/" + ref.id;
}

rejection rejection_of(starter_flaw flaw, const starter_credits& wanted) {
  switch (flaw) {
  case starter_flaw::source_out_of_scope:
    return {errc::entity_out_of_scope, "Starter credits: " + text_of(wanted.from_ref)};
  case starter_flaw::not_allocatable:
    return {errc::insufficient_role, "Starter credits are not yours to allocate."};
  case starter_flaw::not_in_subtree:
    return {errc::entity_out_of_scope, "Starter credits go down: " + text_of(wanted.to_ref)};
  case starter_flaw::not_assigned:
    return {errc::invalid_assignments, "The starter credits are for " + text_of(wanted.to_ref) + "."};
  }
  return errc::insufficient_role;
}

/// A retry asks for the end anew, a moment later.
constexpr std::chrono::minutes a_moment{1};

bool is_for(
    pg::transaction& in,
    const tenant_id& tenant,
    const persistence::reservation& held,
    const starter_wish& wanted
) {
  const auto& [invitation, what, end, exactly] = wanted;
  if (held.from != what.from || held.to != what.to || held.amount != what.amount) return false;
  if (held.ends_at > end || held.ends_at < (exactly ? end : end - a_moment)) return false;
  if (!invitation.empty()) return held.invitation == invitation;
  return !persistence::find_invitation(in, tenant, held.invitation);
}

invitation_answer waiting_for(const inbox_id& id, const starter_wish& wanted) {
  invitation_answer answer;
  answer.reservation = reservation_asked{id, wanted.what.from, wanted.what.from_ref, wanted.end};
  return answer;
}

} // namespace

std::vector<assignment> places_of(const std::optional<starter_credits>& starter) {
  if (!starter) return {};
  return {
      {starter->from, starter->from_ref, entity_role::viewer},
      {starter->to, starter->to_ref, entity_role::viewer}};
}

std::optional<rejection> why_not_start_now(
    pg::transaction& in,
    const tenant_id& tenant,
    const principal& by,
    const starter_credits& wanted,
    const invitation_grant& grants
) {
  const auto own = present_authority::of(in, tenant, by, grants, places_of(wanted));
  if (!own) return rejection(errc::insufficient_role);
  const auto flaw = why_not_start(own->rights(), wanted, grants, own->rows());
  return flaw ? std::optional(rejection_of(*flaw, wanted)) : std::nullopt;
}

invitation_answer ask_for(
    pg::transaction& in,
    const tenant_id& tenant,
    const starter_wish& wanted,
    const invitation_means& means,
    const std::optional<idempotency_key>& key,
    const change_origin& by
) {
  if (key)
    for (const auto& earlier : persistence::reservations_of(in, tenant, *key))
      if (is_for(in, tenant, earlier, wanted)) return waiting_for(earlier.id, wanted);
  const auto& invitation = wanted.invitation.empty() ? means.new_invitation : wanted.invitation;
  persistence::reserve(
      in,
      tenant,
      {means.new_reservation, invitation, wanted.what, wanted.end, held_until(wanted.end), key},
      by
  );
  return waiting_for(means.new_reservation, wanted);
}

result<persistence::reservation>
take(pg::transaction& in, const tenant_id& tenant, const inbox_id& id, const starter_wish& wanted) {
  auto held = persistence::hold_reservation(in, tenant, id);
  if (!held || held->waits || !is_for(in, tenant, *held, wanted)) return errc::overloaded;
  if (!held->refused_code.empty()) {
    rejection why(reason_named(held->refused_code));
    why.requested = wanted.what.amount;
    return why;
  }
  return std::move(*held);
}

bool can_arrive(pg::transaction& in, const tenant_id& tenant, const invitation_view& invitation) {
  const auto& what = invitation.starter->what;
  const auto all = present_authority::of_the_tenant(in, tenant, invitation.grants, places_of(what));
  return is_below(what, all.rows());
}

bool are_reserved(const invitation_view& invitation) {
  return invitation.starter && invitation.starter->state == starter_state::reserved;
}

std::vector<account_id> sources_of(const invitation_view& before) {
  if (!are_reserved(before)) return {};
  return {before.starter->what.from};
}

} // namespace tessera
