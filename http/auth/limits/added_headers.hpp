#pragma once

#include "http/routing/response.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tessera::http {

/// Where answers go that get these headers besides their own.
inline responder
with_headers(const responder& to, std::vector<std::pair<std::string_view, std::string>> headers) {
  class adding final : public responder::sink {
  public:
    adding(responder to, std::vector<std::pair<std::string_view, std::string>> headers)
        : to_(std::move(to)), headers_(std::move(headers)) {}
    void complete(response answer) override {
      for (auto& header : headers_)
        answer.headers.push_back(std::move(header));
      to_(std::move(answer));
    }

  private:
    responder to_;
    std::vector<std::pair<std::string_view, std::string>> headers_;
  };
  if (headers.empty()) return to;
  return responder(std::make_shared<adding>(to, std::move(headers)));
}

} // namespace tessera::http
