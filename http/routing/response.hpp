#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tessera::http {

/// A body that is too long to be held in memory. The connection asks for the next piece when the
/// client has taken the one before, and lets the stream die when it needs no more of it. All on one io
/// thread.
class body_stream {
public:
  struct piece {
    std::string bytes;
    bool last = false;
  };
  /// Called exactly once, at once or later. Nothing: the body can't be finished, and the client must notice.
  using receiver = std::function<void(std::optional<piece>)>;

  virtual ~body_stream() = default;
  virtual void next(receiver deliver) = 0;
  /// On whose account it goes: nobody may take all streams there can be. Empty: on no one's.
  virtual std::string_view owner() const { return {}; }
};

/// What a route answers. The server adds Date, Content-Length, Connection, X-Request-Id and the security
/// headers.
struct response {
  unsigned status = 200;
  std::string body;
  std::string_view content_type = "application/json"; // must be a literal
  std::vector<std::pair<std::string_view, std::string>> headers;
  std::shared_ptr<body_stream> stream; // not null: the body is what it gives, and `body` is not sent
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
