// Plans of tenants that were there before plans cost anything, against a real PostgreSQL.
#include "persistence/stores/migrator.hpp"
#include "persistence/stores/plan_store.hpp"
#include "tests/integration/database_fixture.hpp"
#include "tests/integration/journal_contract.hpp"

#include <gtest/gtest.h>

namespace tessera::test {
namespace {

class PlansOfBeforeTest : public testing::Test {
protected:
  made_tenant tenant_on(const std::string& plan, bool with_card) {
    auto made = make_tenant(name);
    const auto id = to_string(made.id);
    ask("UPDATE tenants SET plan = '" + plan + "' WHERE tenant_id = '" + id + "'");
    if (!with_card) return made;
    const auto account = to_string(made.genesis.account);
    ask("INSERT INTO payment_customers (account_id, tenant_id, customer_id) VALUES ('" + account + "', '" +
        id + "', 'cus_" + account + "')");
    ask("INSERT INTO payment_methods (method_id, tenant_id, account_id, kind, brand, last4, exp_month, "
        "exp_year,"
        " is_default) VALUES ('pm_" +
        account + "', '" + id + "', '" + account + "', 'card', 'visa', '4242', 1, 2040, true)");
    return made;
  }
  void ask(const std::string& sql) { postgres_cluster::shared().query(name, sql); }
  void upgrade() {
    ask("DELETE FROM schema_migrations WHERE name LIKE '0059%'");
    persistence::migrate(owner);
  }
  bool is_due(const made_tenant& who) {
    open_session session(api_options(name));
    return in_transaction(session, who.id, [&](pg::transaction& in) {
      return persistence::hold_due_period(in, who.id).has_value();
    });
  }
  plan_standing standing_of(const made_tenant& who) {
    open_session session(api_options(name));
    return in_transaction(session, who.id, [&](pg::transaction& in) {
      return persistence::plan_standing_of(in, who.id);
    });
  }

  /// A month of it is charged by this purchase.
  payment_record charged(const made_tenant& who) {
    payment_record purchase;
    purchase.purchase_id = "pur-" + to_string(who.id);
    purchase.tenant = who.id;
    const auto account = to_string(who.genesis.account);
    ask("INSERT INTO credit_purchases (purchase_id, tenant_id, account_id, package_id, credits_purchased,"
        " amount_minor, currency, payment_method, status, requested_by, origin) VALUES ('" +
        purchase.purchase_id + "', '" + to_string(who.id) + "', '" + account +
        "', 'plan-professional', 1, 7, 'USD', 'stripe', 'pending', 'k', 'plan')");
    open_session session(api_options(name));
    in_transaction(session, who.id, [&](pg::transaction& in) {
      persistence::charge_period(in, who.id, *persistence::hold_due_period(in, who.id), purchase.purchase_id);
      return 0;
    });
    return purchase;
  }

  std::string name = migrated_database();
  open_session owner{owner_options(name)};
};

TEST_F(PlansOfBeforeTest, AnUpgradeChargesNobodyForTheMonthThatRuns) {
  const auto paying = tenant_on("professional", true);
  const auto without_card = tenant_on("starter", false);
  const auto free = tenant_on("free", true);
  EXPECT_TRUE(is_due(paying)); // so it would have been charged
  upgrade();
  EXPECT_FALSE(is_due(paying));
  const auto now = standing_of(paying);
  EXPECT_EQ("none", now.state);
  ASSERT_TRUE(now.period_start && now.period_end);
  EXPECT_GE(*now.period_end - *now.period_start, std::chrono::days(28));
  EXPECT_TRUE(is_due(without_card)); // once it has one
  EXPECT_TRUE(is_due(free));
  ask("UPDATE tenant_plans SET period_start = period_start - interval '2 months', anchor = anchor - interval"
      " '2 months', period_end = period_end - interval '2 months'");
  EXPECT_TRUE(is_due(paying));
}

TEST_F(PlansOfBeforeTest, TheMonthThatRunsGoesOnWhateverIsTriedMeanwhile) {
  const auto paying = tenant_on("professional", true);
  upgrade();
  const auto before = standing_of(paying);
  open_session session(api_options(name));
  const auto turn_to = [&](const std::string& plan) {
    ask("UPDATE tenants SET plan = '" + plan + "' WHERE tenant_id = '" + to_string(paying.id) + "'");
    return in_transaction(session, paying.id, [&](pg::transaction& in) {
      return persistence::hold_due_period(in, paying.id).value();
    });
  };
  const auto free = turn_to("free");
  in_transaction(session, paying.id, [&](pg::transaction& in) {
    persistence::grant_period(in, paying.id, free, fresh<inbox_id>());
    return 0;
  });
  const auto again = turn_to("professional");
  EXPECT_TRUE(again.was_granted); // so nobody is charged
  in_transaction(session, paying.id, [&](pg::transaction& in) {
    persistence::take_up_period(in, paying.id, again);
    return 0;
  });
  const auto after = standing_of(paying);
  EXPECT_EQ("none", after.state);
  EXPECT_EQ(before.period_start, after.period_start);
  EXPECT_EQ(before.period_end, after.period_end);
}

TEST_F(PlansOfBeforeTest, WhoHasAMonthKeepsIt) {
  const auto paying = tenant_on("professional", true);
  open_session session(api_options(name));
  const auto begun = in_transaction(session, paying.id, [&](pg::transaction& in) {
    auto due = persistence::hold_due_period(in, paying.id);
    persistence::grant_period(in, paying.id, *due, fresh<inbox_id>());
    return *due;
  });
  upgrade();
  const auto now = standing_of(paying);
  EXPECT_EQ("granted", now.state);
  EXPECT_EQ(begun.start, now.period_start);
  EXPECT_EQ(begun.end, now.period_end);
}

TEST_F(PlansOfBeforeTest, NoMonthBeginsWhileOneIsSettled) {
  const auto paying = tenant_on("professional", true);
  const auto purchase = charged(paying);
  open_session beginning(api_options(name));
  open_session settling(api_options(name));
  in_transaction(beginning, paying.id, [&](pg::transaction& begin) {
    persistence::hold_due_period(begin, paying.id);
    const auto settle = [&](pg::transaction& in) {
      in.execute("SET LOCAL lock_timeout = '200ms'", pg::parameters());
      persistence::period_paid(in, purchase);
      return 0;
    };
    EXPECT_THROW(in_transaction(settling, paying.id, settle), pg::error);
    return 0;
  });
  open_session after(api_options(name));
  in_transaction(after, paying.id, [&](pg::transaction& in) {
    persistence::period_paid(in, purchase);
    return 0;
  });
  EXPECT_EQ("granted", standing_of(paying).state);
}

} // namespace
} // namespace tessera::test
