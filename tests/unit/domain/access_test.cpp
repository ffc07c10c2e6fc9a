#include "actors/domain/access.hpp"
#include "tests/unit/domain/access_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace tessera::test {

namespace {

using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr auto viewer = entity_role::viewer;
constexpr auto editor = entity_role::editor;

// y: allowed, f: forbidden, o: out of scope; where: at no entity, acme, org-a, org-a1, loc-a1, org-b, loc-b
constexpr const char* places[] = {"", "acme", "org-a", "org-a1", "loc-a1", "org-b", "loc-b"};
constexpr const char* everywhere = "yyyyyyy";
constexpr const char* nowhere = "fffffff";
constexpr const char* below_a = "yoyyyoo";     // at org-a and below
constexpr const char* not_below_a = "fofffoo"; // forbidden there
constexpr const char* at_a = "yoyoooo";        // at org-a alone
constexpr const char* not_at_a = "fofoooo";
constexpr const char* at_loc_a1 = "yoooyoo";
constexpr const char* not_at_loc_a1 = "fooofoo";
constexpr const char* of_none = "yoooooo"; // what needs no entity
constexpr const char* none_of_none = "foooooo";

struct expectation {
  act what;
  const char* key;       // with all scopes
  const char* bound_key; // likewise, bound to org-a
  const char* by_operator;
  const char* tenant_admin;
  const char* organization_admin; // of org-a
  const char* location_manager;   // of loc-a1
  const char* editor;             // of org-a, without an admin role
  const char* viewer;             // likewise
  const char* assigned_to_nothing;
};

// clang-format off
const expectation table[] = {
    {act::read_balance,     everywhere, below_a, everywhere, everywhere, below_a, at_loc_a1, at_a, at_a, none_of_none},
    {act::read_ledger,      everywhere, below_a, everywhere, everywhere, below_a, at_loc_a1, at_a, at_a, none_of_none},
    {act::spend,            everywhere, below_a, nowhere, everywhere, below_a, at_loc_a1, at_a, not_at_a, none_of_none},
    {act::purchase,         everywhere, below_a, everywhere, everywhere, below_a, at_loc_a1, not_at_a, not_at_a, none_of_none},
    {act::allocate,         everywhere, below_a, everywhere, everywhere, below_a, not_at_loc_a1, not_at_a, not_at_a, none_of_none},
    {act::give_back,        everywhere, below_a, everywhere, everywhere, below_a, at_loc_a1, not_at_a, not_at_a, none_of_none},
    {act::freeze,           nowhere, nowhere, everywhere, everywhere, below_a, not_at_loc_a1, not_at_a, not_at_a, none_of_none},
    {act::hold,             everywhere, below_a, nowhere, everywhere, below_a, at_loc_a1, at_a, not_at_a, none_of_none},
    {act::settle_holds,     nowhere, nowhere, everywhere, everywhere, below_a, at_loc_a1, not_at_a, not_at_a, none_of_none},
    {act::reverse,          everywhere, below_a, everywhere, everywhere, below_a, at_loc_a1, at_a, not_at_a, none_of_none},
    {act::reverse_for_others, nowhere, nowhere, everywhere, everywhere, below_a, at_loc_a1, not_at_a, not_at_a, none_of_none},
    {act::grant,            nowhere, nowhere, everywhere, nowhere, nowhere, nowhere, nowhere, nowhere, nowhere},
    {act::read_packages,    everywhere, below_a, everywhere, everywhere, below_a, at_loc_a1, "yofoooo", "yofoooo", of_none},
    {act::edit_packages,    nowhere, nowhere, everywhere, nowhere, nowhere, nowhere, nowhere, nowhere, nowhere},
    {act::read_directory,   everywhere, below_a, everywhere, everywhere, below_a, at_loc_a1, at_a, at_a, none_of_none},
    {act::edit_directory,   everywhere, below_a, everywhere, everywhere, below_a, not_at_loc_a1, not_at_a, not_at_a, none_of_none},
    {act::read_applications, everywhere, below_a, everywhere, everywhere, below_a, at_loc_a1, "yofoooo", "yofoooo", of_none},
    {act::edit_applications, everywhere, below_a, everywhere, everywhere, not_below_a, not_at_loc_a1, not_at_a, not_at_a, none_of_none},
    {act::read_users,       everywhere, below_a, everywhere, everywhere, below_a, at_loc_a1, not_at_a, not_at_a, none_of_none},
    {act::manage_users,     nowhere, nowhere, everywhere, everywhere, below_a, at_loc_a1, not_at_a, not_at_a, none_of_none},
    {act::manage_keys,      nowhere, nowhere, everywhere, everywhere, below_a, not_at_loc_a1, not_at_a, not_at_a, none_of_none},
    {act::read_invitations, everywhere, below_a, everywhere, everywhere, below_a, at_loc_a1, not_at_a, not_at_a, none_of_none},
    {act::invite,           everywhere, below_a, everywhere, everywhere, below_a, at_loc_a1, not_at_a, not_at_a, none_of_none},
    {act::read_tenant,      everywhere, below_a, everywhere, everywhere, below_a, at_loc_a1, "yofoooo", "yofoooo", of_none},
    {act::edit_tenant,      nowhere, nowhere, everywhere, everywhere, not_below_a, not_at_loc_a1, not_at_a, not_at_a, none_of_none},
    {act::manage_tenants,   nowhere, nowhere, everywhere, nowhere, not_below_a, not_at_loc_a1, not_at_a, not_at_a, none_of_none},
    {act::read_self,        nowhere, nowhere, nowhere, everywhere, below_a, at_loc_a1, "yofoooo", "yofoooo", of_none},
    {act::refund,           nowhere, nowhere, everywhere, nowhere, nowhere, nowhere, nowhere, nowhere, nowhere},
    {act::settle_purchases,   nowhere, nowhere, everywhere, nowhere, not_below_a, not_at_loc_a1, not_at_a, not_at_a, none_of_none},
};
// clang-format on

class AccessTest : public testing::Test {
protected:
  std::string judged(const authority& who, act what) const {
    std::string letters;
    for (const auto* place : places) {
      const auto told = may(who, what, world.snapshot, world.at(place));
      letters += told == verdict::allowed ? 'y' : told == verdict::forbidden ? 'f' : 'o';
    }
    return letters;
  }

