// The stores beside the ledger, against a real PostgreSQL.
#include "persistence/stores/cluster_store.hpp"
#include "persistence/stores/package_store.hpp"
#include "persistence/stores/pg_account_store.hpp"
#include "persistence/stores/pg_journal_store.hpp"
#include "persistence/stores/purchase_store.hpp"
#include "persistence/stores/snapshot_store.hpp"
#include "tests/integration/database_fixture.hpp"
#include "tests/integration/journal_contract.hpp"
#include "tests/support/ledger_author.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace tessera::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

const std::string& database() {
  static const auto name = migrated_database();
  return name;
}

class StoresTest : public testing::Test {
protected:
  template <class UseCase> auto in_tenant(UseCase use_case) { return in_tenant(tenant, use_case); }
  template <class UseCase> auto in_tenant(const made_tenant& whose, UseCase use_case) {
    return in_transaction(api, whose.id, use_case);
  }

  open_session api{api_options(database())};
  open_session writer{writer_options(database())};
  open_session owner{owner_options(database())};
  made_tenant tenant = make_tenant(database());
};

// Directory

TEST_F(StoresTest, ATenantHasAnIdOfItsOwn) {
  const persistence::new_account account{fresh<account_id>(), start_of_test, test_writer, {}};
  const persistence::new_tenant same{.tenant = fresh<tenant_id>(), .id = tenant.name, .name = "Other"};
  EXPECT_EQ(persistence::create_tenant(api, same, account, patience), errc::id_taken);
  EXPECT_EQ(persistence::tenant_by_id(writer, tenant.name, patience), tenant.id);
  EXPECT_EQ(persistence::tenant_by_id(writer, "nobody", patience), std::nullopt);
}

TEST_F(StoresTest, AnEntityHasAnIdOfItsOwnAndAParent) {
  make_organization(database(), tenant, "org-1");
  const auto create = [&](entity_ref ref, entity_ref parent) {
    pg::transaction in(api, tenant.id, patience);
    const persistence::new_account account{fresh<account_id>(), start_of_test, test_writer, {}};
    return persistence::create_entity(
        in, create_entity{tenant.id, std::move(ref), "Test", std::move(parent)}, account
    );
  };
  const entity_ref top{entity_type::tenant, tenant.name};
  EXPECT_EQ(create({entity_type::organization, "org-1"}, top), errc::id_taken);
  EXPECT_EQ(
      create({entity_type::location, "org-1"}, {entity_type::organization, "org-1"}), errc::ok
  ); // another type
  EXPECT_EQ(
      create({entity_type::location, "loc-1"}, {entity_type::organization, "org-9"}), errc::entity_unknown
  );
  const auto other = make_tenant(database());
  EXPECT_EQ(
      create({entity_type::organization, "org-2"}, {entity_type::tenant, other.name}), errc::entity_unknown
  );
}

TEST_F(StoresTest, LoadsATenantWithAllItHas) {
  const auto organization = make_organization(database(), tenant, "org-1");
  const auto before = persistence::load_tenant(writer, tenant.id, patience)->version;
  in_tenant([&](auto& in) { return persistence::create_application(in, {tenant.id, "crm", "CRM"}); });
  const persistence::new_api_key key{
      "key-1",
      "Test",
      {1, 2, 3},
      {"credits:read", "credits:consume"},
      organization.account,
      "crm",
      start_of_test};
  EXPECT_EQ(in_tenant([&](auto& in) { return persistence::create_api_key(in, tenant.id, key); }), errc::ok);

  const auto loaded = persistence::load_tenant(writer, tenant.id, patience);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->id, tenant.name);
  EXPECT_EQ(loaded->timezone, "UTC");
  EXPECT_GT(loaded->version, before);
  EXPECT_THAT(loaded->tree.all(), SizeIs(2));
  const auto* found = loaded->find({entity_type::organization, "org-1"});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->account, organization.account);
  EXPECT_TRUE(loaded->covers(tenant.genesis.account, *found));
  EXPECT_THAT(loaded->applications, UnorderedElementsAre("crm"));
  ASSERT_THAT(loaded->keys, SizeIs(1));
  EXPECT_EQ(loaded->keys[0].first, key.sha256);
  EXPECT_EQ(loaded->keys[0].second.bound_to, organization.account);
  EXPECT_EQ(loaded->keys[0].second.application, "crm");
  EXPECT_TRUE(loaded->keys[0].second.may(scope::credits_consume));
  EXPECT_FALSE(loaded->keys[0].second.may(scope::directory_write));
  EXPECT_EQ(persistence::tenant_of_key(writer, key.sha256, patience), tenant.id);
  EXPECT_FALSE(persistence::load_tenant(writer, fresh<tenant_id>(), patience));
}

