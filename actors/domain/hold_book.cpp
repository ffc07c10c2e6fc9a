#include "actors/domain/hold_book.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace tessera {

namespace {

constexpr std::size_t most_gone = 64; // and as many as are left

bool ends_before(const hold_book::shared_hold& a, const hold_book::shared_hold& b) {
  return std::tie(a->ends_at, a->seq) < std::tie(b->ends_at, b->seq);
}

auto is_named(std::uint64_t seq) {
  return [seq](const hold_book::shared_hold& each) { return each->seq == seq; };
}

std::ptrdiff_t offset(std::size_t place) {
  return static_cast<std::ptrdiff_t>(place);
}

} // namespace

hold_book::hold_book(std::vector<open_hold> holds) {
  for (auto& each : holds)
    by_end_.push_back(std::make_shared<const open_hold>(std::move(each)));
  std::sort(by_end_.begin(), by_end_.end(), ends_before);
}

hold_book::shared_hold hold_book::find(std::uint64_t seq) const {
  const auto found = std::ranges::find_if(all(), is_named(seq));
  return found == all().end() ? nullptr : *found;
}

void hold_book::add(open_hold opened) {
  auto added = std::make_shared<const open_hold>(std::move(opened));
  const auto at = std::upper_bound(by_end_.begin() + offset(gone_), by_end_.end(), added, ends_before);
  by_end_.insert(at, std::move(added));
}

void hold_book::replace(open_hold changed) {
  const auto here = std::find_if(by_end_.begin() + offset(gone_), by_end_.end(), is_named(changed.seq));
  if (here == by_end_.end()) return;
  if (changed.left.empty())
    drop(static_cast<std::size_t>(here - by_end_.begin()));
  else
    *here = std::make_shared<const open_hold>(std::move(changed));
}

void hold_book::drop(std::size_t place) {
  if (place != gone_) {
    by_end_.erase(by_end_.begin() + offset(place));
    return;
  }
  by_end_[gone_++].reset();
  if (gone_ <= most_gone + size()) return;
  by_end_.erase(by_end_.begin(), by_end_.begin() + offset(gone_));
  gone_ = 0;
}

bool operator==(const hold_book& a, const hold_book& b) {
  return std::ranges::equal(a.all(), b.all(), [](const auto& x, const auto& y) { return *x == *y; });
}

} // namespace tessera
