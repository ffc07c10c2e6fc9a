// Reads that take long, beside writes, against a real PostgreSQL.
#include "actors/database/database.hpp"
#include "actors/support/clock.hpp"
#include "persistence/stores/package_store.hpp"
#include "tests/integration/database_fixture.hpp"
#include "tests/integration/journal_contract.hpp"
#include "tests/support/ledger_author.hpp"

#include <gtest/gtest.h>

#include <future>
#include <vector>

namespace tessera::test {
namespace {

/// Nobody reads an entry while this is there.
class locked_entries {
public:
  explicit locked_entries(const std::string& database) : session_(owner_options(database)) {
    session_.execute("BEGIN", patience);
    session_.execute("LOCK TABLE credit_entries IN ACCESS EXCLUSIVE MODE", patience);
  }

private:
  open_session session_; // its end is the transaction's
};

class HeavyReadsTest : public testing::Test {
protected:
  HeavyReadsTest() {
    open_session api(api_options(name));
    in_transaction(api, tenant.id, [&](pg::transaction& in) {
      credit_package package;
      package.id = "small";
      package.amount = credits{10};
      package.currency = "EUR";
      package.validity_days = 1;
      return persistence::create_package(in, tenant.id, package);
    });
  }

  /// What a purchase is told that comes after many reads, none of which can go on.
  template <class Answer, class Query> errc buy_behind(const Query& query) {
    const locked_entries locked(name);
    std::vector<std::promise<errc>> reads(8);
    std::promise<errc> bought;
    {
      database_clock time;
      database rows({service_url(name), 2}, test_writer, time);
      for (auto& read : reads)
        rows.run(query, [&read](const result<Answer>& told) { read.set_value(told.code()); });
      purchase_credits order;
      order.tenant = tenant.id;
      order.account = tenant.genesis.account;
      order.package_id = "small";
      order.payment_method = "test";
      rows.run(order, [&bought](const result<purchase_accepted>& told) { bought.set_value(told.code()); });
    }
    for (auto& read : reads)
      EXPECT_EQ(read.get_future().get(), errc::database_unavailable);
    return bought.get_future().get();
  }

  std::string name = migrated_database();
  made_tenant tenant = make_tenant(name);
};

TEST_F(HeavyReadsTest, APurchaseDoesNotWaitForThem) {
  usage_query usage;
  usage.of = {tenant.id, {{tenant.genesis.account, true}}};
  EXPECT_EQ(buy_behind<usage_report>(usage), errc::ok);
}

TEST_F(HeavyReadsTest, NorForRollups) {
  EXPECT_EQ(buy_behind<balance_rollup>(rollup_query{tenant.id, tenant.genesis.account}), errc::ok);
}

} // namespace
} // namespace tessera::test
