// Users: role, assignments, applications, status.
#include "actors/database/directory_changes.hpp"
#include "persistence/stores/change_store.hpp"
#include "persistence/stores/tenant_store.hpp"
#include "persistence/stores/user_store.hpp"

#include <algorithm>

namespace tessera {

namespace {

std::string subject_of_user(const std::string& user) {
  return "user/" + user;
}

/// The user who is to be changed, if the caller may.
template <class Command> result<user_view> wanted_user(pg::transaction& in, const Command& command) {
  persistence::lock_directory(in, command.tenant);
  const auto user = persistence::find_user(in, {command.tenant, command.part, command.id});
  if (!user) return errc::user_unknown;
  if (command.judge) // before the version, which is not everybody's to know
    if (auto why = command.judge(*user); why.code != errc::ok) return why;
  if (const auto stale = persistence::check_version(command.only_versions, user->version); stale != errc::ok)
    return stale;
  return *user;
}

bool administers(const user_view& user) {
  return user.active && user.role == user_role::tenant_admin;
}

user_view edited(user_view user, const edit_user& command) {
  if (command.role) user.role = *command.role;
  if (command.active) user.active = *command.active;
  if (command.assignments) user.assignments = *command.assignments;
  if (command.applications) user.applications = *command.applications;
  const auto by_ref = [](const assignment& a, const assignment& b) { return a.ref < b.ref; };
  std::sort(user.assignments.begin(), user.assignments.end(), by_ref);
  std::sort(user.applications.begin(), user.applications.end());
  return user;
}

bool is_same(const user_view& a, const user_view& b) {
  return a.role == b.role && a.active == b.active && a.assignments == b.assignments &&
         a.applications == b.applications;
}

/// What the tenant's policies say to an edit (shapes.md). The operator is whoever approves.
errc why_not_by_policy(
    pg::transaction& in, const edit_user& command, const user_view& before, const user_view& after
) {
  const bool promotes = after.role == user_role::tenant_admin && before.role != user_role::tenant_admin;
  const bool takes_seat = after.active && !before.active;
  if (!promotes && !takes_seat) return errc::ok;
  const auto tenant = persistence::find_tenant(in, command.tenant);
  if (!tenant) return errc::tenant_unknown;
  const bool by_operator = command.origin.by.kind == principal_kind::operator_key;
  if (promotes && tenant->policies.approve_tenant_admin && !by_operator) return errc::approval_required;
  const auto& seats = tenant->policies.seat_limit;
  if (takes_seat && seats && persistence::count_seats(in, command.tenant) >= *seats)
    return errc::seat_limit_reached;
  return errc::ok;
}

/// What is given must be there when it is given.
errc why_not_there(pg::transaction& in, const edit_user& command) {
  if (command.assignments) {
    std::vector<account_id> accounts;
    for (const auto& each : *command.assignments)
      accounts.push_back(each.account);
    const auto there = persistence::count_entities(in, command.tenant, accounts);
    if (there != static_cast<std::int64_t>(accounts.size())) return errc::entity_unknown;
  }
  if (command.applications) {
    const auto there = persistence::count_applications(in, command.tenant, *command.applications);
    if (there != static_cast<std::int64_t>(command.applications->size())) return errc::application_unknown;
  }
  return errc::ok;
}

} // namespace

result<user_view> carry_out(pg::transaction& in, const edit_user& command) {
  auto before = wanted_user(in, command);
  if (!before) return before;
  if (const auto code = why_not_there(in, command); code != errc::ok) return code;
  auto after = edited(*before, command);
  if (is_same(after, *before)) return before;
  if (const auto code = why_not_by_policy(in, command, *before, after); code != errc::ok) return code;
  const bool ends_tokens = after.role != before->role || after.active != before->active;
  persistence::update_user(in, command.tenant, after, ends_tokens);
  if (administers(*before) && !administers(after) && !persistence::has_tenant_admin(in, command.tenant))
    return errc::last_tenant_admin;
  persistence::note_change(in, command.tenant, command.origin, "edit", subject_of_user(command.id));
  ++after.version;
  return after;
}

result<user_removed> carry_out(pg::transaction& in, const remove_user& command) {
  const auto user = wanted_user(in, command);
  if (!user) return user.why();
  persistence::remove_user(in, command.tenant, command.id);
  if (administers(*user) && !persistence::has_tenant_admin(in, command.tenant))
    return errc::last_tenant_admin;
  persistence::note_change(in, command.tenant, command.origin, "remove", subject_of_user(command.id));
  return user_removed{command.id};
}

} // namespace tessera
