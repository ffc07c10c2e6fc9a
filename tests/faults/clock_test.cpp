#include "tests/faults/fault_fixture.hpp"

namespace tessera::test {

namespace {

/// The heartbeat's transaction takes this long after it has read the database's time.
constexpr const char* slow_heartbeat_sql =
    "CREATE FUNCTION slow_heartbeat() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN PERFORM pg_sleep(1); RETURN NULL; END $$; "
    "CREATE CONSTRAINT TRIGGER slow_heartbeat AFTER UPDATE ON node DEFERRABLE INITIALLY DEFERRED "
    "FOR EACH ROW EXECUTE FUNCTION slow_heartbeat()";

class ClockTest : public FaultTest {
protected:
  void slow_heartbeats_down() {
    const std::string both = slow_heartbeat_sql;
    const auto second = both.find("CREATE CONSTRAINT");
    cluster_.query(node_.database(), both.substr(0, second));
    cluster_.query(node_.database(), both.substr(second));
  }

  /// On an account that has nothing but what was just bought.
  void buy_and_spend(caller& line) {
    buy(0, bank::small_credits);
    const auto spent = spend(line, 0, bank::small_credits);
    EXPECT_TRUE(spent && spent->ok()) << "bought and not to be spent: " << line.last().response.body;
  }
};

/// A slow heartbeat tells little about the database's time. Whoever has bought must not pay for that.
TEST_F(ClockTest, WhatWasBoughtCanBeSpentAtOnceHoweverSlowTheHeartbeat) {
  slow_heartbeats_down();
  auto line = make_caller(0);

  for (const deadline until(milliseconds{5'000}); !until.over() && !HasFailure(); let_pass(milliseconds{50}))
    buy_and_spend(line);

  expect_no_violation();
}

} // namespace

} // namespace tessera::test
