#include "tools/tessera/api_client.hpp"

#include "tools/tessera/http_call.hpp"

#include <stdexcept>
#include <utility>

namespace tessera::cli {

api_client::api_client(const std::string& base_url, std::string key, std::string application)
    : key_(std::move(key)), application_(std::move(application)) {
  constexpr std::string_view scheme = "http://";
  const auto colon = base_url.rfind(':');
  if (!base_url.starts_with(scheme) || colon <= scheme.size())
    throw std::runtime_error("the base URL must be http://HOST:PORT");
  host_ = base_url.substr(scheme.size(), colon - scheme.size());
  if (host_.front() == '[' && host_.back() == ']') host_ = host_.substr(1, host_.size() - 2);
  port_ = base_url.substr(colon + 1);
}

std::string
api_client::post(const std::string& path, const std::string& idempotency_key, const std::string& json) const {
  const auto answer = send({
      .host = host_,
      .port = port_,
      .method = "POST",
      .target = path,
      .headers =
          {{"Authorization", "Bearer " + key_},
           {"Content-Type", "application/json"},
           {"X-Application", application_},
           {"Idempotency-Key", idempotency_key}},
      .body = json,
  });
  if (answer.status / 100 != 2)
    throw std::runtime_error(path + " answered " + std::to_string(answer.status) + ": " + answer.body);
  return answer.body;
}

} // namespace tessera::cli
