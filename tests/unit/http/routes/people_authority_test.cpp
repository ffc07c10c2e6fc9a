// What administrators may give to keys and users, whatever they are there.
#include "http/routes/directory/key_fields.hpp"
#include "http/routes/directory/user_authority.hpp"
#include "http/routes/directory/visible_access.hpp"
#include "tests/unit/domain/access_world.hpp"

#include <gtest/gtest.h>

namespace tessera::http {
namespace {

using test::access_world;

/// Callers over one snapshot.
class PeopleAuthorityTest : public testing::Test {
protected:
  PeopleAuthorityTest() {
    world->snapshot.users = {
        access_world::user(user_role::tenant_admin, {}),
        access_world::user(
            user_role::organization_admin, {world->member("org-a", entity_role::viewer)}, {"crm"}
        ),
        access_world::user(
            user_role::location_manager, {world->member("loc-a1", entity_role::viewer)}, {"crm"}
        ),
    };
  }
  caller as(std::size_t user) const {
    return {tenant(), authority::of(world->snapshot.users[user]), {}, caller::directory_age::any};
  }
  std::shared_ptr<const tenant_snapshot> tenant() const { return {world, &world->snapshot}; }

  std::string give(
      std::size_t user, std::vector<std::string> scopes, const char* at, const std::string& application
  ) const {
    const auto why = why_not_give(as(user), scopes, at ? world->at(at) : nullptr, application);
    return why ? std::string(why->code) : "";
  }
  assignment at(const char* id, entity_role role) const {
    return {world->at(id)->account, world->at(id)->ref(), role};
  }
  static user_view user_with(user_role role, std::vector<assignment> assignments) {
    user_view user;
    user.id = "usr-9";
    user.role = role;
    user.assignments = std::move(assignments);
    user.applications = {"crm"};
    return user;
  }
  errc
  edit(std::size_t user, const user_view& before, std::optional<user_role> role, std::vector<assignment> to) {
    tessera::edit_user command;
    command.role = role;
    command.assignments = std::move(to);
    return judge_edit(as(user), before, command).code;
  }

