#pragma once

#include "config/settings.hpp"

#include <atomic>
#include <memory>
#include <string>

namespace tessera::cli {

/// The composition root: one run of one service. Everything is made here and nowhere else.
class node {
public:
  /// Connects, checks the schema, takes the shards and listens. Throws std::exception when any of it fails.
  explicit node(const config::settings& settings);
  ~node();

  std::uint16_t port() const;
  /// Answers what is in flight, writes everything down, gives the shards back.
  void shut_down();

private:
  class implementation;
  std::unique_ptr<implementation> implementation_;
};

} // namespace tessera::cli
