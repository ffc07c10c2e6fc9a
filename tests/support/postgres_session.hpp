#pragma once

#include <memory>
#include <string>

struct pg_conn;

namespace tessera::test {

/// One open connection to a server, for as long as it lives.
class postgres_session {
public:
  /// Throws std::runtime_error with the server's words.
  explicit postgres_session(const std::string& url);
  ~postgres_session();
  postgres_session(postgres_session&&) noexcept = default;
  postgres_session& operator=(postgres_session&&) noexcept = default;

  /// Throws std::runtime_error with the server's words.
  void execute(const std::string& sql);

private:
  struct closer {
    void operator()(pg_conn* open) const;
  };
  std::unique_ptr<pg_conn, closer> open_;
};

} // namespace tessera::test
