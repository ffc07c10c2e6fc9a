#include "actors/providers/outgoing.hpp"

#include <algorithm>

namespace tessera {

std::string_view outgoing_answer::header(std::string_view name) const {
  const auto found = std::ranges::find(headers, name, &std::pair<std::string, std::string>::first);
  return found == headers.end() ? std::string_view() : found->second;
}

} // namespace tessera
