#include "tools/paysim/api/lists.hpp"

#include <algorithm>
#include <optional>

namespace tessera::paysim {

namespace {

struct time_range {
  std::optional<std::int64_t> gt, gte, lt, lte;

  bool contains(std::int64_t created) const {
    return (!gt || created > *gt) && (!gte || created >= *gte) && (!lt || created < *lt) &&
           (!lte || created <= *lte);
  }
};

time_range read_created(const parameters& params) {
  if (!params.has("created")) return {};
  try {
    const auto inner = params.object("created");
    if (!inner) return {};
    return {inner->integer("gt"), inner->integer("gte"), inner->integer("lt"), inner->integer("lte")};
  } catch (const api_error&) { // one instant
    const auto at = params.integer("created");
    return {{}, at, {}, at};
  }
}

struct page_bounds {
  std::int64_t limit = 10;
  std::string after, before;
};

page_bounds read_bounds(const parameters& params) {
  page_bounds bounds;
  bounds.limit = params.integer("limit").value_or(10);
  bounds.after = params.text("starting_after").value_or("");
  bounds.before = params.text("ending_before").value_or("");
  if (bounds.limit < 1 || bounds.limit > 100)
    throw invalid_request("This value must be between 1 and 100.", "limit", "parameter_invalid_integer");
  if (!bounds.after.empty() && !bounds.before.empty())
    throw invalid_request(
        "You may only specify one of these parameters: starting_after, ending_before.",
        {},
        "parameters_exclusive"
    );
  return bounds;
}

using found_documents = std::vector<const document*>;

std::size_t position_of(const found_documents& all, const std::string& id, std::string param) {
  const auto found = std::ranges::find_if(all, [&](const auto* each) { return text_of(*each, "id") == id; });
  if (found == all.end()) throw no_such("object", id, std::move(param));
  return static_cast<std::size_t>(found - all.begin());
}

} // namespace

json::value answer_list(const call& of, std::string_view kind, const list_filter& wanted) {
  const auto bounds = read_bounds(of.params);
  const auto created = read_created(of.params);
  of.params.done();
  found_documents all;
  for (const auto& each : of.account.documents.all(kind))
    if (created.contains(number_of(*each, "created")) && (!wanted || wanted(*each)))
      all.push_back(each.get());
  std::ranges::reverse(all);
  std::size_t first = 0;
  auto end = all.size();
  if (!bounds.after.empty()) first = position_of(all, bounds.after, "starting_after") + 1;
  if (!bounds.before.empty()) end = position_of(all, bounds.before, "ending_before");
  const auto limit = static_cast<std::size_t>(bounds.limit);
  const bool has_more = end - first > limit;
  if (has_more && !bounds.before.empty()) first = end - limit;
  json::array data;
  for (; first < end && data.size() < limit; ++first)
    data.push_back(*all[first]);
  return document{{"object", "list"}, {"data", std::move(data)}, {"has_more", has_more}, {"url", of.path}};
}

document whole_list(json::array data, std::string url) {
  return {{"object", "list"}, {"data", std::move(data)}, {"has_more", false}, {"url", std::move(url)}};
}

} // namespace tessera::paysim
