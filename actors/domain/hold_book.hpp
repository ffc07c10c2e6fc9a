#pragma once

#include "messages/holds.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <ranges>
#include <vector>

namespace tessera {

/// The open holds of an account, those that end first in front. A copy shares the holds: an account with
/// thousands of them is copied for every round.
class hold_book {
public:
  using shared_hold = std::shared_ptr<const open_hold>;

  hold_book() = default;
  explicit hold_book(std::vector<open_hold> holds);

  bool empty() const { return by_end_.empty(); }
  std::size_t size() const { return by_end_.size(); }
  const std::deque<shared_hold>& all() const { return by_end_; }
  /// Null: it is not open.
  shared_hold find(std::uint64_t seq) const;

  void add(open_hold opened);
  /// Replaces it; one without units goes.
  void replace(open_hold changed);

  /// Those that are over at `at`, in the order in which they ended.
  auto over_by(time_point at) const {
    return by_end_ | std::views::take_while([at](const shared_hold& each) { return each->ends_at <= at; });
  }

  friend bool operator==(const hold_book& a, const hold_book& b);

private:
  std::deque<shared_hold> by_end_; // then by seq
};

} // namespace tessera
