#pragma once

#include "tests/faults/menu/trouble.hpp"
#include "tests/support/postgres_session.hpp"

#include <vector>

namespace tessera::test {

/// A stranger takes every connection that PostgreSQL has to give, also those of the service, which it ends.
class connection_hog final : public trouble {
public:
  explicit connection_hog(trouble_place at) : at_(at) {}
  void begin() override {
    take_all();
    taken_.at(0).execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'tessera%'"
    );
    take_all();
  }
  void go_on() override { take_all(); }
  void end() override { taken_.clear(); }

private:
  void take_all() {
    try {
      for (;;)
        taken_.emplace_back(at_.cluster.url());
    } catch (const std::runtime_error&) {
      // No more.
    }
  }

  trouble_place at_;
  std::vector<postgres_session> taken_;
};

} // namespace tessera::test
