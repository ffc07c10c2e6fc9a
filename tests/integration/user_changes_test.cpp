// Users as people manage them, against a real PostgreSQL.
#include "tests/integration/directory_fixture.hpp"

namespace tessera::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class UserChangesTest : public DirectoryTest {
protected:
  UserChangesTest() {
    EXPECT_EQ(create(org("a"), root()), errc::ok);
    EXPECT_EQ(create(loc("l"), org("a")), errc::ok);
    for (const auto* id : {"crm", "hr"})
      change<application_created>(create_application{tenant.id, id, id});
    user("boss", user_role::tenant_admin);
    user("usr-1", user_role::user);
  }

  edit_user edit(const std::string& id) {
    edit_user command;
    command.tenant = tenant.id;
    command.id = id;
    return command;
  }
  errc run(edit_user command) { return change<user_view>(std::move(command)).code(); }
  errc expel(const std::string& id) {
    return change<user_removed>(remove_user{tenant.id, whole_tenant, id, {}, {}, {}}).code();
  }
  errc demote(const std::string& id) {
    auto command = edit(id);
    command.role = user_role::user;
    return run(command);
  }
  result<user_view> find(const std::string& id, const visible_part& part = whole_tenant) {
    return ask<user_view>(user_query{tenant.id, part, id});
  }
  assignment at(const entity_ref& ref, entity_role role) { return {account_of(ref), ref, role}; }
  time_point tokens_from(const std::string& id) {
    return owner
        .execute(
            "SELECT tokens_from FROM users WHERE tenant_id = $1 AND user_id = $2",
            pg::parameters().add(tenant.id).add(id),
            patience
        )
        .time(0, 0);
  }
  void sign_in(const std::string& id) {
    owner.execute(
        "INSERT INTO user_sessions (session_id, tenant_id, user_id) VALUES (gen_random_uuid(), $1, $2)",
        pg::parameters().add(tenant.id).add(id),
        patience
    );
  }
  void set_policies(const char* policies) {
    owner.execute(
        "UPDATE tenants SET policies = $2::text::jsonb WHERE tenant_id = $1",
        pg::parameters().add(tenant.id).add(policies),
        patience
    );
  }
  std::int64_t sessions() {
    return count("SELECT count(*) FROM user_sessions WHERE tenant_id = $1 AND ended_at IS NULL");
  }
};

TEST_F(UserChangesTest, AnEditReplacesWhatItNames) {
  auto command = edit("usr-1");
  command.role = user_role::location_manager;
  command.assignments = {at(loc("l"), entity_role::editor), at(org("a"), entity_role::viewer)};
  command.applications = {"hr", "crm"};
  const auto before = version();
  ASSERT_EQ(run(command), errc::ok);
  EXPECT_EQ(version(), before + 1) << "one change";
  auto after = find("usr-1");
  EXPECT_EQ(after->role, user_role::location_manager);
  EXPECT_THAT(
      after->assignments, ElementsAre(at(org("a"), entity_role::viewer), at(loc("l"), entity_role::editor))
  );
  EXPECT_THAT(after->applications, ElementsAre("crm", "hr"));
  EXPECT_EQ(after->version, 2);

  auto fewer = edit("usr-1");
  fewer.assignments = {at(loc("l"), entity_role::viewer)};
  ASSERT_EQ(run(fewer), errc::ok);
  after = find("usr-1");
  EXPECT_THAT(after->assignments, ElementsAre(at(loc("l"), entity_role::viewer)));
  EXPECT_THAT(after->applications, SizeIs(2)) << "was not named";
  EXPECT_EQ(run(fewer), errc::ok);
  EXPECT_EQ(find("usr-1")->version, 3) << "nothing to do";
}

TEST_F(UserChangesTest, WhatStaysKeepsTheInvitationThatGrantedIt) {
  auto command = edit("usr-1");
  command.assignments = {at(loc("l"), entity_role::viewer)};
  ASSERT_EQ(run(command), errc::ok);
  owner.execute(
      "UPDATE memberships SET invitation_id = 'inv-1' WHERE tenant_id = $1",
      pg::parameters().add(tenant.id),
      patience
  );
  command.assignments = {at(loc("l"), entity_role::editor), at(org("a"), entity_role::viewer)};
  ASSERT_EQ(run(command), errc::ok);
  EXPECT_EQ(
      count("SELECT count(*) FROM memberships WHERE tenant_id = $1 AND invitation_id = 'inv-1' AND "
            "entity_role = 2"),
      1
  );
}

