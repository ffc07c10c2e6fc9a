#pragma once

#include "tests/faults/menu/trouble.hpp"

namespace tessera::test {

/// kill -9 of the postmaster and all backends.
class postgres_killed final : public trouble {
public:
  explicit postgres_killed(trouble_place at) : at_(at) {}
  void begin() override { at_.cluster.kill(); }
  void end() override { at_.cluster.start(); }

private:
  trouble_place at_;
};

/// SIGSTOP of the postmaster and all backends: connections stay open and nothing answers.
class postgres_paused final : public trouble {
public:
  explicit postgres_paused(trouble_place at) : at_(at) {}
  ~postgres_paused() override { at_.cluster.resume(); }
  void begin() override { at_.cluster.pause(); }
  void end() override { at_.cluster.resume(); }

private:
  trouble_place at_;
};

} // namespace tessera::test
