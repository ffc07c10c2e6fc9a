// What rules against fraud read of an entity that has bought much, against a real PostgreSQL.
#include "actors/domain/fraud_rules.hpp"
#include "persistence/stores/fraud_store.hpp"
#include "tests/integration/database_fixture.hpp"

#include <gtest/gtest.h>

namespace tessera::test {
namespace {

const std::string& database() {
  static const auto name = migrated_database();
  return name;
}

class FraudHistoryTest : public testing::Test {
protected:
  /// So many purchases, one in a second, the last one that long ago.
  void buy(int count, const std::string& before) {
    const auto sql =
        "INSERT INTO credit_purchases (purchase_id, tenant_id, account_id, package_id, credits_purchased,"
        " amount_minor, currency, payment_method, status, requested_by, network, created_at, completed_at)"
        " SELECT 'pur-' || gen_random_uuid(), '" +
        to_string(tenant.id) + "', '" + to_string(tenant.genesis.account) +
        "', 'one', 1, 7, CASE n % 2 WHEN 0 THEN 'USD' ELSE 'JPY' END, 'test', 'completed', 'k', "
        "'10.0.0.0/24',"
        " clock_timestamp() - interval '" +
        before + "' - n * interval '1 s', clock_timestamp() FROM generate_series(1, " +
        std::to_string(count) + ") AS n";
    postgres_cluster::shared().query(database(), sql);
  }
  void settle() { postgres_cluster::shared().query(database(), "ANALYZE credit_purchases"); }

  struct read {
    purchase_history known;
    std::int64_t rows;
  };
  read history(const std::vector<fraud_rule>& rules) {
    purchase_credits command;
    command.tenant = tenant.id;
    command.account = tenant.genesis.account;
    command.network = "10.0.0.0/24";
    return in_transaction(api, tenant.id, [&](pg::transaction& in) {
      const auto before = rows_read(in);
      auto known = persistence::history_of(in, command, {}, rules);
      return read{known, rows_read(in) - before};
    });
  }
  static std::int64_t rows_read(pg::transaction& in) {
    return in
        .execute(
            "SELECT (seq_tup_read + idx_tup_fetch)::bigint FROM pg_stat_xact_user_tables"
            " WHERE relname = 'credit_purchases'",
            pg::parameters()
        )
        .int8(0, 0);
  }
  static std::vector<fraud_rule> all(fraud_action action, std::int64_t limit = 100) {
    auto rules = default_fraud_rules();
    for (auto& rule : rules) {
      rule.action = action;
      rule.limit = limit;
    }
    return rules;
  }

  open_session api{api_options(database())};
  made_tenant tenant = make_tenant(database());
};

TEST_F(FraudHistoryTest, WhatIsOldIsNotRead) {
  buy(20'000, "2 days");
  buy(3, "1 minute");
  settle();
  for (const auto action : {fraud_action::log, fraud_action::block}) {
    const auto seen = history(all(action));
    EXPECT_EQ(3, seen.known.purchases_last_hour);
    EXPECT_EQ(3, seen.known.purchases_last_hour_from_network);
    EXPECT_EQ(21, seen.known.amount_minor_last_day) << "of whatever currency";
    EXPECT_NE(0, seen.known.paid_purchases);
    EXPECT_LT(seen.rows, 100);
  }
}

TEST_F(FraudHistoryTest, WhatCanOnlyBeWrittenDownIsCountedAmongTheLastThousand) {
  buy(3'000, "1 second");
  settle();
  const auto logged = history(all(fraud_action::log));
  EXPECT_EQ(1'000, logged.known.purchases_last_hour);
  EXPECT_EQ(7'000, logged.known.amount_minor_last_day);
  EXPECT_LT(logged.rows, 3'500);
  const auto exact = history(all(fraud_action::block));
  EXPECT_EQ(3'000, exact.known.purchases_last_hour);
  EXPECT_EQ(21'000, exact.known.amount_minor_last_day);
}

TEST_F(FraudHistoryTest, ALimitThatIsToldCanBePassedHoweverHighItIs) {
  buy(2'000, "1 second");
  settle();
  const auto told = history(all(fraud_action::alert, 1'500));
  EXPECT_EQ(1'501, told.known.purchases_last_hour);
  EXPECT_EQ(1'501, told.known.purchases_last_hour_from_network);
  EXPECT_EQ(14'000, told.known.amount_minor_last_day);
}

TEST_F(FraudHistoryTest, ForRulesThatAreOffNothingIsRead) {
  buy(50, "1 second");
  settle();
  EXPECT_EQ(0, history(all(fraud_action::off)).rows);
}

} // namespace
} // namespace tessera::test
