#include "messages/holds.hpp"

#include <algorithm>

namespace tessera {

credits sum_of(const std::vector<slice>& slices) {
  credits sum;
  for (const auto& part : slices)
    sum += part.units;
  return sum;
}

std::vector<slice> first_of(const std::vector<slice>& slices, credits units) {
  std::vector<slice> first;
  for (const auto& part : slices) {
    if (units.is_zero()) break;
    first.push_back({part.lot, std::min(part.units, units)});
    units -= first.back().units;
  }
  return first;
}

void take_out(std::vector<slice>& from, const std::vector<slice>& gone) {
  for (const auto& part : gone)
    if (const auto here = std::ranges::find(from, part.lot, &slice::lot); here != from.end())
      here->units -= std::min(here->units, part.units);
  std::erase_if(from, [](const slice& part) { return part.units.is_zero(); });
}

} // namespace tessera
