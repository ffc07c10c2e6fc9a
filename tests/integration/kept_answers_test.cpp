// Packages, and first answers of calls without a money effect, against a real PostgreSQL.
#include "actors/database/database.hpp"
#include "actors/support/clock.hpp"
#include "persistence/stores/answer_store.hpp"
#include "persistence/stores/package_store.hpp"
#include "tests/integration/database_fixture.hpp"
#include "tests/integration/journal_contract.hpp"
#include "tests/support/ledger_author.hpp"
#include "tests/support/wait.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

namespace tessera::test {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

const std::string& database_name() {
  static const auto name = migrated_database();
  return name;
}

class KeptAnswersTest : public testing::Test {
protected:
  std::optional<result<kept_answer>> take(pg::connection& session, const idempotency_key& key) {
    pg::transaction in(session, tenant.id, patience);
    auto first = persistence::take_key(in, tenant.id, key);
    if (!first) persistence::keep_answer(in, key, {201, "{}", "\"v1\"", false});
    in.commit();
    return first;
  }
  void age(const idempotency_key& key, const char* by) {
    owner.execute(
        "UPDATE idempotency_answers SET created_at = clock_timestamp() - $2::text::interval WHERE "
        "idempotency_key = $1",
        pg::parameters().add(key.key).add(by),
        patience
    );
  }
  std::int64_t kept() {
    return owner
        .execute(
            "SELECT count(*) FROM idempotency_answers WHERE tenant_id = $1",
            pg::parameters().add(tenant.id),
            patience
        )
        .int8(0, 0);
  }

  open_session api{api_options(database_name())};
  open_session owner{owner_options(database_name())};
  const made_tenant tenant = make_tenant(database_name());
};

TEST_F(KeptAnswersTest, AreGivenAgainWordForWord) {
  const auto key = a_key(fresh_number());
  EXPECT_FALSE(take(api, key));
  const auto again = take(api, key);
  ASSERT_TRUE(again && again->ok());
  EXPECT_EQ((*again)->status, 201);
  EXPECT_EQ((*again)->body, "{}");
  EXPECT_EQ((*again)->etag, "\"v1\"");
  EXPECT_TRUE((*again)->replayed);
}

TEST_F(KeptAnswersTest, StandForOneCommand) {
  const auto key = a_key(fresh_number());
  take(api, key);
  EXPECT_EQ(take(api, {key.key, numbered<uuid>(2)})->code(), errc::idempotency_key_reused);
}

TEST_F(KeptAnswersTest, AreForgottenAfterThirtyDaysAndNotBefore) {
  const auto key = a_key(fresh_number());
  take(api, key);
  age(key, "29 days 23 hours");
  EXPECT_TRUE(take(api, key));
  age(key, "30 days 1 minute");
  EXPECT_FALSE(take(api, {key.key, numbered<uuid>(2)})) << "a new command may have it";
  EXPECT_EQ(take(api, key)->code(), errc::idempotency_key_reused);
}

TEST_F(KeptAnswersTest, OldOnesGoWithNewOnes) {
  const idempotency_key old[] = {a_key(fresh_number()), a_key(fresh_number()), a_key(fresh_number())};
  for (const auto& key : old)
    take(api, key);
  for (const auto& key : old)
    age(key, "31 days");
  take(api, a_key(fresh_number()));
  EXPECT_EQ(kept(), 2) << "one takes two away";
}

TEST_F(KeptAnswersTest, OldOnesOfAllTenantsGoSomeAtATime) {
  std::vector<idempotency_key> keys;
  for (int i = 0; i < 4; ++i)
    take(api, keys.emplace_back(a_key(fresh_number())));
  for (std::size_t i = 1; i < keys.size(); ++i)
    age(keys[i], "31 days");
  open_session writer(writer_options(database_name()));
  while (persistence::forget_old_answers(writer, 2, patience) == 2) // there may be some of other tests
    ;
  EXPECT_EQ(kept(), 1);
  EXPECT_TRUE(take(api, keys[0])) << "it is not over";
  EXPECT_THROW(persistence::forget_old_answers(api, 2, patience), pg::error) << "the writer's";
}

TEST_F(KeptAnswersTest, ADuplicateWaitsForTheFirst) {
  const auto key = a_key(fresh_number());
  pg::transaction first(api, tenant.id, patience);
  ASSERT_FALSE(persistence::take_key(first, tenant.id, key));

  auto waiting = std::async(std::launch::async, [&] {
    auto options = api_options(database_name());
    options.application_name = "test-duplicate";
    pg::connection other(options);
    other.open();
    return take(other, key);
  });
  wait_until(milliseconds{5'000}, [&] {
    return owner
        .execute(
            "SELECT count(*) > 0 FROM pg_stat_activity WHERE application_name = 'test-duplicate'"
            " AND wait_event_type = 'Lock'",
            patience
        )
        .boolean(0, 0);
  });
  persistence::keep_answer(first, key, {201, "first", "", false});
  first.commit();

  const auto answer = waiting.get();
  ASSERT_TRUE(answer && answer->ok());
  EXPECT_EQ((*answer)->body, "first");
}

TEST_F(KeptAnswersTest, BelongToTheirTenant) {
  const auto key = a_key(fresh_number());
  take(api, key);
  const auto other = make_tenant(database_name());
  pg::transaction in(api, other.id, patience);
  EXPECT_EQ(in.execute("SELECT count(*) FROM idempotency_answers").int8(0, 0), 0);
  EXPECT_EQ(in.execute("DELETE FROM idempotency_answers").affected(), 0);
  EXPECT_THROW(
      in.execute(
          "INSERT INTO idempotency_answers (idempotency_key, tenant_id, fingerprint) VALUES ($1, $2, $1)",
          pg::parameters().add(numbered<uuid>(fresh_number())).add(tenant.id)
      ),
      pg::error
  );
}

TEST_F(KeptAnswersTest, AreNotForTheWriter) {
  pg::connection writer(writer_options(database_name()));
  writer.open();
  EXPECT_THROW(writer.execute("SELECT count(*) FROM idempotency_answers", patience), pg::error);
}

// The mechanism around them

class RepeatableTest : public KeptAnswersTest {
protected:
  result<kept_answer> create(const std::string& id, const idempotency_key& key, std::string word = "made") {
    std::promise<result<kept_answer>> told;
    auto answer = told.get_future();
    rows.run(
        repeatable<create_application, application_created>{
            {tenant.id, id, "Test"},
            key,
            [word](const application_created& made) {
              return kept_answer{201, word + " " + made.id, {}, false};
            }},
        [&told](result<kept_answer> result) { told.set_value(std::move(result)); }
    );
    return answer.get();
  }
  std::int64_t applications() {
    return owner
        .execute(
            "SELECT count(*) FROM applications WHERE tenant_id = $1",
            pg::parameters().add(tenant.id),
            patience
        )
        .int8(0, 0);
  }

