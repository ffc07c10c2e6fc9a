#include "http/auth/invitation_access.hpp"

#include "actors/domain/invitation.hpp"
#include "http/routing/invitation_problem.hpp"
#include "http/routing/rejections.hpp"

#include <algorithm>
#include <deque>

namespace tessera::http {

namespace {

/// C1, and what turns the direction of text (U+202A..E, U+2066..9).
bool has_invisible(std::string_view text) {
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    const auto first = static_cast<unsigned char>(text[i]);
    const auto second = static_cast<unsigned char>(text[i + 1]);
    if (first == 0xc2 && second >= 0x80 && second <= 0x9f) return true;
    if (first != 0xe2 || i + 2 >= text.size()) continue;
    const auto third = static_cast<unsigned char>(text[i + 2]);
    if (second == 0x80 && third >= 0xaa && third <= 0xae) return true;
    if (second == 0x81 && third >= 0xa6 && third <= 0xa9) return true;
  }
  return false;
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < ' ' || c == 0x7f;
}

problem word(const grant_refusal& why, const grant& wanted) {
  const auto at = [&] {
    return why.at < wanted.assignments.size()
               ? std::string(to_string(wanted.assignments[why.at].entity->type)) + "/" +
                     std::string(wanted.assignments[why.at].entity->id)
               : std::string();
  };
  const auto misfit = [](std::string text) {
    return problem_of(rejection(errc::invalid_assignments, std::move(text)));
  };
  switch (why.flaw) {
  case grant_flaw::role_not_grantable:
    return problem_of(invitation_refusal{invitation_flaw::role_not_grantable, {}, {}, 0});
  case grant_flaw::exceeds_granter:
    return problem_of(invitation_refusal{
        invitation_flaw::role_not_grantable, "It is more than you have yourself.", {}, 0});
  case grant_flaw::entity_out_of_scope: return problem_of(rejection(errc::entity_out_of_scope, at()));
  case grant_flaw::application_forbidden: return problem_of(errc::application_forbidden);
  case grant_flaw::unknown_application: return problem_of(errc::application_unknown);
  case grant_flaw::duplicate_assignment: return misfit(at() + " stands twice.");
  case grant_flaw::too_many_assignments: return misfit("At most 100 assignments.");
  case grant_flaw::organization_required: return misfit("An organization_admin has an organisation.");
  case grant_flaw::location_required: return misfit("A location_manager has a location.");
  case grant_flaw::organization_above_viewer: return misfit("A location_manager is viewer of organisations.");
  case grant_flaw::assignment_required: return misfit("A user has an assignment.");
  }
  return problem_of(errc::insufficient_role);
}

} // namespace

invitation_filter filter_of(const caller& who) {
  return [who](const invitation_view& one) {
    return is_for_application(one.grants, who.application) &&
           may_see(who.rights, one.grants, one.inviter, *who.tenant);
  };
}

std::optional<invitation_objection> why_may_not_invite(const caller& who, const invitation_grant& wanted) {
  grant made{wanted.role, {}, wanted.applications};
  for (const auto& each : wanted.assignments)
    if (const auto* entity = who.tenant->find(each.account)) made.assignments.push_back({entity, each.role});
  const auto why = why_not_grantable(who.rights, made, *who.tenant);
  if (!why) return std::nullopt;
  return invitation_objection{word(*why, made), why->flaw};
}

bool is_plain_name(std::string_view text) {
  return std::none_of(text.begin(), text.end(), is_control) && !has_invisible(text) && !looks_like_link(text);
}

bool is_plain_message(std::string_view text) {
  const auto unwanted = [](char c) { return is_control(c) && c != '\n'; };
  return std::none_of(text.begin(), text.end(), unwanted) && !has_invisible(text) && !looks_like_link(text);
}

std::string phone_number(std::string_view given) {
  std::string number;
  for (const char c : given)
    if (std::string_view(" -.()").find(c) == std::string_view::npos) number += c;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const bool fits = number.size() >= 8 && number.size() <= 16 && number[0] == '+' && number[1] != '0' &&
                    std::all_of(number.begin() + 1, number.end(), is_digit);
  return fits ? number : std::string();
}

} // namespace tessera::http
