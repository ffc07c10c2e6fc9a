// Documents that take long keep no payment waiting, against a real PostgreSQL.
#include "actors/payment/desk.hpp"
#include "actors/providers/http_client.hpp"
#include "actors/support/clock.hpp"
#include "persistence/stores/purchase_store.hpp"
#include "tests/integration/database_fixture.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace tessera::test {
namespace {

class still_clock final : public clock {
public:
  time_point now() const override { return start_of_test; }
};

TEST(DocumentThreadTest, DocumentsThatTakeLongKeepNobodyElseWaitingAndAreBounded) {
  const auto name = migrated_database();
  const auto tenant = make_tenant(name);
  purchase_credits command;
  command.tenant = tenant.id;
  command.account = tenant.genesis.account;
  command.payment_method = "invoice";
  credit_package package;
  package.amount = credits{1};
  package.price_minor = 1;
  package.currency = "USD";
  open_session session(api_options(name));
  in_transaction(session, tenant.id, [&](pg::transaction& in) {
    return persistence::order(in, command, "pur-1", package, "");
  });

  http_client provider;
  const still_clock time;
  payment_desk_options options;
  options.database_url = service_url(name);
  options.poll = std::chrono::hours(1);
  payment_desk desk(options, provider, time, [](const account_id&, const std::function<void()>&) {});

  std::promise<void> gate;
  const auto opened = gate.get_future().share();
  constexpr int asked = 100;
  std::atomic<int> made{0};
  std::atomic<int> refused{0};
  std::atomic<int> answered{0};
  std::promise<void> all;
  for (int i = 0; i < asked; ++i)
    desk.run(
        document_of_purchase{
            {tenant.id, "pur-1", {}},
            [opened](const purchase_view& purchase) {
              opened.wait();
              return purchase.purchase_id;
            }},
        [&](const result<purchase_document>& document) {
          if (document && document->bytes == "pur-1") ++made;
          if (!document && document.why().code == errc::overloaded) ++refused;
          if (++answered == asked) all.set_value();
        }
    );
  std::promise<bool> other;
  desk.run(fraud_rules_query{tenant.id}, [&](const result<fraud_rules_view>& rules) {
    other.set_value(rules.ok());
  });
  auto heard = other.get_future();
  ASSERT_EQ(std::future_status::ready, heard.wait_for(std::chrono::seconds(20)));
  EXPECT_TRUE(heard.get());
  EXPECT_EQ(0, made);
  gate.set_value();
  ASSERT_EQ(std::future_status::ready, all.get_future().wait_for(std::chrono::seconds(20)));
  EXPECT_GE(made, 64);
  EXPECT_GT(refused, 0);
}

} // namespace
} // namespace tessera::test
