// Organisations, locations and applications.
#include "actors/database/directory_changes.hpp"
#include "actors/domain/directory_plan.hpp"
#include "actors/domain/plans.hpp"
#include "persistence/stores/application_store.hpp"
#include "persistence/stores/change_store.hpp"
#include "persistence/stores/entity_store.hpp"
#include "persistence/stores/plan_store.hpp"

#include <algorithm>

namespace tessera {

namespace {

std::string subject_of(const entity_ref& ref) {
  return std::string(to_string(ref.type)) + "/" + ref.id;
}
std::string subject_of_application(const std::string& application) {
  return "application/" + application;
}

template <class Command> auto found_entity(pg::transaction& in, const Command& command) {
  persistence::lock_directory(in, command.tenant);
  return persistence::find_entity(in, {command.tenant, command.ref});
}
template <class Command> auto found_application(pg::transaction& in, const Command& command) {
  persistence::lock_directory(in, command.tenant);
  return persistence::find_application(in, {command.tenant, command.id});
}

/// Whether the caller may take the entity out of its place.
template <class Command> rejection why_not_leave(const Command& command, const entity_view& entity) {
  return command.judge ? command.judge(entity) : rejection();
}

/// Where the entity is to be.
result<account_id> future_parent(pg::transaction& in, const edit_entity& command, const entity_view& before) {
  const auto ref = command.parent.value_or(before.parent);
  const auto parent = persistence::find_entity(in, {command.tenant, ref});
  if (!parent || !may_be_below(before.ref.type, ref.type)) return errc::parent_unknown;
  const auto path = persistence::path_to_root(in, command.tenant, parent->account);
  if (std::find(path.begin(), path.end(), before.account) != path.end()) return errc::directory_cycle;
  return parent->account;
}

} // namespace

result<entity_created>
carry_out(pg::transaction& in, const create_entity& command, const persistence::new_account& account) {
  persistence::lock_directory(in, command.tenant);
  const auto code = persistence::create_entity(in, command, account);
  if (code != errc::ok) return code;
  if (persistence::count_all_entities(in, command.tenant) > most_entities) return errc::directory_full;
  if (command.ref.type == entity_type::location)
    if (const auto why = judge_usage(persistence::plan_usage_of(in, command.tenant), true, false);
        why != errc::ok)
      return why;
  persistence::note_change(in, command.tenant, command.origin, "create", subject_of(command.ref));
  return entity_created{command.ref, account.account};
}

result<entity_view> carry_out(pg::transaction& in, const edit_entity& command) {
  auto entity = found_entity(in, command);
  if (!entity) return errc::entity_unknown;
  if (const auto stale = persistence::check_version(command.only_versions, entity->version);
      stale != errc::ok)
    return stale;
  const auto parent = future_parent(in, command, *entity);
  if (!parent) return parent.why();
  const bool moves = command.parent && *command.parent != entity->parent;
  const bool renames = command.name && *command.name != entity->name;
  if (!moves && !renames) return *entity;
  if (moves)
    if (auto why = why_not_leave(command, *entity); why.code != errc::ok) return why;
  if (renames) entity->name = *command.name;
  persistence::update_entity(in, command.tenant, *entity, *parent);
  persistence::note_change(
      in,
      command.tenant,
      command.origin,
      moves ? "move" : "rename",
      subject_of(command.ref) + (moves ? " below " + subject_of(*command.parent) : "")
  );
  if (moves) entity->parent = *command.parent;
  ++entity->version;
  return *entity;
}

result<entity_deleted> carry_out(pg::transaction& in, const delete_entity& command) {
  const auto entity = found_entity(in, command);
  if (!entity) return errc::entity_unknown;
  if (const auto stale = persistence::check_version(command.only_versions, entity->version);
      stale != errc::ok)
    return stale;
  if (auto refused = why_not_leave(command, *entity); refused.code != errc::ok) return refused;
  const auto why =
      persistence::why_not_deletable(in, command.tenant, entity->account, command.credits_may_go);
  if (why != errc::ok) return why;
  persistence::delete_entity(in, command.tenant, entity->account);
  persistence::note_change(in, command.tenant, command.origin, "delete", subject_of(command.ref));
  return entity_deleted{command.ref};
}

result<application_created> carry_out(pg::transaction& in, const create_application& command) {
  persistence::lock_directory(in, command.tenant);
  const auto code = persistence::create_application(in, command);
  if (code != errc::ok) return code;
  if (persistence::count_all_applications(in, command.tenant) > most_applications)
    return errc::directory_full;
  if (const auto why = judge_usage(persistence::plan_usage_of(in, command.tenant), false, true);
      why != errc::ok)
    return why;
  persistence::note_change(in, command.tenant, command.origin, "create", subject_of_application(command.id));
  return application_created{command.id};
}

result<application_view> carry_out(pg::transaction& in, const edit_application& command) {
  auto application = found_application(in, command);
  if (!application) return errc::application_unknown;
  if (const auto stale = persistence::check_version(command.only_versions, application->version);
      stale != errc::ok)
    return stale;
  if (!command.name || *command.name == application->name) return *application;
  application->name = *command.name;
  persistence::update_application(in, command.tenant, *application);
  persistence::note_change(in, command.tenant, command.origin, "rename", subject_of_application(command.id));
  ++application->version;
  return *application;
}

result<application_deleted> carry_out(pg::transaction& in, const delete_application& command) {
  const auto application = found_application(in, command);
  if (!application) return errc::application_unknown;
  if (const auto stale = persistence::check_version(command.only_versions, application->version);
      stale != errc::ok)
    return stale;
  persistence::delete_application(in, command.tenant, command.id);
  persistence::note_change(in, command.tenant, command.origin, "delete", subject_of_application(command.id));
  return application_deleted{command.id};
}

} // namespace tessera
