#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tessera::http {

/// What a route answers. The server adds Date, Content-Length, Connection, X-Request-Id and the security
/// headers.
struct response {
  unsigned status = 200;
  std::string body;
  std::string_view content_type = "application/json"; // must be a literal
  std::vector<std::pair<std::string_view, std::string>> headers;
};

/// Where the answer of one request goes. Completed exactly once, from the io thread that owns the connection.
/// Whoever lets it die uncompleted causes a 500 and a log line: no client waits for ever.
class responder {
public:
  class sink {
  public:
    virtual ~sink() = default;
    virtual void complete(response answer) = 0;
  };

  explicit responder(std::shared_ptr<sink> target) : target_(std::move(target)) {}
  void operator()(response answer) const { target_->complete(std::move(answer)); }

private:
  std::shared_ptr<sink> target_;
};

} // namespace tessera::http
