#pragma once

#include <string>

namespace tessera::cli {

/// Calls a running service, one request at a time: for the commands that go through the API.
class api_client {
public:
  /// `base_url` is http://HOST:PORT. Throws std::runtime_error when it is anything else.
  api_client(const std::string& base_url, std::string key, std::string application);

  /// Returns the body. Throws std::runtime_error with the answer unless it is 2xx.
  std::string
  post(const std::string& path, const std::string& idempotency_key, const std::string& json) const;

private:
  std::string host_;
  std::string port_;
  std::string key_;
  std::string application_;
};

} // namespace tessera::cli
