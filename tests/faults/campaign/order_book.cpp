#include "tests/faults/campaign/order_book.hpp"

#include <algorithm>
#include <utility>

namespace tessera::test {

order order_book::open(action what, std::uint32_t account, std::int64_t amount, std::string spent) {
  const std::scoped_lock lock(mutex_);
  lines_.push_back({{lines_.size(), what, account, amount, std::move(spent)}, 0});
  return lines_.back().wish;
}

std::uint32_t order_book::next_attempt(std::uint64_t op) {
  const std::scoped_lock lock(mutex_);
  return lines_[op].attempts++;
}

std::optional<order> order_book::some_spend(random_source& random, bool recent) const {
  constexpr std::size_t latest = 16;
  const std::scoped_lock lock(mutex_);
  if (lines_.empty()) return std::nullopt;
  const auto from = recent ? lines_.size() - std::min(lines_.size(), latest) : 0;
  const auto at =
      between(random, static_cast<std::int64_t>(from), static_cast<std::int64_t>(lines_.size()) - 1);
  const auto& wish = lines_[static_cast<std::size_t>(at)].wish;
  if (wish.what != action::consume) return std::nullopt;
  return wish;
}

} // namespace tessera::test
