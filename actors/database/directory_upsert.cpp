// Bringing a directory in line with a host system, whole or not at all.
#include "actors/database/directory_changes.hpp"
#include "actors/domain/directory_plan.hpp"
#include "actors/domain/plans.hpp"
#include "persistence/stores/change_store.hpp"
#include "persistence/stores/directory_upsert_store.hpp"
#include "persistence/stores/plan_store.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace tessera {

namespace {

using accounts_by_ref = std::unordered_map<entity_ref, account_id>;

/// New ones get the account at their place; the others have one.
std::vector<persistence::entity_row>
rows_of(const std::vector<wanted_entity>& wanted, const accounts_by_ref& accounts) {
  std::vector<persistence::entity_row> rows;
  rows.reserve(wanted.size());
  for (const auto& each : wanted)
    rows.push_back({accounts.at(each.ref), each.ref, each.name, accounts.at(each.parent)});
  return rows;
}

std::string summary_of(const directory_upserted& made) {
  return std::to_string(made.created) + " created, " + std::to_string(made.updated) + " updated";
}

} // namespace

result<directory_upserted>
carry_out(pg::transaction& in, const upsert_directory& command, const account_maker& make_account) {
  persistence::await_directory(in, command.tenant); // on a thread of its own
  const auto there = persistence::whole_directory(in, command.tenant);
  if (const auto stale = persistence::check_version(command.only_versions, there.version); stale != errc::ok)
    return stale;
  const auto plan = plan_of(there, command);
  if (!plan) return plan.why();
  accounts_by_ref accounts;
  for (const auto& each : there.entities)
    accounts.emplace(each.ref, each.account);
  std::vector<persistence::new_account> fresh;
  for (const auto& each : plan->created) {
    fresh.push_back(make_account());
    accounts.emplace(each.ref, fresh.back().account);
  }
  persistence::insert_entities(in, command.tenant, rows_of(plan->created, accounts), fresh);
  persistence::update_entities(in, command.tenant, rows_of(plan->updated, accounts));
  persistence::insert_applications(in, command.tenant, plan->created_applications);
  persistence::rename_applications(in, command.tenant, plan->updated_applications);
  const bool adds_locations = std::ranges::any_of(plan->created, [](const wanted_entity& each) {
    return each.ref.type == entity_type::location;
  });
  const auto beyond = judge_usage(
      persistence::plan_usage_of(in, command.tenant), adds_locations, !plan->created_applications.empty()
  );
  if (beyond != errc::ok) return beyond;
  const directory_upserted made{
      static_cast<std::int64_t>(plan->created.size() + plan->created_applications.size()),
      static_cast<std::int64_t>(plan->updated.size() + plan->updated_applications.size()),
      plan->unchanged};
  if (made.created + made.updated > 0)
    persistence::note_change(in, command.tenant, command.origin, "upsert", "directory: " + summary_of(made));
  return made;
}

} // namespace tessera
