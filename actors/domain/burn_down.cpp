#include "actors/domain/burn_down.hpp"

#include "actors/domain/must.hpp"

#include <algorithm>
#include <tuple>

namespace tessera {

namespace {

auto burn_key(const lot& x) {
  const auto end = x.expires_at.value_or(time_point::max());
  return std::tuple(x.priority, end, x.applications.empty(), x.kind, x.seq, x.id);
}

bool is_for(const lot& candidate, std::string_view application) {
  const auto& scope = candidate.applications;
  return application.empty() || scope.empty() ||
         std::find(scope.begin(), scope.end(), application) != scope.end();
}

} // namespace

bool burns_before(const lot& a, const lot& b) {
  return burn_key(a) < burn_key(b);
}

bool is_over(const lot& candidate, time_point now) {
  return candidate.expires_at && now >= *candidate.expires_at;
}

bool is_eligible(const lot& candidate, std::string_view application, time_point now) {
  return candidate.effective_at <= now && !is_over(candidate, now) && is_for(candidate, application);
}

credits free_units(const std::vector<lot>& lots, std::string_view application, time_point now) {
  credits sum;
  for (const auto& candidate : lots)
    if (is_eligible(candidate, application, now)) sum += candidate.free;
  return sum;
}

credits eligible_units(
    const std::vector<lot>& lots,
    const std::vector<slice>& slices,
    std::string_view application,
    time_point now
) {
  credits sum;
  for (const auto& part : slices) {
    const auto source = std::ranges::find(lots, part.lot, &lot::id);
    if (source != lots.end() && is_eligible(*source, application, now)) sum += part.units;
  }
  return sum;
}

namespace {

template <class Condition>
std::vector<slice> take_in_order(const std::vector<lot>& lots, credits wanted, Condition may_give) {
  std::vector<slice> taken;
  for (auto next = lots.begin(); !wanted.is_zero() && next != lots.end(); ++next) {
    if (next->free.is_zero() || !may_give(*next)) continue;
    const auto units = std::min(wanted, next->free);
    taken.push_back({next->id, units});
    wanted -= units;
  }
  must(wanted.is_zero(), "lots have what the balance says");
  return taken;
}

} // namespace

std::vector<slice>
burn_down(const std::vector<lot>& lots, credits wanted, std::string_view application, time_point now) {
  return take_in_order(lots, wanted, [&](const lot& each) { return is_eligible(each, application, now); });
}

std::vector<slice> take_free(const std::vector<lot>& lots, credits wanted) {
  return take_in_order(lots, wanted, [](const lot&) { return true; });
}

} // namespace tessera
