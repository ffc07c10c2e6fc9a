#include "actors/domain/directory_plan.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace tessera {

namespace {

std::string text_of(const entity_ref& ref) {
  return std::string(to_string(ref.type)) + "/" + ref.id;
}

/// The tree as it will be: who is below whom.
class future_tree {
public:
  future_tree(const existing_directory& there, const std::vector<wanted_entity>& wanted) {
    std::unordered_map<account_id, const existing_entity*> by_account;
    for (const auto& each : there.entities) {
      by_account.emplace(each.account, &each);
      known_.emplace(each.ref, &each);
    }
    for (const auto& each : there.entities)
      if (const auto parent = by_account.find(each.parent); !each.deleted && parent != by_account.end())
        parents_.emplace(each.ref, parent->second->ref);
    for (const auto& each : wanted)
      parents_.insert_or_assign(each.ref, each.parent);
  }

  const existing_entity* find(const entity_ref& ref) const {
    const auto found = known_.find(ref);
    return found == known_.end() ? nullptr : found->second;
  }
  /// Will it be there? The tenant itself has no parent and is always there.
  bool has(const entity_ref& ref) const {
    if (parents_.contains(ref)) return true;
    const auto* known = find(ref);
    return known && !known->deleted;
  }
  /// Every entity is walked over once: those that are seen lead to the root.
  bool leads_to_the_root(const entity_ref& from) {
    std::vector<const entity_ref*> way;
    std::unordered_set<entity_ref> on_the_way;
    for (auto at = parents_.find(from); at != parents_.end(); at = parents_.find(at->second)) {
      if (good_.contains(at->first)) break;
      if (!on_the_way.insert(at->first).second) return false;
      way.push_back(&at->first);
    }
    for (const auto* each : way)
      good_.insert(*each);
    return true;
  }

private:
  std::unordered_map<entity_ref, const existing_entity*> known_;
  std::unordered_map<entity_ref, entity_ref> parents_;
  std::unordered_set<entity_ref> good_;
};

rejection why_not(future_tree& tree, const wanted_entity& wanted) {
  if (const auto* known = tree.find(wanted.ref); known && known->deleted)
    return {errc::id_taken, text_of(wanted.ref) + " was deleted, and its id stays its own."};
  if (!may_be_below(wanted.ref.type, wanted.parent.type) || !tree.has(wanted.parent))
    return {errc::parent_unknown, text_of(wanted.ref) + " is to be below " + text_of(wanted.parent) + "."};
  if (!tree.leads_to_the_root(wanted.ref))
    return {errc::directory_cycle, text_of(wanted.ref) + " would be below itself."};
  return {};
}

result<directory_plan> plan_entities(const existing_directory& there, const upsert_directory& wanted) {
  future_tree tree(there, wanted.entities);
  std::unordered_map<account_id, entity_ref> refs;
  for (const auto& each : there.entities)
    refs.emplace(each.account, each.ref);
  directory_plan plan;
  for (const auto& each : wanted.entities) {
    if (auto why = why_not(tree, each); why.code != errc::ok) return why;
    const auto* known = tree.find(each.ref);
    if (!known)
      plan.created.push_back(each);
    else if (known->name != each.name || refs.at(known->parent) != each.parent)
      plan.updated.push_back(each);
    else
      ++plan.unchanged;
  }
  return plan;
}

/// What is too much already may be changed, and gets no more.
bool is_full(const existing_directory& there, const directory_plan& plan) {
  const auto would_be = [](const auto& all, const auto& created) {
    const auto is_there = [](const auto& each) { return !each.deleted; };
    return std::count_if(all.begin(), all.end(), is_there) + static_cast<std::int64_t>(created.size());
  };
  return (!plan.created.empty() && would_be(there.entities, plan.created) > most_entities) ||
         (!plan.created_applications.empty() &&
          would_be(there.applications, plan.created_applications) > most_applications);
}

} // namespace

bool may_be_below(entity_type child, entity_type parent) {
  if (child == entity_type::location) return parent == entity_type::organization;
  return child == entity_type::organization && parent != entity_type::location;
}

result<directory_plan> plan_of(const existing_directory& there, const upsert_directory& wanted) {
  auto plan = plan_entities(there, wanted);
  if (!plan) return plan;
  std::unordered_map<std::string_view, const existing_application*> known;
  for (const auto& each : there.applications)
    known.emplace(each.id, &each);
  for (const auto& each : wanted.applications) {
    const auto found = known.find(each.id);
    if (found == known.end())
      plan->created_applications.push_back(each);
    else if (found->second->deleted)
      return rejection(errc::id_taken, "application/" + each.id + " was deleted, and its id stays its own.");
    else if (found->second->name != each.name)
      plan->updated_applications.push_back(each);
    else
      ++plan->unchanged;
  }
  if (is_full(there, *plan)) return errc::directory_full;
  return plan;
}

} // namespace tessera
