#pragma once

#include "messages/types/ids.hpp"

#include <algorithm>
#include <chrono>
#include <unordered_map>

namespace tessera {

/// Tenants that the database would not give, while it answered otherwise: when each is tried again, and for
/// how long its last snapshot is believed.
class failed_loads {
public:
  using clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds first_pause{1};
  static constexpr std::chrono::seconds longest_pause{8};

  explicit failed_loads(clock::duration believed) : believed_(believed) {}

  void failed(const tenant_id& tenant, clock::time_point now) {
    auto& one = failures_.try_emplace(tenant, failure{now, now, first_pause}).first->second;
    one.next = now + one.pause;
    one.pause = std::min<clock::duration>(one.pause * 2, longest_pause);
  }
  void succeeded(const tenant_id& tenant) { failures_.erase(tenant); }
  /// Nobody could ask: that counts against no tenant.
  void database_was_away(clock::time_point now) {
    for (auto& [tenant, one] : failures_)
      one.since = now;
  }

  bool contains(const tenant_id& tenant) const { return failures_.contains(tenant); }
  bool is_due(const tenant_id& tenant, clock::time_point now) const {
    const auto found = failures_.find(tenant);
    return found == failures_.end() || now >= found->second.next;
  }
  /// What is known of it may be too old to let anybody in.
  bool is_beyond_belief(const tenant_id& tenant, clock::time_point now) const {
    const auto found = failures_.find(tenant);
    return found != failures_.end() && now - found->second.since >= believed_;
  }

private:
  struct failure {
    clock::time_point since;
    clock::time_point next;
    clock::duration pause;
  };
  clock::duration believed_;
  std::unordered_map<tenant_id, failure> failures_;
};

} // namespace tessera
