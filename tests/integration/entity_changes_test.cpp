// Renaming, moving and deleting entities and applications, against a real PostgreSQL.
#include "persistence/stores/change_store.hpp"
#include "persistence/stores/entity_store.hpp"
#include "persistence/stores/package_store.hpp"
#include "persistence/stores/pg_account_store.hpp"
#include "persistence/stores/pg_journal_store.hpp"
#include "persistence/stores/purchase_store.hpp"
#include "persistence/stores/snapshot_store.hpp"
#include "tests/integration/directory_fixture.hpp"
#include "tests/support/wait.hpp"

namespace tessera::test {
namespace {

using persistence::append_status;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class EntityChangesTest : public DirectoryTest {
protected:
  EntityChangesTest() {
    for (const auto* id : {"a", "b"})
      EXPECT_EQ(create(org(id), root()), errc::ok);
    EXPECT_EQ(create(org("a1"), org("a")), errc::ok);
    EXPECT_EQ(create(loc("l"), org("a1")), errc::ok);
  }

  append_status append(const write_set& writes) {
    const write_set* round[] = {&writes};
    return store.append(round).status;
  }
  /// Writes the account's ledger, as its actor would.
  ledger_author author(const entity_ref& ref) {
    persistence::pg_account_store accounts(service_url(database_name()), "test-accounts", patience);
    const account_id wanted[] = {account_of(ref)};
    return ledger_author(accounts.load(wanted).at(0));
  }
  allocation_leg leg(const entity_ref& to, std::int64_t amount) {
    return {account_of(to), credits{amount}, fresh<inbox_id>()};
  }
  void wait_for_a_lock(const std::string& application) {
    wait_until(milliseconds{5'000}, [&] {
      return owner
          .execute(
              "SELECT count(*) > 0 FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = "
              "'Lock'",
              pg::parameters().add(application),
              patience
          )
          .boolean(0, 0);
    });
  }

  persistence::pg_journal_store store{service_url(database_name()), test_writer, patience};
};

TEST_F(EntityChangesTest, RenamesOneVersionLater) {
  const auto rename = [&](const char* name, seen_versions seen) {
    return change<entity_view>(edit_entity{tenant.id, org("a"), name, {}, std::move(seen), {}}).code();
  };
  EXPECT_EQ(rename("Other", {}), errc::ok);
  EXPECT_EQ(find(org("a"))->name, "Other");
  EXPECT_EQ(find(org("a"))->version, 2);
  EXPECT_EQ(rename("Third", std::vector<std::int64_t>{1}), errc::precondition_failed);
  EXPECT_EQ(rename("Third", std::vector<std::int64_t>{1, 2}), errc::ok);
  const auto before = version();
  EXPECT_EQ(rename("Third", {}), errc::ok) << "nothing to do";
  EXPECT_EQ(find(org("a"))->version, 3);
  EXPECT_EQ(version(), before);
}

TEST_F(EntityChangesTest, MovesWithAllThatIsBelow) {
  EXPECT_EQ(move(org("a1"), org("b")), errc::ok);
  EXPECT_EQ(parent_of(org("a1")), "b");
  EXPECT_EQ(move(loc("l"), org("a")), errc::ok);
  EXPECT_EQ(move(org("b"), org("a")), errc::ok);
  EXPECT_EQ(move(org("a1"), root()), errc::ok);
}

/// The snapshot by which the caller was let in may know an older place.
TEST_F(EntityChangesTest, ThePlaceThatIsLeftIsJudgedWhenItIsLeft) {
  const judgement<entity_view> of_a_only = [](const entity_view& entity) {
    return entity.parent == org("a") ? rejection() : rejection(errc::entity_out_of_scope);
  };
  const auto take = [&](const entity_ref& ref, const entity_ref& to) {
    return change<entity_view>(edit_entity{tenant.id, ref, {}, to, {}, {}, of_a_only}).code();
  };
  ASSERT_EQ(create(org("a2"), org("a")), errc::ok);
  ASSERT_EQ(move(org("a1"), org("b")), errc::ok);
  EXPECT_EQ(take(org("a1"), org("a")), errc::entity_out_of_scope);
  EXPECT_EQ(parent_of(org("a1")), "b");
  EXPECT_EQ(take(org("a2"), org("b")), errc::ok);
  const auto end = [&](const entity_ref& ref) {
    return change<entity_deleted>(delete_entity{tenant.id, ref, {}, {}, of_a_only}).code();
  };
  EXPECT_EQ(end(org("a2")), errc::entity_out_of_scope);
  ASSERT_EQ(move(org("a2"), org("a")), errc::ok);
  EXPECT_EQ(end(org("a2")), errc::ok);
  const auto renamed = edit_entity{tenant.id, org("a1"), "Other", {}, {}, {}, of_a_only};
  EXPECT_TRUE(change<entity_view>(renamed).ok()) << "it stays where it is";
}

TEST_F(EntityChangesTest, ATenantHasAThousandApplications) {
  owner.execute(
      "INSERT INTO applications (tenant_id, application_id, name) SELECT $1, 'app-' || n, 'A'"
      " FROM generate_series(1, 999) n",
      pg::parameters().add(tenant.id),
      patience
  );
  const auto make = [&](const char* id) {
    return change<application_created>(create_application{tenant.id, id, id}).code();
  };
  EXPECT_EQ(make("last"), errc::ok);
  EXPECT_EQ(make("more"), errc::directory_full);
  ASSERT_TRUE(change<application_deleted>(delete_application{tenant.id, "app-1", {}, {}}).ok());
  EXPECT_EQ(make("more"), errc::ok);
  EXPECT_EQ(
      ask<directory_page>(read_directory{tenant.id, whole_tenant, {}, 10, {}})->applications.size(), 1'000u
  ) << "all of them are told";
}

TEST_F(EntityChangesTest, NoPartOfTheTreeIsBelowItself) {
  EXPECT_EQ(move(org("a"), org("a1")), errc::directory_cycle);
  EXPECT_EQ(move(org("a"), org("a")), errc::directory_cycle);
  EXPECT_EQ(parent_of(org("a")), tenant.name);
}

TEST_F(EntityChangesTest, AParentIsOfTheTenantAndOfTheRightKind) {
  EXPECT_EQ(move(org("a"), org("nowhere")), errc::parent_unknown);
  EXPECT_EQ(move(org("b"), loc("l")), errc::parent_unknown);
  EXPECT_EQ(move(loc("l"), root()), errc::parent_unknown);
  const auto other = make_tenant(database_name());
  make_organization(database_name(), other, "theirs");
  EXPECT_EQ(move(org("a"), org("theirs")), errc::parent_unknown);
  EXPECT_EQ(move(org("a"), {entity_type::tenant, other.name}), errc::parent_unknown);
  EXPECT_EQ(move(org("theirs"), root()), errc::entity_unknown);
}

TEST_F(EntityChangesTest, TwoMovesThatTogetherWouldMakeACycle) {
  for (int round = 0; round < 10; ++round) {
    ASSERT_EQ(move(org("a"), root()), errc::ok);
    ASSERT_EQ(move(org("b"), root()), errc::ok);
    auto one =
        std::async(std::launch::async, [&] { return patiently([&] { return move(org("a"), org("b")); }); });
    auto two =
        std::async(std::launch::async, [&] { return patiently([&] { return move(org("b"), org("a")); }); });
    const errc answers[] = {one.get(), two.get()};
    EXPECT_THAT(answers, testing::UnorderedElementsAre(errc::ok, errc::directory_cycle));
  }
}

TEST_F(EntityChangesTest, KeepsNoThreadWaitingForAnImport) {
  pg::transaction importing(api, tenant.id, patience);
  persistence::await_directory(importing, tenant.id);
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(move(org("a1"), root()), errc::database_unavailable);
  EXPECT_LT(
      std::chrono::steady_clock::now() - begun, std::chrono::milliseconds(700)
  ); // locks may take a second
  importing.commit();
  EXPECT_EQ(move(org("a1"), root()), errc::ok);
}

TEST_F(EntityChangesTest, IsListedByIdInPagesForWhoMaySeeIt) {
  const auto list = [&](const visible_part& part, std::optional<std::string> after = {}, int limit = 2) {
    return *ask<entity_page>(list_entities{
        tenant.id, entity_type::organization, part, {}, limit, std::move(after)});
  };
  const auto first = list(whole_tenant);
  ASSERT_THAT(first.entities, SizeIs(2));
  EXPECT_EQ(first.entities[0].ref.id, "a");
  EXPECT_EQ(first.entities[1].ref.id, "a1");
  EXPECT_EQ(first.entities[1].parent, org("a"));
  EXPECT_TRUE(first.more);
  const auto second = list(whole_tenant, "a1");
  ASSERT_THAT(second.entities, SizeIs(1));
  EXPECT_EQ(second.entities[0].ref.id, "b");
  EXPECT_EQ(second.entities[0].parent, root());
  EXPECT_FALSE(second.more);

  EXPECT_THAT(list({false, {{account_of(org("a")), true}}}).entities, SizeIs(2));
  EXPECT_THAT(list({false, {{account_of(org("a")), false}}}).entities, SizeIs(1));
  EXPECT_THAT(list({false, {}}).entities, IsEmpty());
}

// Deletion

TEST_F(EntityChangesTest, DeletesFromTheLeavesUpAndNeverGivesAnIdAgain) {
  EXPECT_EQ(remove(org("a1")), errc::entity_has_children);
  EXPECT_EQ(remove(loc("l"), std::vector<std::int64_t>{7}), errc::precondition_failed);
  EXPECT_EQ(remove(loc("l")), errc::ok);
  EXPECT_EQ(remove(loc("l")), errc::entity_unknown);
  EXPECT_EQ(find(loc("l")).code(), errc::entity_unknown);
  EXPECT_EQ(create(loc("l"), org("a1")), errc::id_taken);
  EXPECT_EQ(remove(org("a1")), errc::ok);
  EXPECT_EQ(create(loc("m"), org("a1")), errc::entity_unknown) << "no child of what was deleted";
  EXPECT_EQ(move(org("b"), org("a1")), errc::parent_unknown);

  open_session writer(writer_options(database_name()));
  const auto loaded = persistence::load_tenant(writer, tenant.id, patience);
  EXPECT_FALSE(loaded->find(org("a1")));
  EXPECT_TRUE(loaded->find(org("a")));
}

TEST_F(EntityChangesTest, CreditsStandInTheWayOfADeletionAndWhatIsOnItsWayToo) {
  auto source = author(org("b"));
  ASSERT_EQ(append(source.receive(a_lot(fresh_number(), 100))), append_status::committed);
  EXPECT_EQ(remove(org("b")), errc::entity_has_credits);

  const auto writes = source.allocate({leg(loc("l"), 100)});
  ASSERT_EQ(append(writes), append_status::committed);
  EXPECT_EQ(remove(loc("l")), errc::entity_has_pending) << "a leg is on its way to it";
  EXPECT_EQ(remove(org("b")), errc::entity_has_pending) << "it may come back";

  auto receiver = author(loc("l"));
  ASSERT_EQ(append(receiver.receive(writes.sent.front())), append_status::committed);
  EXPECT_EQ(remove(loc("l")), errc::entity_has_credits);
  EXPECT_EQ(remove(org("b")), errc::ok);
  ASSERT_EQ(append(receiver.spend(100)), append_status::committed);
  EXPECT_EQ(remove(loc("l")), errc::ok);
}

TEST_F(EntityChangesTest, ADeletionTakesMembershipsAndBoundKeysWithIt) {
  const auto account = account_of(loc("l"));
  user("usr-1", user_role::location_manager);
  owner.execute(
      "INSERT INTO memberships (tenant_id, user_id, account_id, entity_role) VALUES ($1, 'usr-1', $2, 2)",
      pg::parameters().add(tenant.id).add(account),
      patience
  );
  change<api_key_created>(create_api_key{tenant.id, "bound", {"credits:read"}, account, {}, {}, {}});
  change<api_key_created>(create_api_key{tenant.id, "free", {"credits:read"}, {}, {}, {}, {}});

  ASSERT_EQ(remove(loc("l")), errc::ok);

  EXPECT_EQ(count("SELECT count(*) FROM memberships WHERE tenant_id = $1"), 0);
  const auto keys = *ask<api_key_page>(list_api_keys{tenant.id, whole_tenant, 10, {}});
  ASSERT_THAT(keys.keys, SizeIs(1));
  EXPECT_EQ(keys.keys[0].name, "free");
}

/// The round that brings a leg has begun when the deletion wants to: it waits, and sees the leg.
TEST_F(EntityChangesTest, ADeletionWaitsForARoundThatSendsToIt) {
  const auto account = account_of(loc("l"));
  pg::transaction round(api, tenant.id, patience); // holds what the round holds
  round.execute("SELECT FROM entities WHERE account_id = $1 FOR KEY SHARE", pg::parameters().add(account));
  auto removed = std::async(std::launch::async, [&] { return remove(loc("l")); });
  wait_for_a_lock("tessera-api");
  round.execute(
      "INSERT INTO credit_inbox (inbox_id, account_id, tenant_id, kind, credits, principal_kind, "
      "principal_id, principal_application, request_id) VALUES ($1, $2, $3, 2, 5, 0, '', '', '')",
      pg::parameters().add(fresh<inbox_id>()).add(account).add(tenant.id)
  );
  round.commit();
  EXPECT_EQ(removed.get(), errc::entity_has_pending);
}

/// The deletion is the first: the round waits for it, and nothing is sent.
TEST_F(EntityChangesTest, ARoundThatSendsToWhatIsBeingDeletedIsRefused) {
  auto source = author(org("b"));
  ASSERT_EQ(append(source.receive(a_lot(fresh_number(), 100))), append_status::committed);
  const auto account = account_of(loc("l"));
  const auto writes = source.allocate({leg(loc("l"), 60)});

  pg::transaction deletion(api, tenant.id, patience);
  ASSERT_EQ(persistence::why_not_deletable(deletion, tenant.id, account), errc::ok);
  auto appended = std::async(std::launch::async, [&] { return append(writes); });
  wait_for_a_lock("tessera-lane");
  persistence::delete_entity(deletion, tenant.id, account);
  deletion.commit();

  EXPECT_EQ(appended.get(), append_status::closed);
  EXPECT_EQ(count("SELECT count(*) FROM credit_inbox WHERE tenant_id = $1"), 0);
  EXPECT_EQ(author(org("b")).account().totals.now.available, credits{100}) << "nothing was taken from it";
}

TEST_F(EntityChangesTest, WhatWasDeletedBuysNothing) {
  credit_package package;
  package.id = "small";
  package.name = "Small";
  package.amount = credits{10};
  package.currency = "EUR";
  package.validity_days = 30;
  in_transaction(api, tenant.id, [&](auto& in) {
    return persistence::create_package(in, tenant.id, package);
  });
  purchase_credits order;
  order.tenant = tenant.id;
  order.account = account_of(loc("l"));
  order.package_id = "small";
  order.payment_method = "test";
  ASSERT_EQ(remove(loc("l")), errc::ok);
  EXPECT_EQ(ask<purchase_accepted>(order).code(), errc::entity_unknown);
  EXPECT_EQ(count("SELECT count(*) FROM credit_inbox WHERE tenant_id = $1"), 0);
}

/// Whatever the order: either the purchase is in and the entity stays, or neither.
TEST_F(EntityChangesTest, ADeletionAndAPurchaseNeverBothHappen) {
  credit_package package;
  package.id = "small";
  package.name = "Small";
  package.amount = credits{10};
  package.currency = "EUR";
  package.validity_days = 30;
  in_transaction(api, tenant.id, [&](auto& in) {
    return persistence::create_package(in, tenant.id, package);
  });
  for (int round = 0; round < 10; ++round) {
    const auto place = loc("place-" + std::to_string(round));
    ASSERT_EQ(create(place, org("b")), errc::ok);
    purchase_credits order;
    order.tenant = tenant.id;
    order.account = account_of(place);
    order.package_id = "small";
    order.payment_method = "test";
    auto bought = std::async(std::launch::async, [&] { return ask<purchase_accepted>(order).code(); });
    auto removed = std::async(std::launch::async, [&] { return remove(place); });
    const auto purchase = bought.get();
    const auto deletion = removed.get();
    EXPECT_TRUE(
        (purchase == errc::ok && deletion == errc::entity_has_pending) ||
        (purchase == errc::entity_unknown && deletion == errc::ok)
    ) << to_string(purchase)
      << " " << to_string(deletion);
  }
}

TEST_F(EntityChangesTest, IsOnRecordWithWhoAsked) {
  change<entity_view>(edit_entity{
      tenant.id, org("a1"), {}, org("b"), {}, {{principal_kind::user, "usr-7", "crm"}, "req-7"}});
  const auto read = owner.execute(
      "SELECT act, subject, principal_kind, principal_id, principal_application, request_id"
      " FROM directory_changes WHERE tenant_id = $1 ORDER BY change_id DESC LIMIT 1",
      pg::parameters().add(tenant.id),
      patience
  );
  EXPECT_EQ(read.text(0, 0), "move");
  EXPECT_EQ(read.text(0, 1), "organization/a1 below organization/b");
  EXPECT_EQ(read.int2(0, 2), 2);
  EXPECT_EQ(read.text(0, 3), "usr-7");
  EXPECT_EQ(read.text(0, 4), "crm");
  EXPECT_EQ(read.text(0, 5), "req-7");
}

// Applications

TEST_F(EntityChangesTest, ApplicationsAreRenamedListedAndEnded) {
  for (const auto* id : {"crm", "hr", "finance"})
    ASSERT_EQ(change<application_created>(create_application{tenant.id, id, id}).code(), errc::ok);
  EXPECT_EQ(change<application_view>(edit_application{tenant.id, "crm", "Sales", {}, {}}).code(), errc::ok);
  EXPECT_EQ(
      change<application_view>(edit_application{tenant.id, "crm", "x", std::vector<std::int64_t>{1}, {}}
      ).code(),
      errc::precondition_failed
  );
  const auto page = *ask<application_page>(list_applications{tenant.id, {}, 2, {}});
  ASSERT_THAT(page.applications, SizeIs(2));
  EXPECT_EQ(page.applications[0].name, "Sales");
  EXPECT_TRUE(page.more);
  const auto mine =
      *ask<application_page>(list_applications{tenant.id, std::vector<std::string>{"hr", "nothing"}, 10, {}});
  ASSERT_THAT(mine.applications, SizeIs(1));

  change<api_key_created>(create_api_key{tenant.id, "bound", {"credits:read"}, {}, "crm", {}, {}});
  const auto end = [&] {
    return change<application_deleted>(delete_application{tenant.id, "crm", {}, {}}).code();
  };
  EXPECT_EQ(end(), errc::ok);
  EXPECT_EQ(end(), errc::application_unknown);
  EXPECT_EQ(change<application_created>(create_application{tenant.id, "crm", "x"}).code(), errc::id_taken);
  EXPECT_EQ(ask<application_view>(application_query{tenant.id, "crm"}).code(), errc::application_unknown);
  EXPECT_THAT(ask<api_key_page>(list_api_keys{tenant.id, whole_tenant, 10, {}})->keys, IsEmpty());
}

} // namespace
} // namespace tessera::test