TEST_F(UserChangesTest, GivesOnlyWhatIsThere) {
  auto command = edit("usr-1");
  command.applications = {"nothing"};
  EXPECT_EQ(run(command), errc::application_unknown);
  command = edit("usr-1");
  command.assignments = {at(loc("l"), entity_role::viewer)};
  ASSERT_EQ(remove(loc("l")), errc::ok);
  EXPECT_EQ(run(command), errc::entity_unknown);
  EXPECT_THAT(find("usr-1")->assignments, IsEmpty());
}

TEST_F(UserChangesTest, ANewRoleEndsTokensAndLeavingEndsSessions) {
  sign_in("usr-1");
  auto before = tokens_from("usr-1");
  auto command = edit("usr-1");
  command.applications = {"crm"};
  ASSERT_EQ(run(command), errc::ok);
  EXPECT_EQ(tokens_from("usr-1"), before);
  command = edit("usr-1");
  command.role = user_role::organization_admin;
  ASSERT_EQ(run(command), errc::ok);
  EXPECT_GT(tokens_from("usr-1"), before);
  EXPECT_EQ(sessions(), 1);
  before = tokens_from("usr-1");
  command = edit("usr-1");
  command.active = false;
  ASSERT_EQ(run(command), errc::ok);
  EXPECT_GT(tokens_from("usr-1"), before);
  EXPECT_EQ(sessions(), 0);
}

TEST_F(UserChangesTest, ATenantKeepsAnAdministrator) {
  EXPECT_EQ(demote("boss"), errc::last_tenant_admin);
  EXPECT_EQ(expel("boss"), errc::last_tenant_admin);
  auto disable = edit("boss");
  disable.active = false;
  EXPECT_EQ(run(disable), errc::last_tenant_admin);
  EXPECT_EQ(find("boss")->version, 1);
  user("second", user_role::tenant_admin);
  EXPECT_EQ(run(disable), errc::ok);
  EXPECT_EQ(expel("second"), errc::last_tenant_admin) << "one who is disabled does not count";
  EXPECT_EQ(expel("boss"), errc::ok);
}

TEST_F(UserChangesTest, TwoAdministratorsWhoGoAtOnce) {
  user("second", user_role::tenant_admin);
  for (int round = 0; round < 5; ++round) {
    auto one = std::async(std::launch::async, [&] { return patiently([&] { return demote("boss"); }); });
    auto two = std::async(std::launch::async, [&] { return patiently([&] { return demote("second"); }); });
    const errc answers[] = {one.get(), two.get()};
    EXPECT_THAT(answers, testing::UnorderedElementsAre(errc::ok, errc::last_tenant_admin));
    for (const auto* id : {"boss", "second"}) {
      auto promote = edit(id);
      promote.role = user_role::tenant_admin;
      ASSERT_EQ(run(promote), errc::ok);
    }
  }
}

TEST_F(UserChangesTest, TheCallerIsJudgedByTheUserAsTheyAre) {
  auto command = edit("boss");
  command.applications = {"crm"};
  command.judge = [](const user_view& before) {
    return before.role == user_role::tenant_admin ? rejection(errc::precondition_failed) : rejection();
  };
  EXPECT_EQ(run(command), errc::precondition_failed);
  command.id = "usr-1";
  EXPECT_EQ(run(command), errc::ok);
}

TEST_F(UserChangesTest, AreSeenByWhoSeesOneOfTheirPlaces) {
  auto command = edit("usr-1");
  command.assignments = {at(loc("l"), entity_role::viewer)};
  ASSERT_EQ(run(command), errc::ok);
  const visible_part below_a{false, {{account_of(org("a")), true}}};
  EXPECT_TRUE(find("usr-1", below_a).ok());
  EXPECT_EQ(find("boss", below_a).code(), errc::user_unknown);
  const auto list = [&](const visible_part& part, std::optional<user_role> role = {}) {
    return ask<user_page>(list_users{tenant.id, part, role, {}, 10, {}})->users;
  };
  EXPECT_THAT(list(whole_tenant), SizeIs(2));
  ASSERT_THAT(list(below_a), SizeIs(1));
  EXPECT_THAT(list(below_a)[0].assignments, SizeIs(1));
  EXPECT_THAT(list(whole_tenant, user_role::tenant_admin), SizeIs(1));
  const auto page = *ask<user_page>(list_users{tenant.id, whole_tenant, {}, true, 1, {}});
  EXPECT_TRUE(page.more);
  EXPECT_THAT(
      ask<user_page>(list_users{tenant.id, whole_tenant, {}, {}, 1, page.users[0].id})->users, SizeIs(1)
  );
}

