#include "actors/domain/starter_credits.hpp"
#include "tests/unit/domain/access_world.hpp"

#include <gtest/gtest.h>

namespace tessera::test {
namespace {

using namespace std::chrono_literals;
using enum user_role;
constexpr auto viewer = entity_role::viewer;

class StarterCreditsTest : public testing::Test {
protected:
  starter_credits from(std::string_view source, std::string_view receiver) const {
    const auto* one = world.at(source);
    const auto* other = world.at(receiver);
    return {one->account, one->ref(), other->account, other->ref(), credits{500}};
  }
  std::optional<starter_flaw>
  why_not(const authority& who, const starter_credits& wanted, std::string_view given = "loc-a1") const {
    const auto* place = world.at(given);
    return why_not_start(who, wanted, {user, {{place->account, place->ref(), viewer}}, {}}, world.snapshot);
  }
  api_key key(scope one, scope other) const {
    const auto scopes = static_cast<std::uint16_t>(one) | static_cast<std::uint16_t>(other);
    return {"key-1", static_cast<std::uint16_t>(scopes), world.at("org-a")->account, "crm", {}};
  }

  access_world world;
  directory_user org_admin = access_world::user(organization_admin, {world.member("org-a", viewer)}, {"crm"});
  directory_user manager = access_world::user(location_manager, {world.member("loc-a1", viewer)}, {"crm"});
};

TEST_F(StarterCreditsTest, ComeFromWhereTheInviterMayAllocate) {
  const auto who = authority::of(org_admin);
  EXPECT_EQ(why_not(who, from("org-a", "loc-a1")), std::nullopt);
  EXPECT_EQ(why_not(who, from("org-a1", "loc-a1")), std::nullopt);
  EXPECT_EQ(why_not(who, from("org-b", "loc-a1")), starter_flaw::source_out_of_scope);
  EXPECT_EQ(why_not(who, from("acme", "loc-a1")), starter_flaw::source_out_of_scope);
  EXPECT_EQ(why_not(authority::of(manager), from("org-a", "loc-a1")), starter_flaw::source_out_of_scope);
}

TEST_F(StarterCreditsTest, AKeyNeedsTheScopeToAllocateToo) {
  const auto invites = key(scope::invitations_write, scope::invitations_read);
  const auto allocates = key(scope::invitations_write, scope::credits_allocate);

  EXPECT_EQ(why_not(authority::of(invites), from("org-a", "loc-a1")), starter_flaw::not_allocatable);
  EXPECT_EQ(why_not(authority::of(allocates), from("org-a", "loc-a1")), std::nullopt);
}

TEST_F(StarterCreditsTest, GoDownTheTreeToAnEntityThatIsGiven) {
  const auto who = authority::of_operator();
  EXPECT_EQ(why_not(who, from("org-a", "loc-b"), "loc-b"), starter_flaw::not_in_subtree);
  EXPECT_EQ(why_not(who, from("loc-a1", "org-a"), "org-a"), starter_flaw::not_in_subtree);
  EXPECT_EQ(why_not(who, from("loc-a1", "loc-a1")), starter_flaw::not_in_subtree);
  EXPECT_EQ(why_not(who, from("acme", "org-a1")), starter_flaw::not_assigned);
  EXPECT_EQ(why_not(who, from("acme", "loc-a1")), std::nullopt);
}

TEST_F(StarterCreditsTest, AreHeldLongerThanTheInvitationLives) {
  const time_point end{1'000h};
  const auto until = held_until(end);

  EXPECT_EQ(until, end + 30 * 24h);
  EXPECT_EQ(latest_end(until, {}), end + 29 * 24h) << "a day is left for an account that is away";
  EXPECT_EQ(latest_end(until, end + 5h), end + 5h) << "no lot ends before the invitation";
  EXPECT_EQ(latest_end(until, end + 800h), end + 29 * 24h);
}

TEST_F(StarterCreditsTest, AShortageSaysWhatWouldDo) {
  balance_view source;
  source.as_of = time_point{10h};
  source.usable = credits{570};
  const auto add = [&source](int free, std::optional<time_point> end, const std::string& application = {}) {
    lot each;
    each.free = credits{free};
    each.expires_at = end;
    if (!application.empty()) each.applications = {application};
    source.lots.push_back(each);
  };
  add(30, {});
  add(25, time_point{100h});
  add(15, time_point{99h});
  add(500, {}, "crm");
  rejection why(errc::insufficient_credits);
  why.requested = credits{580};

  const auto told = shortage_of(why, source, time_point{100h});

  EXPECT_EQ(told.blocker, blocked_by::balance);
  EXPECT_EQ(told.requested, credits{580});
  EXPECT_EQ(told.available, credits{570});
  EXPECT_EQ(told.would_allow, credits{555}) << "what ends sooner would not do";
  source.now.debt = credits{1};
  EXPECT_EQ(shortage_of(why, source, time_point{100h}).blocker, blocked_by::debt);
  const auto frozen = shortage_of(errc::entity_frozen, source, time_point{100h});
  EXPECT_EQ(frozen.blocker, blocked_by::frozen);
  EXPECT_EQ(frozen.available, credits{570});
  EXPECT_EQ(frozen.would_allow, credits{0});
}

} // namespace
} // namespace tessera::test
