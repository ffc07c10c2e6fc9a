#include "tools/paysim/api/expansion.hpp"

#include "tools/paysim/api/api_error.hpp"

#include <algorithm>

namespace tessera::paysim {

namespace {

constexpr std::ptrdiff_t max_depth = 4;

void follow(store& documents, json::value& at, std::string_view rest, const std::string& path) {
  if (at.is_null()) return;
  if (at.is_array()) {
    for (auto& each : at.get_array())
      follow(documents, each, rest, path);
    return;
  }
  if (at.is_string())
    if (const auto* found = documents.find(std::string_view{at.get_string()})) at = *found;
  if (rest.empty()) return;
  const auto end = std::min(rest.find('.'), rest.size());
  const auto name = rest.substr(0, end);
  const auto refuse = [&] {
    throw invalid_request("This property cannot be expanded (" + path + ").", "expand");
  };
  if (!at.is_object() || name.starts_with('_')) refuse();
  const auto member = at.get_object().find(name);
  if (member == at.get_object().end()) refuse();
  follow(documents, member->value(), rest.substr(std::min(end + 1, rest.size())), path);
}

} // namespace

void expand(store& documents, json::value& answer, const std::vector<std::string>& paths) {
  for (const auto& path : paths) {
    if (std::ranges::count(path, '.') > max_depth)
      throw invalid_request("You cannot expand more than 4 levels of a property (" + path + ").", "expand");
    follow(documents, answer, path, path);
  }
}

} // namespace tessera::paysim