  access_world world;
  api_key key{"key-1", 0xffff, {}, "", {}};
  api_key bound_key{"key-2", 0xffff, world.at("org-a")->account, "", {}};
  api_key no_scope{"key-3", 0, {}, "", {}};
  directory_user tenant_admin = access_world::user(user_role::tenant_admin, {});
  directory_user organization_admin =
      access_world::user(user_role::organization_admin, {world.member("org-a", viewer)}, {"crm"});
  directory_user location_manager =
      access_world::user(user_role::location_manager, {world.member("loc-a1", viewer)}, {"crm"});
  directory_user editor_of_a = access_world::user(user_role::user, {world.member("org-a", editor)});
  directory_user viewer_of_a = access_world::user(user_role::user, {world.member("org-a", viewer)});
  directory_user of_nothing = access_world::user(user_role::user, {});
};

TEST_F(AccessTest, EveryRoleActAndPlace) {
  auto acts = all_acts();
  for (const auto& row : table) {
    SCOPED_TRACE("act " + std::to_string(static_cast<int>(row.what)));
    std::erase(acts, row.what);
    EXPECT_EQ(judged(authority::of(key), row.what), row.key);
    EXPECT_EQ(judged(authority::of(bound_key), row.what), row.bound_key);
    EXPECT_EQ(judged(authority::of(no_scope), row.what), nowhere);
    EXPECT_EQ(judged(authority::of_operator(), row.what), row.by_operator);
    EXPECT_EQ(judged(authority::of(tenant_admin), row.what), row.tenant_admin);
    EXPECT_EQ(judged(authority::of(organization_admin), row.what), row.organization_admin);
    EXPECT_EQ(judged(authority::of(location_manager), row.what), row.location_manager);
    EXPECT_EQ(judged(authority::of(editor_of_a), row.what), row.editor);
    EXPECT_EQ(judged(authority::of(viewer_of_a), row.what), row.viewer);
    EXPECT_EQ(judged(authority::of(of_nothing), row.what), row.assigned_to_nothing);
  }
  EXPECT_THAT(acts, IsEmpty()) << "without a row";
}

TEST_F(AccessTest, AKeyNeedsTheScopeOfTheAct) {
  for (const auto what : all_acts())
    for (const auto one : all_scopes()) {
      const api_key with_one{"key-4", static_cast<std::uint16_t>(one), {}, "", {}};
      EXPECT_EQ(
          may(authority::of(with_one), what, world.snapshot, nullptr) == verdict::allowed,
          scope_of(what) == one
      );
    }
}

TEST_F(AccessTest, PackagesAreTheTenantsWhereItsPolicySaysSo) {
  world.snapshot.policies.manages_credits = true;

  EXPECT_EQ(judged(authority::of(tenant_admin), act::edit_packages), everywhere);
  EXPECT_EQ(judged(authority::of(organization_admin), act::edit_packages), not_below_a);
  EXPECT_EQ(judged(authority::of(key), act::edit_packages), nowhere);
}

/// A location does not become an organisation_admin's by being assigned, nor an organisation a manager's.
TEST_F(AccessTest, AnAdminRoleReachesItsOwnKindOnly) {
  const auto admin = access_world::user(user_role::organization_admin, {world.member("loc-b", editor)});
  const auto manager = access_world::user(user_role::location_manager, {world.member("org-b", viewer)});

  EXPECT_EQ(judged(authority::of(admin), act::purchase), "yooooof");
  EXPECT_EQ(judged(authority::of(admin), act::spend), "yoooooy");
  EXPECT_EQ(judged(authority::of(manager), act::purchase), "yoooofo");
  EXPECT_EQ(judged(authority::of(manager), act::read_balance), "yooooyo");
}

TEST_F(AccessTest, ApplicationsAreTheCallersOwn) {
  const api_key of_crm{"key-5", 0xffff, {}, "crm", {}};

  EXPECT_TRUE(may_use(authority::of(of_crm), "crm"));
  EXPECT_FALSE(may_use(authority::of(of_crm), "hr"));
  EXPECT_TRUE(may_use(authority::of(key), "hr"));
  EXPECT_TRUE(may_use(authority::of(organization_admin), "crm"));
  EXPECT_FALSE(may_use(authority::of(organization_admin), "hr"));
  EXPECT_TRUE(may_use(authority::of(tenant_admin), "hr"));
  EXPECT_TRUE(may_use(authority::of_operator(), "hr"));
}

TEST_F(AccessTest, ReachHasNothingTwice) {
  const auto account = [&](const char* id) { return world.at(id)->account; };
  const auto reached = [&](const authority& who) { return reach_of(who, act::read_ledger, world.snapshot); };
  const auto admin = access_world::user(
      user_role::organization_admin,
      {world.member("org-a1", viewer),
       world.member("org-a", viewer),
       world.member("loc-a1", editor),
       world.member("loc-b", viewer)}
  );

  EXPECT_TRUE(reached(authority::of(key)).whole);
  EXPECT_TRUE(reached(authority::of(tenant_admin)).whole);
  EXPECT_TRUE(reached(authority::of_operator()).whole);
  EXPECT_THAT(
      reached(authority::of(bound_key)).parts, UnorderedElementsAre(tree_part{account("org-a"), true})
  );
  EXPECT_THAT(reached(authority::of(no_scope)).parts, IsEmpty());
  EXPECT_THAT(
      reached(authority::of(admin)).parts,
      UnorderedElementsAre(tree_part{account("org-a"), true}, tree_part{account("loc-b"), false})
  );
  EXPECT_THAT(
      reached(authority::of(viewer_of_a)).parts, UnorderedElementsAre(tree_part{account("org-a"), false})
  );
  EXPECT_THAT(reach_of(authority::of(viewer_of_a), act::spend, world.snapshot).parts, IsEmpty())
      << "a viewer spends nowhere";
  EXPECT_THAT(reached(authority::of(of_nothing)).parts, IsEmpty());
}

/// What reach says of a place is what `may` says.
TEST_F(AccessTest, ReachAgreesWithMay) {
  for (const auto* user :
       {&tenant_admin, &organization_admin, &location_manager, &editor_of_a, &viewer_of_a, &of_nothing})
    for (const auto what :
         {act::read_balance, act::read_ledger, act::spend, act::purchase, act::allocate, act::manage_keys})
      for (const auto& place : world.snapshot.tree.all()) {
        const auto who = authority::of(*user);
        EXPECT_EQ(
            reach_of(who, what, world.snapshot).includes(world.snapshot, place),
            may(who, what, world.snapshot, &place) == verdict::allowed
        ) << static_cast<int>(user->role)
          << ' ' << static_cast<int>(what) << ' ' << place.id;
      }
}

TEST_F(AccessTest, BelowAPlaceThereIsOnlyWhatTheCallerReaches) {
  const auto below = [&](const directory_user& who, const char* place) {
    return reach_below(authority::of(who), act::read_ledger, world.snapshot, *world.at(place)).parts;
  };
  const auto scattered = access_world::user(
      user_role::user,
      {world.member("acme", viewer), world.member("loc-a1", viewer), world.member("org-b", viewer)}
  );
  const auto account = [&](const char* id) { return world.at(id)->account; };

  EXPECT_THAT(below(tenant_admin, "org-a"), UnorderedElementsAre(tree_part{account("org-a"), true}));
  EXPECT_THAT(below(organization_admin, "org-a1"), UnorderedElementsAre(tree_part{account("org-a1"), true}));
  EXPECT_THAT(below(organization_admin, "acme"), UnorderedElementsAre(tree_part{account("org-a"), true}));
  EXPECT_THAT(below(scattered, "org-a"), UnorderedElementsAre(tree_part{account("loc-a1"), false}));
  EXPECT_THAT(
      below(scattered, "acme"),
      UnorderedElementsAre(
          tree_part{account("acme"), false},
          tree_part{account("loc-a1"), false},
          tree_part{account("org-b"), false}
      )
  );
  EXPECT_THAT(below(viewer_of_a, "org-b"), IsEmpty());
}

} // namespace

} // namespace tessera::test
