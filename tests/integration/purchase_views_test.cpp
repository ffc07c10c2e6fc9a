// Where the units of a purchase are, and lists of purchases, against a real PostgreSQL.
#include "actors/domain/credit_account.hpp"
#include "persistence/stores/inbox_store.hpp"
#include "persistence/stores/package_store.hpp"
#include "persistence/stores/pg_account_store.hpp"
#include "persistence/stores/pg_journal_store.hpp"
#include "persistence/stores/purchase_store.hpp"
#include "persistence/stores/purchase_view_store.hpp"
#include "tests/integration/database_fixture.hpp"
#include "tests/integration/journal_contract.hpp"
#include "tests/support/ledger_author.hpp"
#include "tests/support/reversible.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tessera::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const std::string& database() {
  static const auto name = migrated_database();
  return name;
}

class PurchaseViewTest : public testing::Test {
protected:
  template <class UseCase> auto in_tenant(UseCase use_case) { return in_tenant(tenant, use_case); }
  template <class UseCase> auto in_tenant(const made_tenant& whose, UseCase use_case) {
    return in_transaction(api, whose.id, use_case);
  }

  void SetUp() override {
    credit_package package;
    package.id = "small";
    package.name = "Small";
    package.amount = credits{1000};
    package.price_minor = 2500;
    package.currency = "EUR";
    package.validity_days = 30;
    in_tenant([&](auto& in) { return persistence::create_package(in, tenant.id, package); });
  }

  std::string buy() { return buy(tenant.genesis.account); }
  std::string buy(const account_id& account) {
    purchase_credits command;
    command.tenant = tenant.id;
    command.account = account;
    command.package_id = "small";
    command.payment_method = "test";
    command.billing_address = R"({"city":"Pune"})";
    command.requested_by = {principal_kind::api_key, "key-1", "crm"};
    const persistence::purchase_ids ids{
        "pur-" + std::to_string(fresh_number()), fresh<inbox_id>(), fresh<lot_id>()};
    return in_tenant([&](auto& in) { return persistence::purchase(in, command, ids); })->purchase_id;
  }

  ledger_author author_of(const account_id& account) {
    return ledger_author(rows.load(std::vector{account}).front());
  }
  void write(const write_set& writes) {
    const write_set* round[] = {&writes};
    ASSERT_EQ(store.append(round).status, persistence::append_status::committed);
  }
  /// The account takes in what waits; the lot ends then.
  ledger_author absorb(std::optional<time_point> expires_at = {}) {
    const auto history = rows.load(std::vector{tenant.genesis.account}).front();
    ledger_author author(history);
    for (const auto& row : history.waiting) {
      auto waiting = arrival(row);
      if (expires_at) waiting.lots.front().expires_at = expires_at;
      write(author.receive(waiting));
    }
    return author;
  }
  void save(const ledger_author& author) { rows.save(std::vector{snapshot_of(author.account())}); }

  purchase_view view(const std::string& id) {
    return *in_tenant([&](auto& in) { return persistence::purchase_of(in, {tenant.id, id, {}}); });
  }
  purchase_page list(list_purchases query) {
    query.tenant = tenant.id;
    return in_tenant([&](auto& in) { return persistence::purchases_of(in, query); });
  }

  open_session api{api_options(database())};
  open_session owner{owner_options(database())};
  persistence::pg_journal_store store{service_url(database()), test_writer, patience};
  persistence::pg_account_store rows{service_url(database()), "test", patience};
  made_tenant tenant = make_tenant(database());
};

TEST_F(PurchaseViewTest, APendingPurchaseHasNoUnits) {
  const auto seen = view(buy());
  EXPECT_EQ(seen.status, "pending");
  EXPECT_EQ(seen.package_name, "Small");
  EXPECT_EQ(seen.amount_minor, 2500);
  EXPECT_EQ(seen.entity.id, tenant.name);
  EXPECT_EQ(seen.billing_address, R"({"city": "Pune"})");
  EXPECT_FALSE(seen.completed_at);
  EXPECT_EQ(seen.units.free, credits{0});
  EXPECT_EQ(seen.units.used, credits{0});
}

TEST_F(PurchaseViewTest, UnitsAreThoseOfTheLedgerWhateverTheSnapshotSays) {
  const auto id = buy();
  auto author = absorb();
  write(author.spend(100));
  EXPECT_EQ(view(id).status, "completed");
  EXPECT_TRUE(view(id).completed_at);
  EXPECT_EQ(view(id).units.free, credits{900});
  EXPECT_EQ(view(id).units.used, credits{100});
  save(author);
  EXPECT_EQ(view(id).units.free, credits{900});
  write(author.spend(50));
  EXPECT_EQ(view(id).units.free, credits{850}) << "the entries after the snapshot count";
  EXPECT_EQ(view(id).units.used, credits{150});
}

