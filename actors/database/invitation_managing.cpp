// Update, cancel and resend: by whoever invited, or administers all of it (R-I 3.1, 3.4).
#include "actors/database/invitation_parts.hpp"
#include "actors/database/sending_limits.hpp"
#include "actors/database/starter_reservations.hpp"
#include "actors/domain/starter_credits.hpp"
#include "actors/support/email_pepper.hpp"
#include "persistence/stores/authority_store.hpp"
#include "persistence/stores/change_store.hpp"
#include "persistence/stores/invitation_store.hpp"
#include "persistence/stores/tenant_store.hpp"
#include "persistence/stores/user_store.hpp"

#include <cmath>

namespace tessera {

namespace {

using std::chrono::seconds;

template <class Command> managed_invitation manage(pg::transaction& in, const Command& command) {
  persistence::keep_directory(in, command.tenant);
  return manage_invitation(in, command.tenant, command.id, command.sees, command.origin.by.by);
}

/// What the rules say of what it gives, for whoever changes it now (W-02).
std::optional<result<invitation_answer>> why_not_give(
    pg::transaction& in, const tenant_id& tenant, const principal& by, const invitation_view& wanted
) {
  const auto own = present_authority::of(in, tenant, by, wanted.grants);
  if (!own) return result<invitation_answer>(errc::insufficient_role);
  if (const auto why = own->why_not(wanted.grants)) return refusal_of(*why, wanted.grants);
  if (wanted.starter)
    if (const auto why = why_not_start_now(in, tenant, by, wanted.starter->what, wanted.grants))
      return result<invitation_answer>(*why);
  if (needs_approval(in, tenant, wanted, by)) return result<invitation_answer>(errc::approval_required);
  return std::nullopt;
}

std::string what_changed(const edit_invitation& command, bool grants) {
  std::string names;
  const auto add = [&names](bool is, std::string_view name) {
    if (is) names += (names.empty() ? "\"" : ",\"") + std::string(name) + "\"";
  };
  add(command.first_name.has_value() || command.last_name.has_value(), "names");
  add(grants, "grants");
  add(command.expiry_hours.has_value() || command.expires_at.has_value(), "expiry");
  return "{\"changed\":[" + names + "]}";
}

/// The end that the hold of an invitation allows; nothing: it has none.
std::optional<time_point>
latest_end_of(pg::transaction& in, const tenant_id& tenant, const invitation_view& before) {
  if (!are_reserved(before)) return std::nullopt;
  return latest_end(before.starter->held_until, persistence::lots_until(in, tenant, before.id));
}

/// What a later end needs of the starter credits: the hold stays where it lasts, else another one takes its
/// place, and says when it ends. An answer: there is none, or the source is asked first.
template <class Command> std::optional<result<invitation_answer>> keep_credits(
    pg::transaction& in,
    const Command& command,
    const invitation_view& before,
    time_point& end,
    const invitation_means& means,
    bool exactly
) {
  if (!before.starter) return std::nullopt;
  if (const auto latest = latest_end_of(in, command.tenant, before); latest && end <= *latest)
    return std::nullopt;
  const starter_wish wanted{before.id, before.starter->what, end, exactly};
  if (!command.reservation) return ask_for(in, command.tenant, wanted, means, command.key, command.origin.by);
  const auto taken = take(in, command.tenant, *command.reservation, wanted);
  if (!taken) return result<invitation_answer>(taken.why());
  end = taken->ends_at;
  persistence::attach(in, command.tenant, before.id, *taken);
  return std::nullopt;
}

/// Credits that could not arrive any more are none of the call's business: they go back if it succeeds, as
/// when it is accepted. Whether there are any.
bool forget_lost_credits(pg::transaction& in, const tenant_id& tenant, invitation_view& held) {
  if (!held.starter || can_arrive(in, tenant, held)) return false;
  held.starter.reset();
  return true;
}

/// Another that is open for the same person at one of the entities.
bool has_rival(
    pg::transaction& in,
    const tenant_id& tenant,
    const std::string& id,
    const std::string& canonical,
    const invitation_grant& grants
) {
  std::vector<account_id> accounts;
  for (const auto& each : grants.assignments)
    accounts.push_back(each.account);
  for (const auto& other : persistence::pending_for(in, tenant, canonical, accounts)) {
    if (other == id) continue;
    const auto there = hold_invitation(in, tenant, other, {});
    if (there && is_open(there->status)) return true;
  }
  return false;
}

result<invitation_answer>
edit(pg::transaction& in, const edit_invitation& command, const invitation_means& means) {
  auto held = manage(in, command);
  if (held.refused) return *held.refused;
  auto& before = *held.invitation;
  auto nudge = sources_of(before);
  if (const auto stale = persistence::check_version(command.only_versions, before.version); stale != errc::ok)
    return stale;
  if (!after(before.status, invitation_event::update)) return refused(why_not_now(before.status));
  const auto wanted = command.regrant ? command.regrant(before.grants) : before.grants;
  const bool grants = !(wanted == before.grants);
  const bool lost = forget_lost_credits(in, command.tenant, before);
  auto after_it = before;
  after_it.grants = wanted;
  if (grants) after_it.approved_by.clear(); // of something else
  if (auto why = why_not_give(in, command.tenant, command.origin.by.by, after_it)) return *why;
  const auto now = persistence::now_of(in);
  if (command.expires_at &&
      (*command.expires_at <= now || *command.expires_at > end_of(now, most_expiry_hours)))
    return rejection(errc::amount_out_of_range, "expiresAt lies between now and 2160 hours from now.");
  auto end = command.expires_at;
  if (command.expiry_hours) end = end_of(now, *command.expiry_hours);
  const auto canonical = canonical_address(persistence::address_of(in, command.tenant, command.id));
  if (grants && has_rival(in, command.tenant, command.id, canonical, wanted))
    return refused(invitation_flaw::already_pending);
  // Nothing is refused after this.
  if (end)
    if (auto answer = keep_credits(in, command, before, *end, means, command.expires_at.has_value()))
      return *answer;
  if (lost) persistence::return_starter_credits(in, command.tenant, command.id);
  if (grants) {
    persistence::write_role(in, command.tenant, command.id, wanted.role);
    persistence::write_grants(in, command.tenant, command.id, canonical, wanted);
  }
  if (command.first_name || command.last_name)
    persistence::write_names(in, command.tenant, command.id, command.first_name, command.last_name);
  if (end) persistence::write_end(in, command.tenant, command.id, *end, command.expiry_hours);
  persistence::raise_version(in, command.tenant, command.id, grants);
  persistence::note_activity(
      in, command.tenant, command.id, "updated", command.origin, what_changed(command, grants)
  );
  // Of a name or a later end nobody agrees to what it gives (W-41).
  if (grants) note_operators_approval(in, command.tenant, command.id, command.origin);
  const auto made = persistence::find_invitation(in, command.tenant, command.id);
  if (!made) return errc::internal;
  auto answer = told(command.word(*made));
  answer.nudge = std::move(nudge);
  return answer;
}

result<invitation_answer> cancel(pg::transaction& in, const cancel_invitation& command) {
  auto held = manage(in, command);
  if (held.refused) return *held.refused;
  const auto& before = *held.invitation;
  if (const auto stale = persistence::check_version(command.only_versions, before.version); stale != errc::ok)
    return stale;
  if (before.status == invitation_status::cancelled) return told(command.word(before)); // as it was
  if (!after(before.status, invitation_event::cancel)) return refused(why_not_now(before.status));
  persistence::write_status(in, command.tenant, command.id, invitation_status::cancelled, command.reason);
  persistence::revoke_tokens(in, command.tenant, command.id, nullptr);
  persistence::note_activity(
      in,
      command.tenant,
      command.id,
      "cancelled",
      command.origin,
      command.reason.empty() ? "{}" : "{\"reason\":" + json_text(command.reason) + "}"
  );
  persistence::tell(in, command.tenant, command.id, "invitation.cancelled", {"none"}, before.generation);
  const auto made = persistence::find_invitation(in, command.tenant, command.id);
  if (!made) return errc::internal;
  auto answer = told(command.word(*made));
  answer.nudge = sources_of(before);
  return answer;
}

/// What the tenant's policies say to sending it again: of one that was over as of a new one.
std::optional<result<invitation_answer>>
why_not_by_policy(pg::transaction& in, const tenant_id& tenant, const invitation_view& before) {
  const auto settings = persistence::find_tenant(in, tenant);
  if (!settings) return std::nullopt;
  const auto& policies = settings->policies;
  if (!is_in_domains(persistence::address_of(in, tenant, before.id), policies.allowed_email_domains))
    return result<invitation_answer>(refused(invitation_flaw::domain_not_allowed));
  if (!policies.seat_limit || before.status != invitation_status::expired) return std::nullopt;
  const auto taken = persistence::count_seats(in, tenant) + persistence::count_all_pending(in, tenant);
  if (taken < *policies.seat_limit) return std::nullopt;
  return result<invitation_answer>(errc::seat_limit_reached);
}

/// How long until it may be sent again; zero: now.
seconds left_to_wait(const invitation_view& before, time_point now, double scale) {
  const auto cool_down = std::chrono::duration_cast<time_point::duration>(resend_cool_down / scale);
  if (!before.last_sent_at || now >= *before.last_sent_at + cool_down) return seconds(0);
  return std::chrono::ceil<seconds>(*before.last_sent_at + cool_down - now);
}

enum class how_chosen { by_id, as_pending_for_somebody };

result<invitation_answer> resend(
    pg::transaction& in, const resend_invitation& command, const invitation_means& means, how_chosen chosen
) {
  auto held = manage(in, command);
  if (held.refused) return *held.refused;
  auto& before = *held.invitation;
  auto nudge = sources_of(before);
  if (!after(before.status, invitation_event::resend)) return refused(why_not_now(before.status));
  if (before.erased_at)
    return refused(invitation_flaw::not_pending, "Nobody knows any more whom it was for.");
  const auto now = persistence::now_of(in);
  if (before.status == invitation_status::expired && now > before.expires_at + resendable_for)
    return refused(invitation_flaw::not_pending, "It is over for more than 90 days.");
  const bool lost = forget_lost_credits(in, command.tenant, before);
  if (auto why = why_not_give(in, command.tenant, command.origin.by.by, before)) return *why;
  if (auto why = why_not_by_policy(in, command.tenant, before)) return *why;
  if (const auto wait = left_to_wait(before, now, command.limits_scale); wait.count() > 0) {
    auto answer = refused(invitation_flaw::too_soon);
    answer.refused->retry_after_seconds = wait.count();
    return answer;
  }
  if (static_cast<double>(before.resends) >= most_resends * std::max(command.limits_scale, 0.2)) {
    auto answer = refused(invitation_flaw::too_many_resends);
    answer.refused->retry_after_seconds = 86'400;
    return answer;
  }
  const auto address = persistence::address_of(in, command.tenant, command.id);
  auto sends = may_send(
      in,
      {command.tenant,
       command.origin.by.by,
       address_behind_aliases(address),
       email_pepper(*means.secret),
       before.status == invitation_status::expired ? sending_kind::after_it_ended : sending_kind::again,
       command.limits_scale,
       means.only_tries}
  );
  if (sends.refused) return *sends.refused;
  if (before.status == invitation_status::expired &&
      has_rival(in, command.tenant, command.id, canonical_address(address), before.grants))
    return refused(invitation_flaw::already_pending);
  const auto hours = command.expiry_hours.value_or(before.expiry_hours);
  auto end = end_of(now, hours);
  if (auto answer = keep_credits(in, command, before, end, means, false)) {
    const auto latest = latest_end_of(in, command.tenant, before);
    if (*answer || !latest || answer->why().code == errc::overloaded) return *answer;
    end = *latest; // what is set aside already lasts as long
  }
  if (lost) persistence::return_starter_credits(in, command.tenant, command.id);
  persistence::renew(in, command.tenant, command.id, before.generation + 1, end, hours);
  persistence::note_activity(
      in,
      command.tenant,
      command.id,
      "resent",
      command.origin,
      "{\"generation\":" + std::to_string(before.generation + 1) + "}"
  );
  if (chosen == how_chosen::by_id) note_operators_approval(in, command.tenant, command.id, command.origin);
  const auto made = persistence::find_invitation(in, command.tenant, command.id);
  if (!made) return errc::internal;
  send_invitation(in, command.tenant, *made, *means.secret, "invitation.resent");
  auto answer = told(command.word(made_of(in, command.tenant, *made, command.base_url)));
  answer.limits = std::move(sends.left);
  answer.nudge = std::move(nudge);
  return answer;
}

} // namespace

result<invitation_answer>
carry_out(pg::transaction& in, const edit_invitation& command, const invitation_means& means) {
  return once(in, command.tenant, command.key, [&] { return edit(in, command, means); });
}
result<invitation_answer>
carry_out(pg::transaction& in, const cancel_invitation& command, const invitation_means&) {
  return once(in, command.tenant, command.key, [&] { return cancel(in, command); });
}
result<invitation_answer>
carry_out(pg::transaction& in, const resend_invitation& command, const invitation_means& means) {
  return once(in, command.tenant, command.key, [&] { return resend(in, command, means, how_chosen::by_id); });
}
result<invitation_answer>
send_the_pending_one(pg::transaction& in, const resend_invitation& command, const invitation_means& means) {
  return resend(in, command, means, how_chosen::as_pending_for_somebody);
}

} // namespace tessera
