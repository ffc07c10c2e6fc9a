#include "http/routing/problem.hpp"

#include "http/json/writer.hpp"
#include "http/routing/request.hpp"

namespace tessera::http {

namespace {

void write_errors(json::writer& out, const std::vector<field_error>& errors) {
  out.key("errors").begin_array();
  for (const auto& error : errors) {
    out.begin_object().field("pointer", error.pointer).field("code", error.code);
    out.field("detail", error.detail).end_object();
  }
  out.end_array();
}

} // namespace

response to_response(const problem& problem, const request& request) {
  response answer{
      .status = problem.status, .body = {}, .content_type = "application/problem+json", .headers = {}};
  answer.body.reserve(384);
  json::writer out{answer.body};
  out.begin_object();
  out.key("type").begin_string().more("/docs/problems#").more(problem.code).end_string();
  out.field("title", problem.title).field("status", problem.status);
  out.field("detail", problem.detail.empty() ? problem.title : std::string_view{problem.detail});
  if (!request.path.empty()) out.field("instance", request.path);
  out.field("success", false).field("code", problem.code).field("requestId", request.request_id);
  if (!problem.errors.empty()) write_errors(out, problem.errors);
  if (!problem.extensions.empty()) out.members(problem.extensions);
  out.end_object();
  if (problem.retry_after_seconds)
    answer.headers.emplace_back("Retry-After", std::to_string(*problem.retry_after_seconds));
  for (const auto& [name, value] : problem.headers)
    answer.headers.emplace_back(name, value);
  return answer;
}

} // namespace tessera::http
