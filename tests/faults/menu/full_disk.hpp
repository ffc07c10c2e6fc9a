#pragma once

#include "tests/faults/menu/trouble.hpp"

#include <stdexcept>

namespace tessera::test {

/// The disk with PostgreSQL's data, or its WAL, has not a byte left. Without room for WAL the server ends
/// and can't start: like an operator, the end makes room and starts it.
class full_disk final : public trouble {
public:
  explicit full_disk(trouble_place at) : at_(at) {}
  void begin() override { at_.cluster.disk()->fill(); }
  /// What is left of a log that was made in advance is soon used up.
  void go_on() override {
    try {
      at_.cluster.query("postgres", "SELECT pg_switch_wal()");
    } catch (const std::runtime_error&) {
      // That was the end of it.
    }
  }
  void end() override {
    at_.cluster.disk()->make_room();
    at_.cluster.start();
  }

private:
  trouble_place at_;
};

} // namespace tessera::test
