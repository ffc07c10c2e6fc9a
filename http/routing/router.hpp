#pragma once

#include "http/routing/request.hpp"
#include "http/routing/response.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::http {

/// Starts a request. It may complete the responder at once or later; it never blocks and never throws for
/// anything that a client can send.
using handler = std::function<void(request&, responder)>;

/// One row of the route table.
struct route {
  std::string_view method;
  std::string_view path; // "/api/credits/balance/:entityType/:entityId"
  handler handle;
  std::size_t body_limit = 64 * 1024;
  /// What a body must be, anything else answers 415: one media type, several with commas, or "" for any.
  std::string_view content_type = "application/json";
};

/// Finds the route of a request. Exact segments win over parameters; no trailing slash, no `//`, no dot
/// segments, no percent-encoded slash: an alias of a path is 404.
class router {
public:
  explicit router(std::vector<route> table);

  struct match {
    const route* found = nullptr; // null: see `allow`
    std::string allow;            // not empty: the path exists with these methods (405)
  };

  /// Fills `parameters` with views into `path`. HEAD matches GET.
  match find(std::string_view method, std::string_view path, std::vector<std::string_view>& parameters) const;

private:
  struct node;
  std::vector<route> table_;
  std::shared_ptr<const node> root_;
};

} // namespace tessera::http
