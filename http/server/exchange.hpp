#pragma once

#include "http/routing/response.hpp"

#include <cstdint>
#include <memory>

namespace tessera::http {

class connection;

/// The answer's way from a route to its connection. Dies uncompleted: the client gets a 500.
class exchange final : public responder::sink {
public:
  exchange(std::shared_ptr<connection> target, std::uint64_t serial)
      : target_(std::move(target)), serial_(serial) {}
  ~exchange() override;

  void complete(response answer) override;
  /// Answers 500; the cause has been logged.
  void fail();

private:
  std::shared_ptr<connection> target_; // null once completed
  std::uint64_t serial_;
};

} // namespace tessera::http
