#include "http/auth/limits/rate_headers.hpp"

#include "http/routing/rejections.hpp"

namespace tessera::http {

namespace {

std::int64_t seconds_up(std::chrono::nanoseconds time) {
  return std::chrono::ceil<std::chrono::seconds>(time).count();
}

} // namespace

std::vector<std::pair<std::string_view, std::string>>
rate_headers(std::string_view policy, const rate& limit, const rate_verdict& verdict) {
  const auto name = "\"" + std::string(policy) + "\"";
  return {
      {"RateLimit-Policy",
       name + ";q=" + std::to_string(limit.most) + ";w=" + std::to_string(seconds_up(limit.period))},
      {"RateLimit",
       name + ";r=" + std::to_string(verdict.remaining) +
           ";t=" + std::to_string(seconds_up(verdict.remaining == 0 ? verdict.wait : verdict.whole))},
  };
}

std::vector<std::pair<std::string_view, std::string>> limit_headers(const std::vector<limit_use>& limits) {
  std::string policies;
  std::string uses;
  for (const auto& [limit, left, reset] : limits) {
    const auto name = (policies.empty() ? "\"" : ", \"") + std::string(limit.name) + "\"";
    policies += name + ";q=" + std::to_string(limit.most) + ";w=" + std::to_string(limit.window.count());
    uses += name + ";r=" + std::to_string(left) + ";t=" + std::to_string(reset.count());
  }
  if (limits.empty()) return {};
  return {{"RateLimit-Policy", std::move(policies)}, {"RateLimit", std::move(uses)}};
}

problem rate_limited(std::string_view policy, const rate& limit, const rate_verdict& verdict) {
  auto refused = simple_problem(
      429, "rate_limited", "Too many at once", "Nothing happened. Try again after the time in Retry-After."
  );
  refused.retry_after_seconds = static_cast<int>(std::max<std::int64_t>(seconds_up(verdict.wait), 1));
  refused.headers = rate_headers(policy, limit, verdict);
  return refused;
}

} // namespace tessera::http
