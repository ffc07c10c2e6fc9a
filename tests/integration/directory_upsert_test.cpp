// Bringing a directory in line with a host system, and reading it whole, against a real PostgreSQL.
#include "actors/account/seal.hpp"
#include "tests/integration/directory_fixture.hpp"

#include <algorithm>
#include <chrono>

namespace tessera::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class DirectoryUpsertTest : public DirectoryTest {
protected:
  wanted_entity below_root(const std::string& id, const std::string& name = "x") const {
    return {org(id), name, root()};
  }
  result<kept_answer> upsert(upsert_directory wanted, std::optional<idempotency_key> key = {}) {
    wanted.tenant = tenant.id;
    std::promise<result<kept_answer>> told;
    auto answer = told.get_future();
    rows.run(
        repeatable<upsert_directory, directory_upserted>{
            std::move(wanted),
            key,
            [](const directory_upserted& made) {
              return kept_answer{
                  200,
                  std::to_string(made.created) + " " + std::to_string(made.updated) + " " +
                      std::to_string(made.unchanged),
                  {},
                  false};
            }},
        [&told](result<kept_answer> got) { told.set_value(std::move(got)); }
    );
    return answer.get();
  }
  upsert_directory want(std::vector<wanted_entity> entities) {
    upsert_directory wanted;
    wanted.entities = std::move(entities);
    return wanted;
  }
  directory_page page(int limit = 100, std::optional<entity_ref> after = {}) {
    return *ask<directory_page>(read_directory{tenant.id, whole_tenant, {}, limit, std::move(after)});
  }
};

TEST_F(DirectoryUpsertTest, MakesChangesAndLeavesAlone) {
  auto wanted = want({{loc("l"), "L", org("b")}, {org("b"), "B", org("a")}, below_root("a")});
  wanted.applications = {{"crm", "CRM"}};
  EXPECT_EQ(upsert(wanted)->body, "4 0 0");
  EXPECT_EQ(upsert(wanted)->body, "0 0 4") << "again it changes nothing";
  const auto before = version();
  upsert(wanted);
  EXPECT_EQ(version(), before);

  wanted.entities[1].parent = root();
  wanted.applications[0].name = "Sales";
  EXPECT_EQ(upsert(wanted)->body, "0 2 2");
  EXPECT_EQ(parent_of(org("b")), tenant.name);
  EXPECT_EQ(find(org("b"))->version, 2);
  EXPECT_EQ(version(), before + 1) << "one change, however many rows";
}

TEST_F(DirectoryUpsertTest, EveryNewEntityHasAnAccountThatAddsUp) {
  upsert(want({below_root("a"), {loc("l"), "L", org("a")}}));
  EXPECT_EQ(
      count(
          "SELECT count(*) FROM entities e JOIN credit_entries g ON g.account_id = e.account_id AND g.seq = 0"
          " JOIN credit_balances b ON b.account_id = e.account_id AND b.head = g.hash"
          " WHERE e.tenant_id = $1"
      ),
      3
  );
  const auto read = owner.execute(
      "SELECT g.account_id, g.booked_at, g.writer, g.hash FROM credit_entries g WHERE g.tenant_id = $1",
      pg::parameters().add(tenant.id),
      patience
  );
  for (int i = 0; i < read.size(); ++i)
    EXPECT_EQ(
        read.digest_at(i, 3),
        genesis_entry(read.id<account_id>(i, 0), tenant.id, read.time(i, 1), read.id<node_incarnation>(i, 2))
            .hash
    );
}

TEST_F(DirectoryUpsertTest, IsAllOrNothing) {
  auto wanted = want({below_root("a"), {org("b"), "b", org("nowhere")}});
  EXPECT_EQ(upsert(wanted).code(), errc::parent_unknown);
  EXPECT_EQ(
      upsert(want({{org("a"), "a", org("b")}, {org("b"), "b", org("a")}})).code(), errc::directory_cycle
  );
  EXPECT_THAT(page().entities, IsEmpty());
  ASSERT_EQ(create(org("gone"), root()), errc::ok);
  ASSERT_EQ(remove(org("gone")), errc::ok);
  EXPECT_EQ(upsert(want({below_root("a"), below_root("gone")})).code(), errc::id_taken);
  EXPECT_THAT(page().entities, IsEmpty());
}

TEST_F(DirectoryUpsertTest, HappensOnceUnderItsKey) {
  const auto key = a_key(fresh_number());
  EXPECT_EQ(upsert(want({below_root("a")}), key)->body, "1 0 0");
  const auto again = upsert(want({below_root("a")}), key);
  EXPECT_EQ(again->body, "1 0 0");
  EXPECT_TRUE(again->replayed);
}

TEST_F(DirectoryUpsertTest, ManyAtOnceComeToTheSame) {
  auto wanted =
      want({below_root("a"), below_root("b"), {org("c"), "c", org("a")}, {loc("l"), "l", org("c")}});
  std::vector<std::future<result<kept_answer>>> calls;
  for (int i = 0; i < 8; ++i) {
    std::rotate(wanted.entities.begin(), wanted.entities.begin() + 1, wanted.entities.end());
    calls.push_back(std::async(std::launch::async, [this, wanted] { return upsert(wanted); }));
  }
  int made = 0;
  for (auto& call : calls) {
    const auto told = call.get();
    ASSERT_TRUE(told.ok()) << to_string(told.code());
    made += told->body == "4 0 0" ? 1 : 0;
  }
  EXPECT_EQ(made, 1);
  EXPECT_THAT(page().entities, SizeIs(4));
}

TEST_F(DirectoryUpsertTest, TenThousandInOneCall) {
  std::vector<wanted_entity> many;
  for (int i = 0; i < 100; ++i)
    many.push_back(below_root("org-" + std::to_string(i)));
  for (int i = 0; i < 9'900; ++i)
    many.push_back({loc("loc-" + std::to_string(i)), "Location", org("org-" + std::to_string(i % 100))});
  std::reverse(many.begin(), many.end());
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(upsert(want(many))->body, "10000 0 0");
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(10));
  EXPECT_EQ(upsert(want(many))->body, "0 0 10000");
  EXPECT_THAT(page(10'000).entities, SizeIs(10'000));
}

TEST_F(DirectoryUpsertTest, IsReadInPagesOrganisationsFirst) {
  auto wanted = want({below_root("b"), below_root("a"), {loc("a"), "l", org("b")}});
  wanted.applications = {{"hr", "HR"}, {"crm", "CRM"}};
  upsert(wanted);
  const auto first = page(2);
  ASSERT_THAT(first.entities, SizeIs(2));
  EXPECT_EQ(first.entities[0].ref, org("a"));
  EXPECT_EQ(first.entities[1].ref, org("b"));
  EXPECT_EQ(first.version, version());
  EXPECT_THAT(first.applications, SizeIs(2));
  EXPECT_TRUE(first.more);
  const auto second = page(2, org("b"));
  ASSERT_THAT(second.entities, SizeIs(1));
  EXPECT_EQ(second.entities[0].ref, loc("a"));
  EXPECT_EQ(second.entities[0].parent, org("b"));
  EXPECT_THAT(second.applications, IsEmpty());
  EXPECT_FALSE(second.more);
}

TEST_F(DirectoryUpsertTest, OfATenantWithoutEntitiesIsEmpty) {
  EXPECT_THAT(page().entities, IsEmpty());
  EXPECT_EQ(page().version, version());
}

} // namespace
} // namespace tessera::test
