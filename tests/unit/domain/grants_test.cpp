#include "tests/unit/domain/access_world.hpp"

#include <gtest/gtest.h>

namespace tessera::test {

namespace {

constexpr auto viewer = entity_role::viewer;
constexpr auto editor = entity_role::editor;
constexpr user_role all_roles[] = {
    user_role::user, user_role::location_manager, user_role::organization_admin, user_role::tenant_admin};

class GrantsTest : public testing::Test {
protected:
  grant
  of(user_role role,
     std::vector<std::pair<const char*, entity_role>> assignments,
     std::vector<std::string> applications = {}) const {
    grant made{role, {}, std::move(applications)};
    for (const auto& [id, entity_role] : assignments)
      made.assignments.push_back({world.at(id), entity_role});
    return made;
  }
  /// A flaw and its place, or nothing: `flaw/place`.
  static std::string told(const std::optional<grant_refusal>& why) {
    return why ? std::to_string(static_cast<int>(why->flaw)) + "/" + std::to_string(why->at) : "";
  }
  static std::string told(grant_flaw flaw, std::size_t at = 0) { return told(grant_refusal{flaw, at}); }
  std::string refused(const directory_user& granter, const grant& wanted) const {
    return told(why_not_grant(authority::of(granter), wanted, world.snapshot));
  }
  std::string incoherent(const grant& wanted) const { return told(why_not_coherent(wanted, world.snapshot)); }

