#include "actors/domain/hold_book.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace tessera {

namespace {

bool ends_before(const hold_book::shared_hold& a, const hold_book::shared_hold& b) {
  return std::tie(a->ends_at, a->seq) < std::tie(b->ends_at, b->seq);
}

auto is_named(std::uint64_t seq) {
  return [seq](const hold_book::shared_hold& each) { return each->seq == seq; };
}

} // namespace

hold_book::hold_book(std::vector<open_hold> holds) {
  for (auto& each : holds)
    by_end_.push_back(std::make_shared<const open_hold>(std::move(each)));
  std::sort(by_end_.begin(), by_end_.end(), ends_before);
}

hold_book::shared_hold hold_book::find(std::uint64_t seq) const {
  const auto found = std::find_if(by_end_.begin(), by_end_.end(), is_named(seq));
  return found == by_end_.end() ? nullptr : *found;
}

void hold_book::add(open_hold opened) {
  auto added = std::make_shared<const open_hold>(std::move(opened));
  const auto at = std::upper_bound(by_end_.begin(), by_end_.end(), added, ends_before);
  by_end_.insert(at, std::move(added));
}

void hold_book::replace(open_hold changed) {
  const auto here = std::find_if(by_end_.begin(), by_end_.end(), is_named(changed.seq));
  if (here == by_end_.end()) return;
  if (changed.left.empty())
    by_end_.erase(here);
  else
    *here = std::make_shared<const open_hold>(std::move(changed));
}

bool operator==(const hold_book& a, const hold_book& b) {
  return std::ranges::equal(a.by_end_, b.by_end_, [](const auto& x, const auto& y) { return *x == *y; });
}

} // namespace tessera
