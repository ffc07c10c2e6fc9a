#pragma once

#include "tests/faults/menu/trouble.hpp"
#include "tests/support/postgres_session.hpp"
#include "tests/support/wait.hpp"

#include <stdexcept>
#include <vector>

namespace tessera::test {

/// A stranger takes every connection that PostgreSQL has to give, also those of the service, which it ends.
class connection_hog final : public trouble {
public:
  explicit connection_hog(trouble_place at) : at_(at) {}
  void begin() override {
    take_all();
    if (!wait_until(milliseconds{10'000}, [this] { return has_all(); }))
      throw std::runtime_error("the service keeps its connections");
  }
  void go_on() override { has_all(); }
  void end() override { taken_.clear(); }

private:
  /// Ends what the service has, and takes that as well. False: the service was faster.
  bool has_all() {
    try {
      take_all(); // what was ended before takes a moment to go
      taken_.at(0).execute(end_all);
      taken_.at(0).execute(want_none);
      return true;
    } catch (const std::runtime_error&) {
      return false;
    }
  }
  void take_all() {
    try {
      for (;;)
        taken_.emplace_back(at_.cluster.url());
    } catch (const std::runtime_error&) {
      // No more.
    }
  }

  static constexpr auto end_all =
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'tessera%'";
  static constexpr auto want_none =
      "DO $$ BEGIN IF EXISTS (SELECT FROM pg_stat_activity WHERE application_name LIKE 'tessera%') "
      "THEN RAISE EXCEPTION 'some are left'; END IF; END $$";

  trouble_place at_;
  std::vector<postgres_session> taken_;
};

} // namespace tessera::test
