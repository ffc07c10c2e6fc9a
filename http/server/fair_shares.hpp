#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>

namespace tessera::http {

/// Who has taken how much of one loop lately, so that an overload is paid by those who make it. A caller is
/// what a request shows before anybody has looked at it, a hash of it; its owner (a tenant) is known once a
/// call of it has passed the door. All callers that nobody knows are one owner: whoever shows a new key with
/// each call gets no more by that. Bounded. Pure: time is an argument, microseconds of one steady clock.
class fair_shares {
public:
  /// The call of that caller was let in by the door as one of that owner. 0 is nobody.
  void learn(std::uint64_t caller, std::uint64_t owner);
  /// One more was let in by the loop.
  void took(std::uint64_t caller, std::int64_t now_us);
  /// Whether its owner has taken less than half of what the greediest has. False when there is no other.
  bool is_modest(std::uint64_t caller, std::int64_t now_us);

  std::size_t callers() const { return owners_.size(); }
  std::size_t owners() const { return taken_.size(); }

  /// 0: nobody knows.
  std::uint64_t owner_of(std::uint64_t caller) const;

private:
  void forget(std::int64_t now_us);

  std::unordered_map<std::uint64_t, std::uint64_t> owners_; // by caller
  std::unordered_map<std::uint64_t, double> taken_;         // by owner; what is longer ago counts less
  double most_ = 0;
  std::int64_t forgotten_at_us_ = 0;
};

} // namespace tessera::http