TEST_F(StoresTest, ApplicationsAndKeysAreRefusedForAReason) {
  const auto create = [&](auto& in) {
    return persistence::create_application(in, {tenant.id, "crm", "CRM"});
  };
  EXPECT_EQ(in_tenant(create), errc::ok);
  pg::transaction in(api, tenant.id, patience);
  EXPECT_EQ(create(in), errc::id_taken);
}

TEST_F(StoresTest, AKeyNeedsItsApplication) {
  pg::transaction in(api, tenant.id, patience);
  const persistence::new_api_key key{"key-1", "Test", {9, 9}, {"credits:read"}, {}, "unknown", {}};
  EXPECT_EQ(persistence::create_api_key(in, tenant.id, key), errc::application_unknown);
}

TEST_F(StoresTest, VersionsRiseWithEveryChange) {
  const auto version = [&] {
    return persistence::tenant_versions(writer, {tenant.id, fresh<tenant_id>()}, patience);
  };
  const auto before = version();
  ASSERT_THAT(before, SizeIs(1));
  make_organization(database(), tenant, "org-9");
  EXPECT_GT(version()[0].second, before[0].second);
}

// Purchases

class PurchaseTest : public StoresTest {
protected:
  void sell(const std::string& id, int days = 30, std::int64_t price_minor = 3000) {
    credit_package package;
    package.id = id;
    package.name = "Test";
    package.amount = credits{1000};
    package.price_minor = price_minor;
    package.currency = "EUR";
    package.validity_days = days;
    package.features = {"a", "b"};
    ASSERT_EQ(
        in_tenant([&](auto& in) { return persistence::create_package(in, tenant.id, package); }), errc::ok
    );
  }

  purchase_credits order(const std::string& package, std::optional<idempotency_key> key = {}) {
    purchase_credits command;
    command.tenant = tenant.id;
    command.account = tenant.genesis.account;
    command.package_id = package;
    command.payment_method = "test";
    command.idempotency = key;
    command.requested_by = {principal_kind::api_key, "key-1", "crm"};
    command.request_id = "req-1";
    return command;
  }

  result<purchase_accepted> buy(const purchase_credits& command) {
    const persistence::purchase_ids ids{
        "pur-" + std::to_string(fresh_number()), fresh<inbox_id>(), fresh<lot_id>()};
    return in_tenant([&](auto& in) { return persistence::purchase(in, command, ids); });
  }

  purchase_receipt receipt(const std::string& id) {
    return *in_tenant([&](auto& in) { return persistence::receipt_of(in, {tenant.id, id}); });
  }
};

