#pragma once

#include "http/routing/response.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::http {

struct request;

/// One violated rule of a request's body or query, as `errors[]` of the problem shows it.
struct field_error {
  std::string pointer; // JSON pointer into the body, or "?name" for a query parameter
  std::string_view code;
  std::string detail;
};

/// An RFC 9457 problem before it is written (contract 2 `errors`).
struct problem {
  unsigned status = 500;
  std::string_view code;  // stable, snake_case, listed in openapi.yaml
  std::string_view title; // one short sentence per code
  std::string detail;
  std::vector<field_error> errors;
  std::optional<int> retry_after_seconds; // always set for 429 and 503
  std::string extensions;                 // further members, already JSON: `"blockedBy":{…},"requested":5`
  std::vector<std::pair<std::string_view, std::string>> headers;
};

/// Writes `type, title, status, detail, instance, success:false, code, requestId, errors` and the extensions.
response to_response(const problem& problem, const request& request);

} // namespace tessera::http
