#include "actors/domain/invitation_authority.hpp"
#include "tests/unit/domain/access_world.hpp"

#include <gtest/gtest.h>

#include <string>

namespace tessera::test {
namespace {

using enum user_role;
constexpr auto viewer = entity_role::viewer;
constexpr auto editor = entity_role::editor;

class InvitationAuthorityTest : public testing::Test {
protected:
  grant at(std::string_view id, user_role role, entity_role there = viewer) const {
    return {role, {{world.at(id), there}}, {}};
  }
  invitation_grant given_at(std::string_view id) const {
    return {user, {{world.at(id)->account, world.at(id)->ref(), viewer}}, {}};
  }
  bool may(const directory_user& who, const grant& wanted) const {
    return !why_not_grantable(authority::of(who), wanted, world.snapshot);
  }

  access_world world;
  directory_user tenant_admin_ = access_world::user(tenant_admin, {});
  directory_user org_admin = access_world::user(organization_admin, {world.member("org-a", viewer)}, {"crm"});
  directory_user manager = access_world::user(location_manager, {world.member("loc-a1", viewer)}, {"crm"});
  directory_user plain = access_world::user(user, {world.member("org-a", editor)}, {"crm"});
  api_key key{
      "key-1", static_cast<std::uint16_t>(scope::invitations_write), world.at("org-a")->account, "crm", {}};
};

TEST_F(InvitationAuthorityTest, W01FollowsTheMatrixOfRoles) {
  const auto everything = [&](user_role role) { return grant{role, {}, {}}; };
  EXPECT_TRUE(may(tenant_admin_, everything(tenant_admin)));
  EXPECT_TRUE(may(tenant_admin_, at("org-b", organization_admin)));
  EXPECT_TRUE(may(tenant_admin_, at("loc-b", location_manager)));
  EXPECT_TRUE(may(tenant_admin_, at("loc-b", user, editor)));

  EXPECT_FALSE(may(org_admin, everything(tenant_admin)));
  EXPECT_FALSE(may(org_admin, at("org-a1", organization_admin)));
  EXPECT_TRUE(may(org_admin, at("loc-a1", location_manager)));
  EXPECT_TRUE(may(org_admin, at("org-a1", user, editor)));
  EXPECT_FALSE(may(org_admin, at("org-b", user)));

  EXPECT_FALSE(may(manager, at("loc-a1", location_manager)));
  EXPECT_TRUE(may(manager, at("loc-a1", user, editor)));
  EXPECT_FALSE(may(manager, at("org-a", user)));

  EXPECT_FALSE(may(plain, at("org-a", user)));
}

TEST_F(InvitationAuthorityTest, AnOrganizationAdminInvitesPeersWhereThePolicySaysSo) {
  world.snapshot.policies.peer_org_admins = true;

  EXPECT_TRUE(may(org_admin, at("org-a1", organization_admin)));
  EXPECT_FALSE(may(org_admin, at("org-b", organization_admin)));
}

TEST_F(InvitationAuthorityTest, AKeyInvitesPlainUsersIntoWhatItIsBoundTo) {
  const auto why = [&](const grant& wanted) {
    return why_not_grantable(authority::of(key), wanted, world.snapshot);
  };
  EXPECT_EQ(why(at("loc-a1", user)), std::nullopt);
  EXPECT_EQ(why(at("loc-a1", location_manager))->flaw, grant_flaw::role_not_grantable);
  EXPECT_EQ(why(at("loc-b", user))->flaw, grant_flaw::entity_out_of_scope);
  auto foreign = at("loc-a1", user);
  foreign.applications = {"hr"};
  EXPECT_EQ(why(foreign)->flaw, grant_flaw::application_forbidden);
}

TEST_F(InvitationAuthorityTest, AKeyInvitesEditorsWhereItMaySpend) {
  const auto wanted = at("loc-a1", user, editor);
  EXPECT_EQ(why_not_grantable(authority::of(key), wanted, world.snapshot)->flaw, grant_flaw::exceeds_granter);

  key.scopes = static_cast<std::uint16_t>(key.scopes | static_cast<std::uint16_t>(scope::credits_consume));
  EXPECT_EQ(why_not_grantable(authority::of(key), wanted, world.snapshot), std::nullopt);
}

TEST_F(InvitationAuthorityTest, NobodyGivesAnApplicationThatIsNotTheirs) {
  auto wanted = at("loc-a1", user);
  wanted.applications = {"crm", "hr"};

  EXPECT_EQ(
      why_not_grantable(authority::of(org_admin), wanted, world.snapshot),
      (grant_refusal{grant_flaw::application_forbidden, 1})
  );
  EXPECT_TRUE(may(tenant_admin_, wanted));
}

TEST_F(InvitationAuthorityTest, W06InvitationsAreSeenByWhomeverCoversAllOfThemOrMadeThem) {
  const principal somebody{principal_kind::user, "usr-9", {}};
  const auto sees = [&](const directory_user& who, const invitation_grant& grants, const principal& by) {
    return may_see(authority::of(who), grants, by, world.snapshot);
  };
  auto both = given_at("loc-a1");
  both.assignments.push_back(given_at("org-b").assignments.front());

  EXPECT_TRUE(sees(tenant_admin_, both, somebody));
  EXPECT_TRUE(sees(org_admin, given_at("loc-a1"), somebody));
  EXPECT_FALSE(sees(org_admin, both, somebody));
  EXPECT_FALSE(sees(org_admin, given_at("loc-b"), somebody));
  EXPECT_FALSE(sees(org_admin, {tenant_admin, {}, {}}, somebody));
  EXPECT_TRUE(sees(org_admin, both, {principal_kind::user, "usr-1", {}}));
  EXPECT_FALSE(sees(org_admin, both, {principal_kind::api_key, "usr-1", {}}));
}

TEST_F(InvitationAuthorityTest, WhoeverInvitedManagesItAsLongAsTheyMayInvite) {
  const principal own{principal_kind::user, "usr-1", {}};
  const auto manages = [&](const directory_user& who) {
    return may_manage(authority::of(who), given_at("loc-b"), own, world.snapshot);
  };
  EXPECT_TRUE(manages(org_admin));
  EXPECT_FALSE(manages(plain));
}

TEST_F(InvitationAuthorityTest, AnInvitationIsForTheApplicationsThatItGives) {
  EXPECT_TRUE(is_for_application({user, {}, {}}, "hr"));
  EXPECT_TRUE(is_for_application({user, {}, {"crm"}}, "crm"));
  EXPECT_FALSE(is_for_application({user, {}, {"crm"}}, "hr"));
}

} // namespace
} // namespace tessera::test
