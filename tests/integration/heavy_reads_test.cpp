// Reads that take long, beside writes, against a real PostgreSQL.
#include "actors/database/database.hpp"
#include "actors/support/clock.hpp"
#include "persistence/stores/package_store.hpp"
#include "tests/integration/database_fixture.hpp"
#include "tests/integration/journal_contract.hpp"
#include "tests/support/ledger_author.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <vector>

namespace tessera::test {
namespace {

using testing::AllOf;
using testing::Ge;
using testing::Le;

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

  /// How many of so many reads, none of which can go on, are told at once that there are too many.
  template <class Answer, class Query> std::size_t refused_of(std::size_t count, const Query& query) {
    const locked_entries locked(name);
    std::atomic<std::size_t> refused{0};
    database_clock time;
    database rows({service_url(name), 2}, test_writer, time);
    for (std::size_t n = 0; n < count; ++n)
      rows.run(query, [&refused](const result<Answer>& told) { refused += told.code() == errc::overloaded; });
    return refused;
  }

  usage_query usage_of_all() const {
    usage_query usage;
    usage.of = {tenant.id, {{tenant.genesis.account, true}}};
    return usage;
  }

  std::string name = migrated_database();
  made_tenant tenant = make_tenant(name);
};

TEST_F(HeavyReadsTest, APurchaseDoesNotWaitForThem) {
  EXPECT_EQ(buy_behind<usage_report>(usage_of_all()), errc::ok);
}

TEST_F(HeavyReadsTest, NorForRollups) {
  EXPECT_EQ(buy_behind<balance_rollup>(rollup_query{tenant.id, tenant.genesis.account}), errc::ok);
}

/// One is worked on, perhaps already.
TEST_F(HeavyReadsTest, MoreReportsThanCanWaitAreRefused) {
  EXPECT_THAT(refused_of<usage_report>(20, usage_of_all()), AllOf(Ge(11u), Le(12u)));
}

TEST_F(HeavyReadsTest, MoreRollupsThanCanWaitAreRefused) {
  const rollup_query rollup{tenant.id, tenant.genesis.account};
  EXPECT_THAT(refused_of<balance_rollup>(100, rollup), AllOf(Ge(35u), Le(37u)));
}

} // namespace
} // namespace tessera::test
