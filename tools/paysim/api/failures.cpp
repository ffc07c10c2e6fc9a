#include "tools/paysim/api/failures.hpp"

#include <algorithm>

namespace tessera::paysim {

std::optional<failure> failures::take(std::string_view method, std::string_view path) {
  const auto found = std::ranges::find_if(planned_, [&](const failure& each) {
    return (each.method.empty() || each.method == method) && path.starts_with(each.path);
  });
  if (found == planned_.end()) return std::nullopt;
  auto taken = *found;
  if (--found->times <= 0) planned_.erase(found);
  return taken;
}

} // namespace tessera::paysim
