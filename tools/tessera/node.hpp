#pragma once

#include "config/settings.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <string>

namespace tessera::cli {

/// The composition root: one run of one service. Everything is made here and nowhere else.
class node {
public:
  /// Takes its ports, connects, checks the schema, takes the shards, and then accepts: a node that cannot be
  /// reached must not take anything from one that can. Throws std::exception when any of it fails, and
  /// start_given_up when `must_stop` says so while it waits for the shards.
  node(const config::settings& settings, const std::function<bool()>& must_stop);
  ~node();

  std::uint16_t port() const;
  /// Answers what is in flight, writes everything down, gives the shards back.
  void shut_down();

private:
  class implementation;
  std::unique_ptr<implementation> implementation_;
};

} // namespace tessera::cli
