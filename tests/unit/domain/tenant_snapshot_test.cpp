#include "messages/tenant_snapshot.hpp"
#include "tests/support/builders.hpp"
#include "tests/unit/domain/access_world.hpp"

#include <gtest/gtest.h>

#include <string>

namespace tessera::test {

namespace {

TEST(EntityTreeTest, FindsByNameAndByAccount) {
  access_world world;
  const auto& tree = world.snapshot.tree;
  const auto* location = tree.find(entity_type::location, "loc-a1");
  ASSERT_TRUE(location);
  EXPECT_EQ(location->account, account_numbered(5));
  EXPECT_EQ(tree.find(account_numbered(5)), location);
  EXPECT_EQ(tree.parent_of(*location)->id, "org-a1");
  EXPECT_EQ(tree.root()->id, "acme");
  EXPECT_EQ(tree.find(entity_type::organization, "loc-a1"), nullptr);
  EXPECT_EQ(tree.find(entity_type::location, "loc-a"), nullptr);
  EXPECT_EQ(tree.find(entity_type::location, "loc-z"), nullptr);
  EXPECT_EQ(tree.find(account_numbered(9)), nullptr);
  EXPECT_TRUE(tree.covers(account_numbered(1), *location));
  EXPECT_TRUE(tree.covers(location->account, *location));
  EXPECT_FALSE(tree.covers(account_numbered(4), *location));
}

TEST(EntityTreeTest, NamesStayWhenItMoves) {
  access_world world;
  const auto moved = std::move(world.snapshot.tree);
  EXPECT_EQ(moved.find(entity_type::organization, "org-b")->id, "org-b");
  EXPECT_EQ(moved.all().size(), 6u);
}

/// Whoever walks up arrives, whatever the rows say.
TEST(EntityTreeTest, LeavesOutWhatHangsFromNothing) {
  const std::vector<entity_tree::row> rows{
      {account_numbered(1), entity_type::tenant, "acme", {}},
      {account_numbered(2), entity_type::organization, "org-a", account_numbered(1)},
      {account_numbered(3), entity_type::organization, "orphan", account_numbered(99)},
      {account_numbered(4), entity_type::location, "below-orphan", account_numbered(3)},
      {account_numbered(5), entity_type::organization, "circle-1", account_numbered(6)},
      {account_numbered(6), entity_type::organization, "circle-2", account_numbered(5)},
      {account_numbered(7), entity_type::location, "below-circle", account_numbered(6)},
  };
  const entity_tree tree(rows);
  ASSERT_EQ(tree.all().size(), 2u);
  EXPECT_EQ(tree.all()[1].id, "org-a");
}

TEST(EntityTreeTest, OfNothingIsEmpty) {
  const entity_tree tree;
  EXPECT_EQ(tree.root(), nullptr);
  EXPECT_EQ(tree.find(entity_type::tenant, "acme"), nullptr);
  EXPECT_EQ(tree.find(account_numbered(1)), nullptr);
}

TEST(EntityTreeTest, FindsEachOfManyByName) {
  std::vector<std::string> names;
  for (int i = 0; i < 1'000; ++i)
    names.push_back("e-" + std::to_string(i));
  std::vector<entity_tree::row> rows;
  for (int i = 0; i < 1'000; ++i)
    rows.push_back(
        {account_numbered(i + 1),
         i % 2 ? entity_type::location : entity_type::organization,
         names[static_cast<std::size_t>(i)],
         {}}
    );
  const entity_tree tree(rows);
  for (int i = 0; i < 1'000; ++i) {
    const auto& row = rows[static_cast<std::size_t>(i)];
    const auto* found = tree.find(row.type, row.id);
    ASSERT_TRUE(found) << row.id;
    EXPECT_EQ(found->id, row.id);
    EXPECT_EQ(tree.find(i % 2 ? entity_type::organization : entity_type::location, row.id), nullptr);
  }
  EXPECT_EQ(tree.find(entity_type::location, "e-1000"), nullptr);
}

TEST(TenantSnapshotTest, FindsUsersByIdAndByTheirIdentities) {
  tenant_snapshot snapshot;
  for (const auto* id : {"usr-a", "usr-b", "usr-c"})
    snapshot.users.push_back({id, user_role::user, {}, {}, {}});
  snapshot.identities = {
      {"https://a", "1", "usr-c"}, {"https://a", "2", "usr-a"}, {"https://b", "1", "usr-b"}};
  EXPECT_EQ(snapshot.find_user("usr-b"), &snapshot.users[1]);
  EXPECT_EQ(snapshot.find_user("usr"), nullptr);
  EXPECT_EQ(snapshot.find_user("usr-d"), nullptr);
  EXPECT_EQ(snapshot.find_user("https://a", "1"), &snapshot.users[2]);
  EXPECT_EQ(snapshot.find_user("https://b", "1"), &snapshot.users[1]);
  EXPECT_EQ(snapshot.find_user("https://b", "2"), nullptr);
}

TEST(TenantSnapshotTest, LearnsOfSessionsThatEndWhileItIsShared) {
  tenant_snapshot snapshot;
  snapshot.ended_sessions = {numbered<uuid>(1)};
  EXPECT_TRUE(snapshot.has_ended(numbered<uuid>(1)));
  EXPECT_FALSE(snapshot.has_ended(numbered<uuid>(2)));
  snapshot.ended_since->add(numbered<uuid>(2), {});
  EXPECT_TRUE(snapshot.has_ended(numbered<uuid>(2)));
}

TEST(TenantSnapshotTest, ForgetsSessionsThatEndedLongAgo) {
  session_ends ends;
  const session_ends::clock::time_point noon{};
  for (std::uint32_t i = 0; i < 1'024; ++i) {
    ends.add(numbered<uuid>(0), noon); // again
    ends.add(numbered<uuid>(i), noon);
  }
  EXPECT_EQ(ends.size(), 1'024u);
  ends.add(numbered<uuid>(5'000), noon + sessions_remembered_for + std::chrono::seconds(1));
  EXPECT_EQ(ends.size(), 1u);
  EXPECT_TRUE(ends.has(numbered<uuid>(5'000)));
}

} // namespace

} // namespace tessera::test
