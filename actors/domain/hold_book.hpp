#pragma once

#include "messages/holds.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <ranges>
#include <span>
#include <vector>

namespace tessera {

/// The open holds of an account, those that end first in front. A copy shares the holds: an account with
/// thousands of them is copied for every round. Without holds it allocates nothing.
class hold_book {
public:
  using shared_hold = std::shared_ptr<const open_hold>;

  hold_book() = default;
  explicit hold_book(std::vector<open_hold> holds);

  bool empty() const { return all().empty(); }
  std::size_t size() const { return all().size(); }
  std::span<const shared_hold> all() const { return std::span(by_end_).subspan(gone_); }
  /// Null: it is not open.
  shared_hold find(std::uint64_t seq) const;

  void add(open_hold opened);
  /// Replaces it; one without units goes.
  void replace(open_hold changed);

  /// Those that are over at `at`, in the order in which they ended.
  auto over_by(time_point at) const {
    return all() | std::views::take_while([at](const shared_hold& each) { return each->ends_at <= at; });
  }

  friend bool operator==(const hold_book& a, const hold_book& b);

private:
  void drop(std::size_t place);

  std::vector<shared_hold> by_end_; // then by seq
  std::size_t gone_ = 0;            // from the front: holds that end together go one after the other
};

} // namespace tessera