TEST_F(PurchaseTest, ListsWhatIsSold) {
  sell("b");
  sell("a");
  const auto list = in_tenant([&](auto& in) { return persistence::packages_of(in, {tenant.id}); });
  ASSERT_THAT(list.packages, SizeIs(2));
  EXPECT_EQ(list.packages[0].id, "a");
  EXPECT_EQ(list.packages[0].amount, credits{1000});
  EXPECT_EQ(list.packages[0].features, (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(list.packages[0].active);
  credit_package again;
  again.id = "a";
  again.amount = credits{1};
  again.currency = "EUR";
  again.validity_days = 1;
  EXPECT_EQ(
      in_tenant([&](auto& in) { return persistence::create_package(in, tenant.id, again); }), errc::id_taken
  );
}

TEST_F(PurchaseTest, WaitsInTheInboxUntilTheAccountTakesItIn) {
  sell("small");
  const auto bought = buy(order("small"));
  ASSERT_TRUE(bought.ok());
  EXPECT_EQ(receipt(bought->purchase_id).status, "pending");
  EXPECT_EQ(receipt(bought->purchase_id).added, credits{0});

  persistence::pg_journal_store store(service_url(database()), test_writer, patience);
  persistence::pg_account_store rows(service_url(database()), "test", patience);
  const auto history = rows.load(std::vector{tenant.genesis.account}).front();
  ASSERT_THAT(history.waiting, SizeIs(1));
  const auto& row = arrival(history.waiting[0]);
  EXPECT_EQ(row.reference, bought->purchase_id);
  EXPECT_EQ(row.lots[0].unit_cost_minor, 3);
  EXPECT_EQ(row.lots[0].currency, "EUR");
  const auto writes = ledger_author(history).receive(row);
  const write_set* round[] = {&writes};
  ASSERT_EQ(store.append(round).status, persistence::append_status::committed);
  EXPECT_EQ(receipt(bought->purchase_id).status, "completed");
  EXPECT_EQ(receipt(bought->purchase_id).added, credits{1000});
  EXPECT_EQ(receipt(bought->purchase_id).available, credits{1000});
}

TEST_F(PurchaseTest, AUnitCostIsExactOrLeftToThePurchase) {
  for (const std::int64_t price : {4'500, 1, 0, 7'000}) {
    sell("at-" + std::to_string(price), 30, price);
    const auto bought = buy(order("at-" + std::to_string(price)));
    const auto rows = owner.execute(
        "SELECT i.unit_cost_minor, p.amount_minor, p.credits_purchased FROM credit_purchases p"
        " JOIN credit_inbox i USING (inbox_id) WHERE p.purchase_id = $1",
        pg::parameters().add(bought->purchase_id),
        patience
    );
    EXPECT_EQ(rows.int8(0, 1), price);
    const auto cost = rows.optional_int8(0, 0);
    EXPECT_EQ(cost.has_value(), price % 1'000 == 0) << price;
    if (cost) {
      EXPECT_EQ(*cost * rows.int8(0, 2), price);
    }
  }
}

TEST_F(PurchaseTest, WhatIsPendingTellsTheBalanceAsItIs) {
  sell("small");
  persistence::pg_journal_store store(service_url(database()), test_writer, patience);
  ledger_author author(tenant.genesis);
  const auto before = author.receive(a_lot(fresh_number(), 800));
  const write_set* round[] = {&before};
  ASSERT_EQ(store.append(round).status, persistence::append_status::committed);

  const auto told = receipt(buy(order("small"))->purchase_id);
  EXPECT_EQ(told.status, "pending");
  EXPECT_EQ(told.added, credits{0});
  EXPECT_EQ(told.available, credits{800});
}

TEST_F(PurchaseTest, ARepeatedKeyGivesTheFirstPurchase) {
  sell("small");
  auto command = order("small", a_key(fresh_number()));
  const auto first = buy(command);
  const auto again = buy(command);
  EXPECT_FALSE(first->replayed);
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(again->purchase_id, first->purchase_id);
  command.idempotency->fingerprint = numbered<uuid>(2);
  EXPECT_EQ(buy(command).code(), errc::idempotency_key_reused);
}

TEST_F(PurchaseTest, RemembersThatAPackageWasInactive) {
  sell("old");
  const auto command = order("old", a_key(fresh_number()));
  owner.execute(
      "UPDATE credit_packages SET is_active = false WHERE tenant_id = $1",
      pg::parameters().add(tenant.id),
      patience
  );
  EXPECT_EQ(buy(command)->refused, errc::package_inactive);
  EXPECT_FALSE(buy(order("old", a_key(fresh_number())))->replayed);
  owner.execute(
      "UPDATE credit_packages SET is_active = true WHERE tenant_id = $1",
      pg::parameters().add(tenant.id),
      patience
  );
  EXPECT_EQ(buy(command)->refused, errc::package_inactive);
  EXPECT_TRUE(buy(command)->replayed);
  EXPECT_EQ(buy(order("old", a_key(fresh_number())))->refused, errc::ok);
}

TEST_F(PurchaseTest, KnowsWhatIsNotThere) {
  EXPECT_EQ(buy(order("nothing")).code(), errc::package_unknown);
  EXPECT_EQ(
      in_tenant([&](auto& in) {
        return persistence::receipt_of(in, {tenant.id, "pur-0"});
      }).code(),
      errc::purchase_unknown
  );
}

/// The credits are good through the end of the last day, which may have no midnight of its own.
class PurchaseExpiryTest : public PurchaseTest, public testing::WithParamInterface<const char*> {};

TEST_P(PurchaseExpiryTest, IsTheEndOfTheLastLocalDay) {
  tenant = make_tenant(database(), GetParam());
  // The days until the one before a change of the clocks, or any days where there is none within a year.
  const auto zone = pg::parameters().add(GetParam());
  const auto days =
      owner
          .execute(
              "SELECT coalesce(min(d) - 1, 30)::int4 FROM generate_series(2, 366) AS d, LATERAL (SELECT"
              " ((now() AT TIME ZONE $1)::date + d)::timestamp AS midnight) AS m"
              " WHERE midnight AT TIME ZONE $1 AT TIME ZONE $1 <> midnight",
              zone,
              patience
          )
          .int4(0, 0);
  sell("small", days);
  const auto bought = buy(order("small"));
  const auto read = receipt(bought->purchase_id);
  ASSERT_TRUE(read.expires_at);
  const auto local = owner.execute(
      "SELECT ((now() AT TIME ZONE $1)::date + $2::int4)::text, (($3 - interval '1 us') AT TIME ZONE "
      "$1)::date::text,"
      " ($3 AT TIME ZONE $1)::date::text, ((now() AT TIME ZONE $1)::date + $2::int4 + 1)::text",
      pg::parameters().add(GetParam()).add(std::int32_t{days}).add(*read.expires_at),
      patience
  );
  EXPECT_EQ(read.expiry_date, local.text(0, 0));
  EXPECT_EQ(local.text(0, 1), local.text(0, 0)); // the last instant is on the last day
  EXPECT_EQ(local.text(0, 2), local.text(0, 3)); // and the next one on the day after it
  if (std::string_view(GetParam()) == "Africa/Cairo") {
    EXPECT_NE(days, 30) << "Cairo's clocks change at midnight";
  }
}

INSTANTIATE_TEST_SUITE_P(
    Zones,
    PurchaseExpiryTest,
    testing::Values("UTC", "Asia/Kolkata", "Africa/Cairo"),
    [](const auto& each) {
      std::string name = each.param;
      std::erase(name, '/');
      return name;
    }
);

// The cluster

TEST_F(StoresTest, WhoTakesTheShardsHasThem) {
  const auto epoch = [&] { return owner.execute("SELECT min(epoch) FROM shard", patience).int8(0, 0); };
  const auto first = fresh<node_incarnation>();
  const auto second = fresh<node_incarnation>();
  const auto before = epoch();
  EXPECT_EQ(
      persistence::take_all_shards(writer, first, "one", 3s, patience).shards_owned, persistence::shard_count
  );
  EXPECT_EQ(epoch(), before + 1);
  EXPECT_EQ(persistence::renew_leases(writer, first, 3s, patience).shards_owned, persistence::shard_count);

  EXPECT_EQ(persistence::take_all_shards(writer, second, "two", 3s, patience).shards_owned, 0)
      << "a live lease";
  persistence::release_shards(writer, first, patience);
  EXPECT_EQ(
      persistence::take_all_shards(writer, second, "two", 3s, patience).shards_owned, persistence::shard_count
  );
  EXPECT_EQ(epoch(), before + 2);
  EXPECT_EQ(persistence::renew_leases(writer, first, 3s, patience).shards_owned, 0);
  EXPECT_EQ(persistence::renew_leases(writer, second, 3s, patience).shards_owned, persistence::shard_count);
  const auto restarted = fresh<node_incarnation>();
  EXPECT_EQ(
      persistence::take_all_shards(writer, restarted, "two", 3s, patience).shards_owned,
      persistence::shard_count
  ) << "a restarted node takes its own shards back at once";
  persistence::release_shards(writer, restarted, patience);
  EXPECT_TRUE(owner.execute("SELECT bool_and(lease_until = '-infinity') FROM shard", patience).boolean(0, 0));
}

/// Its outcome is known, where giving up the connection would leave everybody in doubt.
TEST(RoundLimitTest, AStatementThatTakesTooLongIsRolledBackAndMayBeTriedAgain) {
  const auto name = migrated_database();
  const auto tenant = make_tenant(name);
  persistence::pg_journal_store journal(service_url(name), test_writer, std::chrono::milliseconds{900});
  const auto writes = ledger_author(tenant.genesis).receive(a_lot(fresh_number(), 100));
  const write_set* round[] = {&writes};
  {
    open_session locked(owner_options(name));
    locked.execute("BEGIN", patience);
    locked.execute("LOCK TABLE credit_entries IN ACCESS EXCLUSIVE MODE", patience);
    EXPECT_EQ(journal.append(round).status, persistence::append_status::transient);
  }
  EXPECT_EQ(journal.append(round).status, persistence::append_status::committed);
}

} // namespace
} // namespace tessera::test