/// Whoever reads the table, a report or a person, reads what happened.
TEST_F(PurchaseViewTest, TheRowSaysWhatBecameOfIt) {
  const auto id = buy();
  const auto row = [&] {
    const auto found = owner.execute(
        "SELECT status, completed_at FROM credit_purchases WHERE purchase_id = $1",
        pg::parameters().add(id),
        patience
    );
    return std::pair(found.text(0, 0), found.optional_time(0, 1));
  };
  EXPECT_EQ(row(), std::pair(std::string("pending"), std::optional<time_point>()));
  absorb();
  EXPECT_EQ(row().first, "completed");
  EXPECT_EQ(row().second, view(id).completed_at);
}

TEST_F(PurchaseViewTest, EachPurchaseHasItsOwnUnits) {
  const auto first = buy();
  auto author = absorb();
  const auto second = buy();
  author = absorb();
  write(author.spend(1200));
  EXPECT_EQ(view(first).units.used + view(second).units.used, credits{1200});
  EXPECT_EQ(view(first).units.free + view(second).units.free, credits{800});
}

TEST_F(PurchaseViewTest, WhatIsOverIsExpiredBookedOrNot) {
  const auto id = buy();
  auto author = absorb(start_of_test + 1h);
  write(author.spend(100));
  EXPECT_EQ(view(id).units.free, credits{0});
  EXPECT_EQ(view(id).units.expired, credits{900});
  EXPECT_EQ(view(id).units.used, credits{100});
  write(author.pass(2h).expire());
  EXPECT_EQ(view(id).units.expired, credits{900});
  EXPECT_EQ(view(id).units.used, credits{100});
  save(author);
  EXPECT_EQ(view(id).units.expired, credits{900});
  EXPECT_EQ(view(id).units.used, credits{100});
}

/// Allocation does not exist yet; what it will write does.
TEST_F(PurchaseViewTest, WhatWasAllocatedIsShownWhereItIs) {
  const auto id = buy();
  auto author = absorb();
  const auto receiver = make_organization(database(), tenant, "org-1");
  owner.execute(
      "INSERT INTO credit_entries (account_id, seq, tenant_id, entry_type, units, slices, available_after,"
      " reserved_after, used_after, debt_after, usable_after, occurred_at, booked_at, writer, principal_kind,"
      " application, meter, reference, principal_id, principal_application, request_id, event_id, caller_key,"
      " metadata, hash)"
      " SELECT account_id, seq + 1, tenant_id, 8, 300, substring(slices FOR 16) || int8send(300), 700, 0, 0, "
      "0, "
      "700, now(), now(), writer, 0, '', '', '', '', '', '', '', '', '', hash"
      " FROM credit_entries WHERE account_id = $1 ORDER BY seq DESC LIMIT 1",
      pg::parameters().add(tenant.genesis.account),
      patience
  );
  EXPECT_EQ(view(id).units.free, credits{700});
  EXPECT_EQ(view(id).units.used, credits{300}) << "nobody has them: the two sides come from one ledger";

  const auto leg = fresh<inbox_id>();
  owner.execute(
      "WITH row AS (INSERT INTO credit_inbox (inbox_id, account_id, tenant_id, kind, credits, "
      "sender_account_id,"
      " sender_seq, principal_kind, principal_id, principal_application, request_id)"
      " VALUES ($1, $2, $3, 2, 300, $5, 2, 0, '', '', '') RETURNING inbox_id, tenant_id)"
      " INSERT INTO credit_inbox_lots (inbox_id, position, tenant_id, lot_id, root_lot_id, lot_kind, "
      "priority,"
      " effective_at, applications, purchase_id, currency, credits)"
      " SELECT inbox_id, 0, tenant_id, inbox_id, inbox_id, 4, 50, now(), '{}', $4, 'USD', 300 FROM row",
      pg::parameters().add(leg).add(receiver.account).add(tenant.id).add(id).add(tenant.genesis.account),
      patience
  );
  EXPECT_EQ(view(id).units.in_transit, credits{300});
  EXPECT_EQ(view(id).units.used, credits{0});

  owner.execute(
      "UPDATE credit_inbox SET absorbed_seq = 1 WHERE inbox_id = $1", pg::parameters().add(leg), patience
  );
  auto arrived = a_lot(fresh_number(), 300);
  arrived.purchase_id = id;
  ledger_author other(receiver);
  write(other.receive(arrived));
  write(other.spend(100));
  const auto units = view(id).units;
  EXPECT_EQ(units.in_transit, credits{0});
  ASSERT_THAT(units.allocated, SizeIs(1));
  EXPECT_EQ(units.allocated[0].entity, (entity_ref{entity_type::organization, "org-1"}));
  EXPECT_EQ(units.allocated[0].units, credits{200});
  EXPECT_EQ(units.used, credits{100});
  EXPECT_EQ(units.free, credits{700});
}

