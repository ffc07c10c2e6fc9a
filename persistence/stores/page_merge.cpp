#include "persistence/stores/page_merge.hpp"

#include <algorithm>
#include <cstdlib>
#include <tuple>

namespace tessera::persistence {

namespace {

// Widths and steps grow from round to round, so that there are few rounds whatever the ledger looks like. A
// step is never so long that what it finds would not fit beside a few pages.
constexpr std::size_t first_width = 64;
constexpr std::int64_t least_step = 8;
constexpr std::int64_t longest_step = 1'024;

ledger_position position_of(const entry& booked) {
  return {booked.booked_at, booked.account};
}

} // namespace

page_merge::page_merge(const list_transactions& query, std::vector<entry_stream> streams)
    : query_(query), budget_(std::max(query.most_scanned, 1)), width_(first_width) {
  const auto together = static_cast<std::int64_t>(std::clamp<std::size_t>(streams.size(), 1, first_width));
  const auto step = std::max(least_step, 2 * (std::int64_t{query.limit} + 1) / together);
  const time_point::duration tick{query.oldest_first ? -1 : 1};
  for (auto& each : streams) {
    const ledger_position head{each.head, each.account};
    if (!first_ || before(head, *first_)) first_ = head;
    streams_.push_back({std::move(each), {head.booked_at + tick, head.account}, step});
  }
}

bool page_merge::before(const ledger_position& a, const ledger_position& b) const {
  const auto rises = std::tie(a.booked_at, a.account) < std::tie(b.booked_at, b.account);
  return query_.oldest_first ? rises : !rises && a != b;
}

/// Whether an entry that has not been looked at could still come into the page, or show that there is
/// another.
bool page_merge::matters(const stream& each) const {
  const auto places = static_cast<std::size_t>(query_.limit);
  return each.open && (found_.size() <= places || before(each.known, position_of(found_[places].booked)));
}

bool page_merge::settled() const {
  return budget_ <= 0 ||
         std::none_of(streams_.begin(), streams_.end(), [this](const stream& each) { return matters(each); });
}

std::vector<seq_range> page_merge::choose() {
  chosen_.clear();
  for (std::size_t i = 0; i < streams_.size(); ++i)
    if (matters(streams_[i])) chosen_.push_back(i);
  std::sort(chosen_.begin(), chosen_.end(), [this](std::size_t a, std::size_t b) {
    return before(streams_[a].known, streams_[b].known);
  });
  if (chosen_.size() > width_) chosen_.resize(width_);
  width_ *= 2;
  std::vector<seq_range> ranges;
  for (const auto i : chosen_)
    if (budget_ > 0) ranges.push_back(advance(streams_[i]));
  chosen_.resize(ranges.size());
  return ranges;
}

seq_range page_merge::advance(stream& each) {
  const auto left = std::abs(each.of.last - each.of.next) + 1;
  const auto count = std::min({each.step, left, budget_});
  const auto sign = query_.oldest_first ? 1 : -1;
  const seq_range range{each.of.account, each.of.next, each.of.next + sign * (count - 1)};
  each.of.next = range.last + sign;
  each.open = count < left;
  each.step = std::clamp(each.step * 4, each.step, std::max(longest_step, each.step));
  budget_ -= count;
  return range;
}

void page_merge::take(std::vector<streamed_entry> found) {
  for (auto& each : found) {
    auto& from = streams_[chosen_[each.range]];
    const auto position = position_of(each.booked);
    if (before(from.known, position)) from.known = position;
    if (each.shown) found_.push_back({std::move(each.booked), from.of.entity});
  }
  std::sort(found_.begin(), found_.end(), [this](const transaction& a, const transaction& b) {
    return before(position_of(a.booked), position_of(b.booked));
  });
  if (found_.size() > static_cast<std::size_t>(query_.limit) + 1)
    found_.erase(found_.begin() + query_.limit + 1, found_.end());
}

/// Nothing when all streams have been looked at to their ends.
std::optional<ledger_position> page_merge::horizon() const {
  std::optional<ledger_position> least;
  for (const auto& each : streams_)
    if (each.open && (!least || before(each.known, *least))) least = each.known;
  // A stream that has not been touched is known to just before its head, which may lie before the cursor.
  if (least && before(*least, *first_)) return first_;
  return least;
}

transaction_page page_merge::page() const {
  const auto reached = horizon();
  const auto end = std::find_if(found_.begin(), found_.end(), [&](const transaction& each) {
    return reached && before(*reached, position_of(each.booked));
  });
  const auto shown = std::min<std::ptrdiff_t>(end - found_.begin(), query_.limit);
  transaction_page page;
  page.transactions.assign(found_.begin(), found_.begin() + shown);
  page.newest = query_.newest;
  page.next = shown < end - found_.begin() ? position_of(page.transactions.back().booked) : reached;
  return page;
}

} // namespace tessera::persistence
