#include "actors/domain/invitation.hpp"

#include "actors/domain/ascii_text.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace tessera {

namespace {

using enum invitation_status;

bool is_letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
}

/// Under which one-letter hosts are.
bool is_usual(std::string_view domain) {
  constexpr std::array<std::string_view, 8> usual{"co", "com", "io", "ly", "me", "net", "org", "to"};
  return std::find(usual.begin(), usual.end(), domain) != usual.end();
}

/// `x.com`: what mail programs make a link of by themselves.
bool has_host_name(std::string_view text) {
  for (auto dot = text.find('.'); dot != text.npos; dot = text.find('.', dot + 1)) {
    auto end = dot + 1;
    while (end < text.size() && text[end] >= 'a' && text[end] <= 'z')
      ++end;
    const bool is_last = end == text.size() || !is_letter_or_digit(text[end]);
    const bool has_label = dot > 0 && is_letter_or_digit(text[dot - 1]);
    // An initial has one letter, and so have some hosts.
    const bool is_short = dot < 2 || !is_letter_or_digit(text[dot - 2]);
    const bool goes_on = end < text.size() && text[end] == '/';
    if (has_label && is_last && end - dot > 2 &&
        (!is_short || goes_on || is_usual(text.substr(dot + 1, end - dot - 1))))
      return true;
  }
  return false;
}

/// What waits for a second pair of eyes is not changed under them, and nobody has a token yet.
std::optional<invitation_status> after_waiting(invitation_event event) {
  switch (event) {
  case invitation_event::approve: return pending;
  case invitation_event::reject:
  case invitation_event::cancel: return cancelled;
  case invitation_event::expire: return expired;
  case invitation_event::accept:
  case invitation_event::decline:
  case invitation_event::update:
  case invitation_event::resend: break;
  }
  return std::nullopt;
}

} // namespace

invitation_status effective(invitation_status recorded, time_point expires_at, time_point now) {
  return is_open(recorded) && now >= expires_at ? expired : recorded;
}

std::optional<invitation_status> after(invitation_status before, invitation_event event) {
  if (before == expired && event == invitation_event::resend) return pending;
  if (before == pending_approval) return after_waiting(event);
  if (before != pending) return std::nullopt;
  switch (event) {
  case invitation_event::accept: return accepted;
  case invitation_event::decline: return declined;
  case invitation_event::cancel: return cancelled;
  case invitation_event::update: return pending;
  case invitation_event::resend: return pending;
  case invitation_event::expire: return expired;
  case invitation_event::approve:
  case invitation_event::reject: break;
  }
  return std::nullopt;
}

std::optional<invitation_flaw>
why_dead(invitation_status effective, std::int64_t generation_of_token, std::int64_t generation) {
  switch (effective) {
  case pending: break;
  case accepted: return invitation_flaw::already_accepted;
  case declined: return invitation_flaw::declined;
  case cancelled: return invitation_flaw::cancelled;
  case expired: return invitation_flaw::expired;
  case pending_approval: return invitation_flaw::unknown; // there is no token of it
  }
  if (generation_of_token != generation) return invitation_flaw::superseded;
  return std::nullopt;
}

invitation_flaw why_not_now(invitation_status effective) {
  return effective == accepted ? invitation_flaw::already_accepted : invitation_flaw::not_pending;
}

bool is_open(invitation_status effective) {
  return effective == pending || effective == pending_approval;
}

bool is_approved(const invitation_view& invitation) {
  return !invitation.approved_by.empty() && invitation.approved_grants == invitation.grant_version;
}

std::optional<invitation_flaw> why_not_decide(
    const approver& decides,
    const principal& inviter,
    const std::string& inviter_person,
    const std::string& invitee_person
) {
  if (decides.who.kind == principal_kind::operator_key) return std::nullopt;
  const bool invited = decides.who.kind == inviter.kind && decides.who.id == inviter.id;
  const bool is_either =
      !decides.person.empty() && (decides.person == inviter_person || decides.person == invitee_person);
  return invited || is_either ? std::optional(invitation_flaw::own_approval) : std::nullopt;
}

time_point end_of(time_point now, std::int64_t expiry_hours) {
  return now + std::chrono::hours(expiry_hours);
}

bool is_in_domains(std::string_view email_key, const std::vector<std::string>& domains) {
  if (domains.empty()) return true;
  const auto domain = lowered(email_key.substr(email_key.rfind('@') + 1));
  return std::any_of(domains.begin(), domains.end(), [&](const std::string& allowed) {
    return domain == allowed || (domain.size() > allowed.size() && domain.ends_with(allowed) &&
                                 domain[domain.size() - allowed.size() - 1] == '.');
  });
}

std::string canonical_address(std::string_view email_key) {
  return lowered(email_key);
}

std::string address_behind_aliases(std::string_view email_key) {
  const auto all = lowered(email_key);
  const auto at = all.rfind('@');
  auto local = all.substr(0, std::min(at, all.find('+')));
  const auto domain = all.substr(at + 1);
  if (domain == "gmail.com" || domain == "googlemail.com") {
    std::erase(local, '.');
    return local + "@gmail.com";
  }
  return local + "@" + domain;
}

bool looks_like_link(std::string_view text) {
  const auto all = lowered(text);
  constexpr std::array<std::string_view, 3> signs{"://", "www.", "mailto:"};
  return std::any_of(
             signs.begin(), signs.end(), [&](std::string_view sign) { return all.find(sign) != all.npos; }
         ) ||
         has_host_name(all);
}

} // namespace tessera