  access_world world;
  directory_user tenant_admin = access_world::user(user_role::tenant_admin, {});
  directory_user organization_admin =
      access_world::user(user_role::organization_admin, {world.member("org-a", viewer)}, {"crm"});
  directory_user location_manager =
      access_world::user(user_role::location_manager, {world.member("loc-a1", viewer)}, {"crm"});
  directory_user editor_of_a = access_world::user(user_role::user, {world.member("org-a", editor)}, {"crm"});
};

/// R-I 3.4: the table of who invites whom.
TEST_F(GrantsTest, RolesAreGivenDownwards) {
  const auto given_by = [&](const directory_user& granter) {
    std::string roles;
    for (const auto role : all_roles)
      roles += refused(granter, {role, {}, {}}) == told(grant_flaw::role_not_grantable) ? '-' : 'y';
    return roles;
  };
  EXPECT_EQ(given_by(tenant_admin), "yyyy");
  EXPECT_EQ(given_by(organization_admin), "yy--");
  EXPECT_EQ(given_by(location_manager), "y---");
  EXPECT_EQ(given_by(editor_of_a), "----");
  world.snapshot.policies.peer_org_admins = true;
  EXPECT_EQ(given_by(organization_admin), "yyy-");
  EXPECT_EQ(given_by(location_manager), "y---");
}

TEST_F(GrantsTest, TheOperatorGivesAllAndAKeyNothing) {
  const api_key key{"key-1", 0xffff, {}, "", {}};
  for (const auto role : all_roles) {
    EXPECT_EQ(told(why_not_grant(authority::of_operator(), {role, {}, {"hr"}}, world.snapshot)), "");
    EXPECT_EQ(
        told(why_not_grant(authority::of(key), {role, {}, {}}, world.snapshot)),
        told(grant_flaw::role_not_grantable)
    );
  }
}

TEST_F(GrantsTest, NobodyGivesBeyondTheirReach) {
  const auto out_of_scope = [](std::size_t at) { return told(grant_flaw::entity_out_of_scope, at); };

  EXPECT_EQ(refused(organization_admin, of(user_role::user, {{"loc-a1", editor}, {"org-a", editor}})), "");
  EXPECT_EQ(
      refused(organization_admin, of(user_role::user, {{"org-a", viewer}, {"org-b", viewer}})),
      out_of_scope(1)
  );
  EXPECT_EQ(refused(organization_admin, of(user_role::user, {{"acme", viewer}})), out_of_scope(0));
  EXPECT_EQ(refused(location_manager, of(user_role::user, {{"loc-a1", editor}})), "");
  EXPECT_EQ(refused(location_manager, of(user_role::user, {{"org-a1", viewer}})), out_of_scope(0));
  EXPECT_EQ(
      refused(tenant_admin, of(user_role::organization_admin, {{"org-b", editor}, {"acme", editor}})), ""
  );
}

/// To be assigned somewhere is not to administer it.
TEST_F(GrantsTest, AMembershipGivesNothingOn) {
  organization_admin.memberships.push_back(world.member("loc-b", editor));
  EXPECT_EQ(
      refused(organization_admin, of(user_role::user, {{"loc-b", viewer}})),
      told(grant_flaw::entity_out_of_scope)
  );
}

TEST_F(GrantsTest, ApplicationsAreTheGrantersOwn) {
  EXPECT_EQ(refused(organization_admin, of(user_role::user, {{"org-a", viewer}}, {"crm"})), "");
  EXPECT_EQ(
      refused(organization_admin, of(user_role::user, {{"org-a", viewer}}, {"crm", "hr"})),
      told(grant_flaw::application_forbidden, 1)
  );
  EXPECT_EQ(refused(tenant_admin, of(user_role::user, {{"org-a", viewer}}, {"crm", "hr"})), "");
}

/// Whatever is given, whoever has it then may nothing that the granter may not (R-I 3.4 rule 9).
TEST_F(GrantsTest, NobodyGivesMoreThanTheyHave) {
  world.snapshot.policies.peer_org_admins = true;
  int given = 0;
  for (const auto* granter : {&tenant_admin, &organization_admin, &location_manager, &editor_of_a})
    for (const auto role : all_roles)
      for (const auto& place : world.snapshot.tree.all())
        for (const auto entity_role : {viewer, editor}) {
          const grant wanted{role, {{&place, entity_role}}, {}};
          if (why_not_grant(authority::of(*granter), wanted, world.snapshot)) continue;
          ++given;
          const auto made = access_world::user(role, {{place.account, entity_role}});
          for (const auto what : all_acts())
            for (const auto& anywhere : world.snapshot.tree.all())
              if (may(authority::of(made), what, world.snapshot, &anywhere) == verdict::allowed) {
                EXPECT_EQ(may(authority::of(*granter), what, world.snapshot, &anywhere), verdict::allowed);
              }
        }
  EXPECT_EQ(given, 4 * 6 * 2 + 3 * 3 * 2 + 1 * 1 * 2);
}

TEST_F(GrantsTest, CoherenceOfAGrant) {
  EXPECT_EQ(incoherent(of(user_role::tenant_admin, {})), "");
  EXPECT_EQ(incoherent(of(user_role::organization_admin, {{"org-a", viewer}})), "");
  EXPECT_EQ(
      incoherent(of(user_role::organization_admin, {{"loc-b", editor}})),
      told(grant_flaw::organization_required)
  );
  EXPECT_EQ(incoherent(of(user_role::location_manager, {{"loc-b", editor}, {"org-a", viewer}})), "");
  EXPECT_EQ(
      incoherent(of(user_role::location_manager, {{"org-a", viewer}})), told(grant_flaw::location_required)
  );
  EXPECT_EQ(
      incoherent(of(user_role::location_manager, {{"loc-b", editor}, {"org-a", editor}})),
      told(grant_flaw::organization_above_viewer, 1)
  );
  EXPECT_EQ(incoherent(of(user_role::user, {})), told(grant_flaw::assignment_required));
  EXPECT_EQ(
      incoherent(of(user_role::user, {{"org-a", viewer}, {"loc-b", viewer}, {"org-a", editor}})),
      told(grant_flaw::duplicate_assignment, 2)
  );
  EXPECT_EQ(
      incoherent(of(user_role::user, {{"org-a", viewer}}, {"crm", "erp"})),
      told(grant_flaw::unknown_application, 1)
  );
  const std::vector<std::pair<const char*, entity_role>> many(101, {"org-a", viewer});
  EXPECT_EQ(incoherent(of(user_role::user, many)), told(grant_flaw::too_many_assignments));
  world.snapshot.policies.floating_users = true;
  EXPECT_EQ(incoherent(of(user_role::user, {})), "");
}

} // namespace

} // namespace tessera::test