/// Refunded, clawed back, reversed, and taken for a debt: bought is the sum of it all, over the tree.
TEST_F(PurchaseViewTest, WhateverBecomesOfThemUnitsAddUp) {
  const auto id = buy();
  auto author = absorb();
  const auto sum = [&](const purchase_units& units) {
    auto all = units.free + units.held + units.used + units.expired + units.refunded + units.clawed;
    all += units.debt_repaid + units.in_transit;
    for (const auto& each : units.allocated)
      all += each.units;
    return all;
  };
  const auto ask = [&](inbox_kind kind, std::int64_t wanted, std::vector<std::uint64_t> holds = {}) {
    instruction asked;
    asked.id = fresh<inbox_id>();
    asked.account = author.account().id;
    asked.kind = kind;
    asked.wanted = credits{wanted};
    asked.purpose = hold_purpose::refund;
    asked.ttl = 1h;
    asked.holds = std::move(holds);
    in_tenant([&](auto& in) {
      persistence::leave(in, tenant.id, asked);
      return true;
    });
    write(author.carry_out(asked));
  };
  write(author.spend(300));
  const auto spent = author.account().seq;
  ask(inbox_kind::set_aside, 200);
  EXPECT_EQ(view(id).units.held, credits{200});
  const auto hold = author.account().seq;
  ask(inbox_kind::pay_back, 150, {hold});
  EXPECT_EQ(view(id).units.refunded, credits{150});
  ask(inbox_kind::claw_back, 700); // 150 of it are owed
  EXPECT_EQ(view(id).units.clawed, credits{550});
  save(author);
  EXPECT_EQ(sum(view(id).units), credits{1'000});
  write(author.reverse(spent, 250));
  EXPECT_EQ(view(id).units.debt_repaid, credits{150});
  EXPECT_EQ(view(id).units.free, credits{100});
  EXPECT_EQ(view(id).units.used, credits{50});
  EXPECT_EQ(sum(view(id).units), credits{1'000});
  save(author);
  EXPECT_EQ(sum(view(id).units), credits{1'000});
  EXPECT_EQ(view(id).units.free, credits{100});
}

/// What is granted anew for units that are over is another lot, of its own.
TEST_F(PurchaseViewTest, WhatIsReinstatedIsNotCountedAgain) {
  const auto id = buy();
  auto author = absorb(start_of_test + 1h);
  write(author.spend(1'000));
  auto command = reversal_of(author.spent_by(author.account().seq), 400);
  command.regrants = true;
  command.regrant_lot = fresh<lot_id>();
  author.pass(3h);
  write(author.reverse(command));
  EXPECT_EQ(view(id).units.expired, credits{400});
  EXPECT_EQ(view(id).units.free, credits{0});
  EXPECT_EQ(view(id).units.used, credits{600});
}

TEST_F(PurchaseViewTest, ARefusedOneHasFailed) {
  const auto id = buy();
  write_set writes;
  writes.account = tenant.genesis.account;
  const auto waiting = rows.load(std::vector{writes.account}).front().waiting;
  ASSERT_THAT(waiting, SizeIs(1));
  writes.refused.emplace_back(id_of(waiting.front()), errc::amount_out_of_range);
  write(writes);
  EXPECT_EQ(view(id).status, "failed");
  EXPECT_FALSE(view(id).completed_at);
  EXPECT_EQ(view(id).refused_code, "amount_out_of_range");
  EXPECT_EQ(view(id).units.used, credits{0});
}

TEST_F(PurchaseViewTest, PagesThroughAllNewestFirst) {
  std::vector<std::string> bought;
  for (int i = 0; i < 5; ++i)
    bought.insert(bought.begin(), buy());
  std::vector<std::string> seen;
  list_purchases query{
      .tenant = {}, .buyers = {}, .status = {}, .from = {}, .to = {}, .after = {}, .limit = 2};
  for (int pages = 1;; ++pages) {
    const auto page = list(query);
    for (const auto& each : page.purchases)
      seen.push_back(each.purchase_id);
    if (!page.more) {
      EXPECT_EQ(pages, 3);
      break;
    }
    query.after = purchase_position{page.purchases.back().created_at, page.purchases.back().purchase_id};
  }
  EXPECT_EQ(seen, bought);
}

TEST_F(PurchaseViewTest, ListsOneEntityOrItsSubtree) {
  const auto child = make_organization(database(), tenant, "org-1").account;
  const auto top = buy();
  const auto below = buy(child);
  const auto ids = [&](list_purchases query) {
    std::vector<std::string> all;
    for (const auto& each : list(std::move(query)).purchases)
      all.push_back(each.purchase_id);
    return all;
  };
  list_purchases query;
  EXPECT_THAT(ids(query), ElementsAre(below, top));
  query.buyers = tree_parts{{tenant.genesis.account, false}};
  EXPECT_THAT(ids(query), ElementsAre(top));
  query.buyers = tree_parts{{tenant.genesis.account, true}};
  EXPECT_THAT(ids(query), ElementsAre(below, top));
  query.buyers = tree_parts{{child, true}};
  EXPECT_THAT(ids(query), ElementsAre(below));
  const auto beside = make_organization(database(), tenant, "org-2").account;
  query.buyers = tree_parts{{tenant.genesis.account, false}, {beside, true}};
  EXPECT_THAT(ids(query), ElementsAre(top));
  query.buyers = tree_parts{};
  EXPECT_THAT(ids(query), IsEmpty());
}

TEST_F(PurchaseViewTest, FiltersByWhatAPurchaseCameTo) {
  const auto done = buy();
  absorb();
  const auto waiting = buy();
  list_purchases query;
  query.status = "completed";
  ASSERT_THAT(list(query).purchases, SizeIs(1));
  EXPECT_EQ(list(query).purchases[0].purchase_id, done);
  query.status = "pending";
  EXPECT_EQ(list(query).purchases.at(0).purchase_id, waiting);
  query.status = "refunded";
  EXPECT_THAT(list(query).purchases, IsEmpty());
  query.status.reset();
  query.from = view(waiting).created_at;
  ASSERT_THAT(list(query).purchases, SizeIs(1));
  query.to = query.from; // exclusive
  EXPECT_THAT(list(query).purchases, IsEmpty());
}

TEST_F(PurchaseViewTest, IsSeenFromTheBuyerAndAboveOnly) {
  const auto child = make_organization(database(), tenant, "org-1").account;
  const auto beside = make_organization(database(), tenant, "org-2").account;
  const auto id = buy(child);
  const auto seen = [&](const made_tenant& whose, std::optional<tree_parts> within) {
    return in_tenant(whose, [&](auto& in) { return persistence::purchase_of(in, {whose.id, id, within}); });
  };
  EXPECT_TRUE(seen(tenant, {}).ok());
  const auto top = tenant.genesis.account;
  EXPECT_TRUE(seen(tenant, tree_parts{{child, false}}).ok());
  EXPECT_TRUE(seen(tenant, tree_parts{{beside, true}, {child, false}}).ok());
  EXPECT_TRUE(seen(tenant, tree_parts{{top, true}}).ok());
  EXPECT_EQ(seen(tenant, tree_parts{{top, false}}).code(), errc::purchase_unknown) << "the top alone";
  EXPECT_EQ(seen(tenant, tree_parts{{beside, true}}).code(), errc::purchase_unknown);
  EXPECT_EQ(seen(tenant, tree_parts{}).code(), errc::purchase_unknown);
  EXPECT_EQ(seen(make_tenant(database()), {}).code(), errc::purchase_unknown);
}

TEST_F(PurchaseViewTest, KeepsTheTermsOfTheDayItWasBought) {
  const auto id = buy();
  credit_package dearer;
  dearer.id = "small";
  dearer.name = "Other";
  dearer.amount = credits{1};
  dearer.price_minor = 9900;
  dearer.currency = "USD";
  dearer.validity_days = 1;
  dearer.version = 2;
  in_tenant([&](auto& in) { return persistence::update_package(in, tenant.id, dearer), 0; });
  absorb();
  const auto seen = view(id);
  EXPECT_EQ(seen.package_name, "Small");
  EXPECT_EQ(seen.amount, credits{1000});
  EXPECT_EQ(seen.amount_minor, 2500);
  EXPECT_EQ(seen.currency, "EUR");
  EXPECT_EQ(seen.units.free, credits{1000});
}

} // namespace
} // namespace tessera::test