  database_clock time;
  database rows{{service_url(database_name())}, test_writer, time};
};

TEST_F(RepeatableTest, HappensOnceAndIsToldTwice) {
  const auto key = a_key(fresh_number());
  EXPECT_EQ(create("crm", key)->body, "made crm");
  const auto again = create("crm", key, "another wording");
  EXPECT_EQ(again->body, "made crm");
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(applications(), 1);
}

TEST_F(RepeatableTest, ARefusalIsNotKept) {
  create("crm", a_key(fresh_number()));
  const auto key = a_key(fresh_number());
  EXPECT_EQ(create("crm", key).code(), errc::id_taken);
  EXPECT_EQ(create("hr", key)->body, "made hr") << "nothing happened under the key";
}

TEST_F(RepeatableTest, ManyAtOnceHappenOnce) {
  const auto key = a_key(fresh_number());
  std::vector<std::future<result<kept_answer>>> calls;
  for (int i = 0; i < 8; ++i)
    calls.push_back(std::async(std::launch::async, [&] { return create("crm", key); }));
  int first_answers = 0;
  for (auto& call : calls) {
    const auto told = call.get();
    ASSERT_TRUE(told.ok());
    EXPECT_EQ(told->body, "made crm");
    first_answers += told->replayed ? 0 : 1;
  }
  EXPECT_EQ(first_answers, 1);
  EXPECT_EQ(applications(), 1);
}

// Packages

class PackageStoreTest : public KeptAnswersTest {
protected:
  credit_package a_package(const std::string& id) {
    credit_package package;
    package.id = id;
    package.name = "Test";
    package.amount = credits{1000};
    package.price_minor = 5050;
    package.currency = "USD";
    package.validity_days = 30;
    package.discount = "12.5";
    package.features = {"a", "b"};
    package.stripe_price_id = "price_1";
    return package;
  }
  template <class UseCase> auto in_tenant(UseCase use_case) {
    return in_transaction(api, tenant.id, use_case);
  }
};

TEST_F(PackageStoreTest, WhatIsWrittenIsRead) {
  const auto package = a_package("small");
  in_tenant([&](auto& in) { return persistence::create_package(in, tenant.id, package); });
  EXPECT_EQ(*in_tenant([&](auto& in) { return persistence::find_package(in, tenant.id, "small"); }), package);

  auto after = package;
  after.name = "Other";
  after.amount = credits{2};
  after.price_minor = 1;
  after.currency = "JPY";
  after.validity_days = 2;
  after.discount = "0";
  after.features = {};
  after.stripe_price_id = "";
  after.active = false;
  after.version = 2;
  in_tenant([&](auto& in) { return persistence::update_package(in, tenant.id, after), 0; });
  EXPECT_EQ(*in_tenant([&](auto& in) { return persistence::find_package(in, tenant.id, "small"); }), after);
}

TEST_F(PackageStoreTest, ListsWhatIsOnSaleWhatWasOrAll) {
  auto ended = a_package("b");
  ended.active = false;
  for (const auto& package : {a_package("a"), ended})
    in_tenant([&](auto& in) { return persistence::create_package(in, tenant.id, package); });
  const auto list = [&](package_filter which) {
    return in_tenant([&](auto& in) { return persistence::packages_of(in, {tenant.id, which}); }).packages;
  };
  ASSERT_THAT(list(package_filter::on_sale), SizeIs(1));
  EXPECT_EQ(list(package_filter::on_sale)[0].id, "a");
  EXPECT_EQ(list(package_filter::ended).at(0).id, "b");
  EXPECT_THAT(list(package_filter::all), SizeIs(2));
}

TEST_F(PackageStoreTest, OfAnotherTenantAreNotSeen) {
  in_tenant([&](auto& in) { return persistence::create_package(in, tenant.id, a_package("small")); });
  const auto other = make_tenant(database_name());
  pg::transaction in(api, other.id, patience);
  EXPECT_FALSE(persistence::find_package(in, tenant.id, "small"));
  EXPECT_THAT(persistence::packages_of(in, {tenant.id, package_filter::all}).packages, IsEmpty());
}

} // namespace
} // namespace tessera::test
