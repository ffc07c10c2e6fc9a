#include "tools/paysim/support/store.hpp"

#include <algorithm>

namespace tessera::paysim {

document& store::add(document made) {
  auto kept = std::make_unique<document>(std::move(made));
  auto& added = *kept;
  by_id_[std::string{text_of(added, "id")}] = &added;
  kinds_[std::string{text_of(added, "object")}].push_back(std::move(kept));
  return added;
}

document* store::find(std::string_view id) {
  const auto found = by_id_.find(std::string{id});
  return found == by_id_.end() ? nullptr : found->second;
}

document* store::find(std::string_view kind, std::string_view id) {
  auto* found = find(id);
  return found && text_of(*found, "object") == kind ? found : nullptr;
}

const store::collection& store::all(std::string_view kind) {
  static const collection nothing;
  const auto found = kinds_.find(kind);
  return found == kinds_.end() ? nothing : found->second;
}

void store::remove(std::string_view kind, std::string_view id) {
  by_id_.erase(std::string{id});
  const auto found = kinds_.find(kind);
  if (found == kinds_.end()) return;
  std::erase_if(found->second, [id](const auto& each) { return text_of(*each, "id") == id; });
}

json::array store::everything() const {
  json::array all;
  for (const auto& [kind, documents] : kinds_)
    for (const auto& each : documents)
      all.push_back(*each);
  return all;
}

void store::keep_last(std::string_view kind, std::size_t most) {
  const auto found = kinds_.find(kind);
  if (found == kinds_.end()) return;
  for (auto& all = found->second; all.size() > most; all.pop_front())
    by_id_.erase(std::string{text_of(*all.front(), "id")});
}

} // namespace tessera::paysim
