#include "http/server/fair_shares.hpp"

#include <algorithm>

namespace tessera::http {

namespace {

constexpr std::size_t most_callers = 65'536;
constexpr std::size_t most_owners = 16'384;
constexpr std::int64_t half_life_us = 100'000;
constexpr std::int64_t longest_memory = 16; // half-lives
constexpr double nothing = 0.5;             // of a request
constexpr double modest_part = 0.5;

} // namespace

void fair_shares::learn(std::uint64_t caller, std::uint64_t owner) {
  if (owners_.size() >= most_callers && !owners_.contains(caller)) owners_.clear();
  owners_[caller] = owner;
}

void fair_shares::took(std::uint64_t caller, std::int64_t now_us) {
  forget(now_us);
  if (taken_.size() >= most_owners) taken_.clear();
  most_ = std::max(most_, ++taken_[owner_of(caller)]);
}

bool fair_shares::is_modest(std::uint64_t caller, std::int64_t now_us) {
  forget(now_us);
  const auto found = taken_.find(owner_of(caller));
  return (found == taken_.end() ? 0 : found->second) < modest_part * most_;
}

std::uint64_t fair_shares::owner_of(std::uint64_t caller) const {
  const auto found = owners_.find(caller);
  return found == owners_.end() ? 0 : found->second;
}

/// In steps of a half-life, so that a request costs two look-ups and not a walk over all.
void fair_shares::forget(std::int64_t now_us) {
  const auto steps = (now_us - forgotten_at_us_) / half_life_us;
  if (steps < 1) return;
  forgotten_at_us_ += steps * half_life_us;
  if (steps > longest_memory) taken_.clear();
  for (auto& [owner, amount] : taken_)
    amount /= static_cast<double>(std::int64_t{1} << std::min(steps, longest_memory));
  std::erase_if(taken_, [](const auto& entry) { return entry.second < nothing; });
  most_ = 0;
  for (const auto& [owner, amount] : taken_)
    most_ = std::max(most_, amount);
}

} // namespace tessera::http