TEST_F(UserChangesTest, ATenantMayAskForApprovalOfItsAdministrators) {
  set_policies(R"({"approveTenantAdmin":true})");
  auto promote = edit("usr-1");
  promote.role = user_role::tenant_admin;
  promote.origin.by = {principal_kind::user, "boss", {}};
  EXPECT_EQ(run(promote), errc::approval_required);
  EXPECT_EQ(find("usr-1")->role, user_role::user);
  auto other = promote;
  other.role = user_role::organization_admin;
  EXPECT_EQ(run(other), errc::ok);
  auto present = edit("boss");
  present.applications = {"crm"};
  present.origin.by = promote.origin.by;
  EXPECT_EQ(run(present), errc::ok) << "who is one stays one";
  promote.origin.by.kind = principal_kind::operator_key;
  EXPECT_EQ(run(promote), errc::ok);
}

TEST_F(UserChangesTest, WhoComesBackNeedsASeat) {
  auto leave = edit("usr-1");
  leave.active = false;
  auto back = edit("usr-1");
  back.active = true;
  ASSERT_EQ(run(leave), errc::ok);
  set_policies(R"({"seatLimit":1})");
  EXPECT_EQ(run(back), errc::seat_limit_reached);
  EXPECT_FALSE(find("usr-1")->active);
  auto stay = edit("boss");
  stay.active = true;
  stay.applications = {"crm"};
  EXPECT_EQ(run(stay), errc::ok) << "has one";
  set_policies(R"({"seatLimit":2})");
  EXPECT_EQ(run(back), errc::ok);
  EXPECT_EQ(run(leave), errc::ok);
  set_policies("{}");
  EXPECT_EQ(run(back), errc::ok) << "there is no limit";
}

TEST_F(UserChangesTest, WhatWasToldOfThemGoesWithThem) {
  const auto tell = [&](const std::string& id) {
    auto command = edit(id);
    command.applications = {"crm"};
    return ask<kept_answer>(repeatable<edit_user, user_view>{
        command, a_key(fresh_number()), [](const user_view& user) {
          return kept_answer{200, user.email, {}, false, user.id};
        }});
  };
  ASSERT_TRUE(tell("usr-1").ok());
  ASSERT_TRUE(tell("boss").ok());
  ASSERT_EQ(expel("usr-1"), errc::ok);
  EXPECT_EQ(count("SELECT count(*) FROM idempotency_answers WHERE tenant_id = $1 AND body LIKE 'usr-1%'"), 0);
  EXPECT_EQ(count("SELECT count(*) FROM idempotency_answers WHERE tenant_id = $1"), 1);
}

/// Their version is that of all that is shown of them: an edit that has not seen it is stale.
TEST_F(UserChangesTest, TheVersionRisesWithWhatIsTakenFromThem) {
  auto command = edit("usr-1");
  command.assignments = {at(loc("l"), entity_role::viewer), at(org("a"), entity_role::viewer)};
  command.applications = {"crm"};
  ASSERT_EQ(run(command), errc::ok);
  const auto others = find("boss")->version;
  EXPECT_EQ(find("usr-1")->version, 2);
  ASSERT_EQ(remove(loc("l")), errc::ok);
  EXPECT_EQ(find("usr-1")->version, 3);
  ASSERT_TRUE(change<application_deleted>(delete_application{tenant.id, "crm", {}, {}}).ok());
  EXPECT_EQ(find("usr-1")->version, 4);
  const auto verify = [&] {
    owner.execute(
        "UPDATE users SET email_verified_at = coalesce(email_verified_at, clock_timestamp())"
        " WHERE tenant_id = $1 AND user_id = 'usr-1'",
        pg::parameters().add(tenant.id),
        patience
    );
  };
  verify();
  EXPECT_EQ(find("usr-1")->version, 5);
  verify();
  EXPECT_EQ(find("usr-1")->version, 5) << "it was";
  EXPECT_EQ(find("boss")->version, others);
  auto stale = edit("usr-1");
  stale.active = false;
  stale.only_versions = std::vector<std::int64_t>{2};
  EXPECT_EQ(run(stale), errc::precondition_failed);
}

TEST_F(UserChangesTest, WhoWasRemovedLeavesTheirAddressToOthers) {
  EXPECT_EQ(expel("usr-1"), errc::ok);
  EXPECT_EQ(expel("usr-1"), errc::user_unknown);
  new_user again;
  again.id = "usr-2";
  again.email = again.email_key = "usr-1@example.com";
  const auto make = [&](auto& in) { return persistence::create_user(in, tenant.id, again); };
  EXPECT_EQ(in_transaction(api, tenant.id, make), errc::ok);
  again.id = "usr-3";
  EXPECT_EQ(in_transaction(api, tenant.id, make), errc::id_taken);
}

} // namespace
} // namespace tessera::test
