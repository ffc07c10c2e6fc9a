#include "http/server/admission.hpp"

#include "http/routing/characters.hpp"

#include <algorithm>
#include <random>

namespace tessera::http {

namespace {

bool is_known_method(std::string_view method) {
  constexpr std::string_view known[] = {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"};
  return std::find(std::begin(known), std::end(known), method) != std::end(known);
}

problem no_route(std::string_view method, std::string allow) {
  if (!allow.empty())
    return {
        .status = 405,
        .code = "method_not_allowed",
        .title = "The path does not know this method.",
        .detail = "Allowed: " + allow + ".",
        .headers = {{"Allow", std::move(allow)}},
    };
  if (!is_known_method(method))
    return {.status = 501, .code = "method_not_implemented", .title = "No path knows this method."};
  return {.status = 404, .code = "not_found", .title = "There is nothing at this path."};
}

problem too_large(std::size_t limit) {
  return {
      .status = 413,
      .code = "body_too_large",
      .title = "The body is too large.",
      .detail = "The limit is " + std::to_string(limit) + " bytes.",
  };
}

std::optional<problem>
unacceptable_body(const route& found, const request_head& head, const request& request) {
  if (!is_acceptable(request.header("Content-Type").value_or(""), found.content_type))
    return problem{
        .status = 415,
        .code = "unsupported_media_type",
        .title = "The body has another media type than the path takes.",
        .detail = "Acceptable: " + std::string{found.content_type} + ".",
    };
  if (!equal_ignoring_case(request.header("Content-Encoding").value_or("identity"), "identity"))
    return problem{
        .status = 415,
        .code = "unsupported_media_type",
        .title = "Compressed bodies are not accepted.",
    };
  if (head.body == body_kind::length && head.content_length > found.body_limit)
    return too_large(found.body_limit);
  return std::nullopt;
}

/// `charset` is the only parameter with a meaning for us; multipart boundaries and the like are the route's.
bool has_foreign_charset(std::string_view parameters) {
  while (!parameters.empty()) {
    const auto end = std::min(parameters.find(';'), parameters.size());
    auto parameter = trimmed(parameters.substr(0, end));
    parameters.remove_prefix(std::min(end + 1, parameters.size()));
    if (parameter.size() < 8 || !equal_ignoring_case(parameter.substr(0, 8), "charset=")) continue;
    parameter.remove_prefix(8);
    if (!equal_ignoring_case(parameter, "utf-8") && !equal_ignoring_case(parameter, "\"utf-8\"")) return true;
  }
  return false;
}

} // namespace

admission admit(const router& routes, const request_head& head, request& request) {
  auto match = routes.find(request.method, request.path, request.parameters);
  if (!match.found) return {nullptr, no_route(request.method, std::move(match.allow))};
  if (head.body == body_kind::none) return {match.found, std::nullopt};
  return {match.found, unacceptable_body(*match.found, head, request)};
}

bool is_acceptable(std::string_view content_type, std::string_view accepted) {
  if (accepted.empty()) return true;
  const auto semicolon = std::min(content_type.find(';'), content_type.size());
  const auto type = trimmed(content_type.substr(0, semicolon));
  bool found = false;
  for_each_element(accepted, [&](std::string_view candidate) {
    found = found || equal_ignoring_case(type, candidate);
  });
  return found && !has_foreign_charset(content_type.substr(semicolon));
}

std::uint64_t caller_shown_by(const request& request) {
  static const std::uint64_t secret = std::random_device{}() * 0x9e3779b97f4a7c15ull;
  const auto bearer = request.header("Authorization");
  const auto shown = bearer ? *bearer : request.header("Cookie").value_or("");
  std::uint64_t hash = secret;
  for (const char each : shown)
    hash = (hash ^ static_cast<unsigned char>(each)) * 0x00000100000001b3ull;
  return (hash ^ hash >> 32) | 1;
}

bool is_never_shed(std::string_view path) {
  return path == "/healthz" || path == "/readyz" || path == "/metrics";
}

} // namespace tessera::http
