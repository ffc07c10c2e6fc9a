#include "actors/domain/directory_plan.hpp"
#include "tests/support/builders.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace tessera::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

entity_ref tenant() {
  return {entity_type::tenant, "acme"};
}
entity_ref org(const std::string& id) {
  return {entity_type::organization, id};
}
entity_ref loc(const std::string& id) {
  return {entity_type::location, id};
}

/// A directory as it stands: the tenant alone, and what a test adds.
class there {
public:
  there() { add(tenant(), {}); }
  there& with(const entity_ref& ref, const entity_ref& parent, bool deleted = false) {
    add(ref, parent);
    directory.entities.back().deleted = deleted;
    return *this;
  }
  existing_directory directory;

private:
  void add(const entity_ref& ref, const entity_ref& parent) {
    existing_entity fresh{numbered<account_id>(++last_), ref, ref.id, {}, false};
    for (const auto& each : directory.entities)
      if (each.ref == parent) fresh.parent = each.account;
    directory.entities.push_back(std::move(fresh));
  }
  std::uint32_t last_ = 0;
};

upsert_directory want(std::vector<wanted_entity> entities) {
  upsert_directory wanted;
  wanted.entities = std::move(entities);
  return wanted;
}

TEST(DirectoryPlanTest, TellsWhatIsNewDifferentAndTheSame) {
  const auto directory = there().with(org("a"), tenant()).with(org("b"), tenant()).directory;

  const auto plan = plan_of(
      directory, want({{org("a"), "a", tenant()}, {org("b"), "Other", tenant()}, {loc("c"), "c", org("a")}})
  );

  ASSERT_TRUE(plan.ok());
  EXPECT_THAT(plan->created, testing::ElementsAre(wanted_entity{loc("c"), "c", org("a")}));
  EXPECT_THAT(plan->updated, testing::ElementsAre(wanted_entity{org("b"), "Other", tenant()}));
  EXPECT_EQ(plan->unchanged, 1);
}

TEST(DirectoryPlanTest, ATenantHasRoomForSoManyAndNoMore) {
  auto directory = there().directory;
  const auto add_applications = [&](std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i)
      directory.applications.push_back({"app-" + std::to_string(directory.applications.size()), "A", false});
  };
  add_applications(most_applications - 1);
  directory.applications.push_back({"gone", "A", true});
  upsert_directory wanted;
  wanted.applications = {{"one", "A"}};
  EXPECT_TRUE(plan_of(directory, wanted).ok());
  wanted.applications.push_back({"two", "A"});
  EXPECT_EQ(plan_of(directory, wanted).code(), errc::directory_full);
  add_applications(2);
  wanted.applications = {{"app-0", "Other"}};
  EXPECT_TRUE(plan_of(directory, wanted).ok()) << "what is there may be renamed";

  const existing_entity root = directory.entities.front();
  for (std::int64_t i = 1; i < most_entities; ++i)
    directory.entities.push_back(
        {numbered<account_id>(static_cast<std::uint32_t>(1'000 + i)),
         org("o" + std::to_string(i)),
         "o",
         root.account,
         false}
    );
  EXPECT_EQ(plan_of(directory, want({{org("more"), "x", tenant()}})).code(), errc::directory_full);
  directory.entities.back().deleted = true;
  EXPECT_TRUE(plan_of(directory, want({{org("more"), "x", tenant()}})).ok());
}

TEST(DirectoryPlanTest, OrderMeansNothing) {
  std::vector<wanted_entity> chain{{org("o0"), "x", tenant()}};
  for (int i = 1; i < 50; ++i)
    chain.push_back({org("o" + std::to_string(i)), "x", org("o" + std::to_string(i - 1))});
  std::mt19937 random(7);
  for (int round = 0; round < 20; ++round) {
    std::shuffle(chain.begin(), chain.end(), random);
    const auto plan = plan_of(there().directory, want(chain));
    ASSERT_TRUE(plan.ok()) << plan.why().detail;
    EXPECT_THAT(plan->created, SizeIs(50));
  }
}

TEST(DirectoryPlanTest, TwoMayChangePlacesButNotBeBelowEachOther) {
  const auto directory = there().with(org("a"), tenant()).with(org("b"), org("a")).directory;
  EXPECT_TRUE(plan_of(directory, want({{org("b"), "b", tenant()}, {org("a"), "a", org("b")}})).ok());
  const auto cycle = plan_of(directory, want({{org("a"), "a", org("b")}}));
  EXPECT_EQ(cycle.code(), errc::directory_cycle);
  EXPECT_THAT(cycle.why().detail, HasSubstr("organization/a"));
  EXPECT_EQ(plan_of(directory, want({{org("c"), "c", org("c")}})).code(), errc::directory_cycle);
  EXPECT_EQ(
      plan_of(
          directory, want({{org("c"), "c", org("d")}, {org("d"), "d", org("e")}, {org("e"), "e", org("c")}})
      ).code(),
      errc::directory_cycle
  );
}

TEST(DirectoryPlanTest, AParentMustBeThereAndOfTheRightKind) {
  const auto directory =
      there().with(org("a"), tenant()).with(loc("l"), org("a")).with(org("gone"), tenant(), true).directory;
  const wanted_entity bad[] = {
      {org("x"), "x", org("nowhere")},
      {org("x"), "x", org("gone")},
      {org("x"), "x", loc("l")},
      {loc("x"), "x", tenant()},
      {loc("x"), "x", loc("l")},
      {org("x"), "x", {entity_type::tenant, "another"}},
  };
  for (const auto& each : bad)
    EXPECT_EQ(plan_of(directory, want({each})).code(), errc::parent_unknown) << each.parent.id;
}

TEST(DirectoryPlanTest, AnIdThatWasUsedIsNeverUsedAgain) {
  auto directory = there().with(org("gone"), tenant(), true).directory;
  directory.applications.push_back({"crm", "CRM", true});
  EXPECT_EQ(plan_of(directory, want({{org("gone"), "x", tenant()}})).code(), errc::id_taken);
  upsert_directory application;
  application.applications.push_back({"crm", "CRM"});
  EXPECT_EQ(plan_of(directory, application).code(), errc::id_taken);
}

TEST(DirectoryPlanTest, ApplicationsAreComparedByName) {
  auto directory = there().directory;
  directory.applications = {{"crm", "CRM", false}, {"hr", "HR", false}};
  upsert_directory wanted;
  wanted.applications = {{"crm", "CRM"}, {"hr", "People"}, {"finance", "Finance"}};

  const auto plan = plan_of(directory, wanted);

  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->unchanged, 1);
  EXPECT_EQ(plan->updated_applications.at(0).id, "hr");
  EXPECT_EQ(plan->created_applications.at(0).id, "finance");
  EXPECT_THAT(plan->created, IsEmpty());
}

} // namespace
} // namespace tessera::test
