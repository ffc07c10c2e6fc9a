#include "http/server/cross_origin.hpp"

#include <algorithm>

namespace tessera::http {

namespace {

constexpr std::string_view request_headers = "Accept, Authorization, Content-Type, Idempotency-Key, "
                                             "If-Match, If-None-Match, X-Application, X-Request-Id, "
                                             "X-Tenant, traceparent";
constexpr std::string_view answer_headers =
    "ETag, Idempotent-Replayed, Link, RateLimit, RateLimit-Policy, Retry-After, X-Balance-Seq, X-Request-Id";

} // namespace

std::string_view allowed_origin(const request& from, const server_options& options) {
  if (options.allowed_origins.empty()) return {};
  const auto origin = from.header("Origin");
  if (!origin) return {};
  const auto& list = options.allowed_origins;
  const auto found = std::find(list.begin(), list.end(), *origin);
  return found == list.end() ? std::string_view() : std::string_view(*found);
}

std::optional<response> answer_options(const router& routes, request& asked, std::string_view origin) {
  if (asked.method != "OPTIONS") return std::nullopt;
  auto match = routes.find(asked.method, asked.path, asked.parameters);
  if (match.found || match.allow.empty()) return std::nullopt;
  response answer{.status = 204};
  if (!origin.empty() && asked.header("Access-Control-Request-Method")) {
    answer.headers.emplace_back("Access-Control-Allow-Methods", match.allow);
    answer.headers.emplace_back("Access-Control-Allow-Headers", std::string(request_headers));
    answer.headers.emplace_back("Access-Control-Max-Age", "600");
  }
  answer.headers.emplace_back("Allow", std::move(match.allow));
  return answer;
}

std::string origin_lines(std::string_view origin) {
  std::string lines = "Vary: Origin\r\n";
  if (origin.empty()) return lines;
  lines.append("Access-Control-Allow-Origin: ").append(origin);
  return lines.append("\r\nAccess-Control-Expose-Headers: ").append(answer_headers).append("\r\n");
}

} // namespace tessera::http