  static constexpr std::size_t tenant_admin = 0, organization_admin = 1, location_manager = 2;
  static constexpr auto viewer = entity_role::viewer;
  static constexpr auto editor = entity_role::editor;
  std::shared_ptr<access_world> world = std::make_shared<access_world>();
};

TEST_F(PeopleAuthorityTest, AKeyNeverExceedsItsCreator) {
  EXPECT_EQ(give(tenant_admin, {"directory:write", "audit:read"}, nullptr, ""), "");
  EXPECT_EQ(give(organization_admin, {"credits:allocate", "directory:write"}, "org-a", "crm"), "");
  EXPECT_EQ(give(organization_admin, {"credits:consume", "credits:reverse"}, "loc-a1", "crm"), "");
  EXPECT_EQ(give(organization_admin, {"invitations:read", "invitations:write"}, "org-a", "crm"), "");
  EXPECT_EQ(give(organization_admin, {"credits:read"}, nullptr, "crm"), "insufficient_role");
  EXPECT_EQ(give(organization_admin, {"credits:read"}, "org-b", "crm"), "entity_out_of_scope");
  EXPECT_EQ(give(organization_admin, {"credits:read"}, "acme", "crm"), "entity_out_of_scope");
  EXPECT_EQ(give(organization_admin, {"credits:read"}, "org-a", ""), "insufficient_role");
  EXPECT_EQ(give(organization_admin, {"credits:read"}, "org-a", "hr"), "application_forbidden");
  EXPECT_EQ(give(location_manager, {"credits:read"}, "loc-a1", "crm"), "insufficient_role");
}

TEST_F(PeopleAuthorityTest, AScopeThatNothingNeedsYetIsForThoseWhoHaveTheWholeTenant) {
  EXPECT_EQ(give(tenant_admin, {"audit:read"}, nullptr, ""), "");
  EXPECT_EQ(give(organization_admin, {"credits:read", "audit:read"}, "org-a", "crm"), "insufficient_role");
}

TEST_F(PeopleAuthorityTest, WhoCouldHaveMadeThemMayChangeThem) {
  const auto judge = [&](std::size_t user, const user_view& them) {
    return judge_present(as(user), them).code;
  };
  const auto theirs = user_with(user_role::user, {at("loc-a1", editor)});
  for (const auto each : {tenant_admin, organization_admin, location_manager})
    EXPECT_EQ(judge(each, theirs), errc::ok) << each;
  const auto beside = user_with(user_role::user, {at("loc-a1", viewer), at("loc-b", viewer)});
  EXPECT_EQ(judge(organization_admin, beside), errc::entity_out_of_scope);
  EXPECT_EQ(judge(tenant_admin, beside), errc::ok);
  const auto peer = user_with(user_role::organization_admin, {at("org-a1", viewer)});
  EXPECT_EQ(judge(organization_admin, peer), errc::insufficient_role);
  EXPECT_EQ(judge(location_manager, peer), errc::entity_out_of_scope);
  for (const auto role :
       {user_role::user, user_role::tenant_admin}) // who is nowhere is within nobody's reach
    EXPECT_EQ(judge(organization_admin, user_with(role, {})), errc::entity_out_of_scope);
  EXPECT_EQ(
      judge(organization_admin, user_with(user_role::user, {at("loc-b", viewer)})), errc::entity_out_of_scope
  );
}

TEST_F(PeopleAuthorityTest, OfSomebodysAccessTheyAreToldWhatIsTheirs) {
  auto them = user_with(user_role::user, {at("loc-a1", viewer), at("loc-b", viewer)});
  them.applications = {"crm", "hr"};
  const auto told = [&](std::size_t user, const char* word) {
    const auto body = word_user(them, visible_access_of(as(user))).body;
    return body.find("\"" + std::string(word) + "\"") != std::string::npos;
  };
  for (const auto* word : {"loc-a1", "crm"})
    EXPECT_TRUE(told(organization_admin, word)) << word;
  for (const auto* word : {"loc-b", "hr"}) {
    EXPECT_FALSE(told(organization_admin, word)) << word;
    EXPECT_TRUE(told(tenant_admin, word)) << word;
  }
}

TEST_F(PeopleAuthorityTest, ARefusalNamesNoPlaceThatTheCallerDoesNotSee) {
  const auto beside = user_with(user_role::user, {at("loc-a1", viewer), at("loc-b", viewer)});
  EXPECT_EQ(judge_present(as(organization_admin), beside), rejection(errc::entity_out_of_scope));
  tessera::edit_user command;
  command.role = user_role::location_manager;
  EXPECT_EQ(judge_edit(as(organization_admin), beside, command), rejection(errc::entity_out_of_scope));
}

/// What was made and given a moment ago is not in every snapshot yet.
TEST_F(PeopleAuthorityTest, ARoleIsChangedOfSomebodyWhoIsWhereTheSnapshotDoesNotReach) {
  auto them = user_with(
      user_role::user,
      {{test::account_numbered(77), {entity_type::location, "loc-new"}, viewer}, at("loc-a1", viewer)}
  );
  them.applications = {"crm", "new"};
  tessera::edit_user command;
  command.role = user_role::location_manager;
  EXPECT_EQ(judge_edit(as(tenant_admin), them, command), rejection());
  EXPECT_EQ(judge_edit(as(organization_admin), them, command).code, errc::entity_out_of_scope);
  command.role = user_role::organization_admin;
  EXPECT_EQ(judge_edit(as(tenant_admin), them, command).code, errc::invalid_assignments);
}

TEST_F(PeopleAuthorityTest, NobodyGivesMoreThanTheyHave) {
  const auto them = user_with(user_role::user, {at("loc-a1", viewer)});
  EXPECT_EQ(edit(organization_admin, them, user_role::location_manager, {at("loc-a1", editor)}), errc::ok);
  EXPECT_EQ(
      edit(organization_admin, them, user_role::organization_admin, {at("org-a", viewer)}),
      errc::insufficient_role
  );
  EXPECT_EQ(edit(organization_admin, them, {}, {at("loc-b", viewer)}), errc::entity_out_of_scope);
  EXPECT_EQ(
      edit(location_manager, them, user_role::location_manager, {at("loc-a1", viewer)}),
      errc::insufficient_role
  );
  EXPECT_EQ(edit(tenant_admin, them, user_role::tenant_admin, {}), errc::ok);
  EXPECT_EQ(edit(tenant_admin, them, {}, {}), errc::invalid_assignments) << "a user is somewhere";
  EXPECT_EQ(
      edit(tenant_admin, them, {}, {at("loc-b", viewer), at("loc-b", editor)}), errc::invalid_assignments
  );
  tessera::edit_user command;
  command.applications = {"crm", "hr"};
  EXPECT_EQ(judge_edit(as(organization_admin), them, command).code, errc::application_forbidden);
  command.applications = {"nothing"};
  EXPECT_EQ(judge_edit(as(tenant_admin), them, command).code, errc::application_unknown);
}

TEST_F(PeopleAuthorityTest, AStatusIsChangedWhateverTheRestComesTo) {
  tessera::edit_user command;
  command.active = false;
  EXPECT_EQ(judge_edit(as(tenant_admin), user_with(user_role::user, {}), command).code, errc::ok);
}

} // namespace
} // namespace tessera::http
