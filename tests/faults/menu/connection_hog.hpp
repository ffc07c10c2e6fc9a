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
  /// Takes what there is, and ends what the service has. False: one more time. A session that was ended is
  /// gone from the list before its place is free, so only places that others are seen to have count as taken.
  bool has_all() {
    take_all();
    if (taken_.empty()) return false;
    try {
      taken_.front().execute(want_all);
      return true;
    } catch (const std::runtime_error&) {
      taken_.front().execute(end_all);
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
  static constexpr auto want_all =
      "DO $$ BEGIN IF (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' "
      "AND state IS NOT NULL AND application_name NOT LIKE 'tessera%') < "
      "current_setting('max_connections')::int "
      "THEN RAISE EXCEPTION 'some are left'; END IF; END $$";

  trouble_place at_;
  std::vector<postgres_session> taken_;
};

} // namespace tessera::test
