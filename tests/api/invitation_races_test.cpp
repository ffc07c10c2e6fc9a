// Who comes second finds what the first has made of it: one invitation, one outcome, and the log agrees.
#include "tests/api/invitation_world.hpp"
#include "tests/support/wait.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <thread>
#include <vector>

namespace tessera::test {

namespace {

using testing::Contains;
using testing::Not;

/// Calls all at once, each on a connection of its own.
std::vector<http_exchange> at_once(const std::vector<std::function<http_exchange()>>& calls) {
  std::vector<http_exchange> answers(calls.size());
  std::atomic<bool> go{false};
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < calls.size(); ++i)
    threads.emplace_back([&, i] {
      while (!go)
        std::this_thread::yield();
      answers[i] = calls[i]();
    });
  go = true;
  for (auto& thread : threads)
    thread.join();
  return answers;
}

class InvitationRacesTest : public testing::Test {
protected:
  /// Somebody with an account and no password to hash: their acceptance is as quick as whatever it meets.
  void be_somebody() {
    world.service.create_user("acme", email, invitation_world::password, "user", {"location/loc-2:viewer"});
    session = world.access_token(email, invitation_world::password);
  }
  /// An invitation to a place of its own.
  invitation_world::made invited_anew() {
    const auto place = "race-" + std::to_string(++places);
    const auto made = world.client_of("admin").post(
        "/api/locations", R"({"id":")" + place + R"(","name":")" + place + R"(","organizationId":"org-1"})"
    );
    EXPECT_EQ(made.status(), 201) << made.response.body;
    last_place = place;
    return world.invited(
        email,
        R"(,"entityAssignments":[{"entityType":"location","entityId":")" + place + R"(","role":"viewer"}])"
    );
  }
  std::function<http_exchange()> accepting(const std::string& token) const {
    auto client = std::make_shared<http_client>(world.service.client(session));
    client->connect();
    return [client, token] {
      return client->post("/api/invitations/accept", R"({"token":")" + token + R"(","acceptTerms":true})");
    };
  }
  bool is_member() {
    return world.sql(
               "SELECT count(*) FROM memberships m JOIN entities e USING (account_id) WHERE e.entity_id = '" +
               last_place + "'"
           ) == "1";
  }
  long count_of(const std::string& invitation, const std::string& type) {
    return std::stol(world.sql(
        "SELECT count(*) FROM invitation_activities WHERE invitation_id = '" + invitation +
        "' AND activity_type = '" + type + "'"
    ));
  }
  /// Accepting or the other one has won, not both and not neither, and everything agrees.
  void expect_one_winner(const invitation_world::made& made, bool accepted, const std::string& other) {
    EXPECT_EQ(is_member(), accepted);
    EXPECT_EQ(count_of(made.id, "accepted"), accepted ? 1 : 0);
    EXPECT_EQ(count_of(made.id, other), accepted ? 0 : 1);
    EXPECT_EQ(world.status_of(made.id) == "accepted", accepted);
  }

  static constexpr int rounds = 20;
  static inline int places = 0;
  invitation_world& world = invitation_world::instance();
  const std::string email = world.address();
  std::string session;
  std::string last_place;
};

} // namespace

TEST_F(InvitationRacesTest, W12OfFiftyWhoAcceptAtOnceOneDoes) {
  const auto made = world.invited(email);
  std::vector<std::function<http_exchange()>> calls;
  for (int i = 0; i < 50; ++i)
    calls.push_back([&] { return world.accept(made.token); });

  const auto answers = at_once(calls);

  std::map<int, int> by_status;
  for (const auto& answer : answers)
    ++by_status[answer.status()];
  EXPECT_EQ(by_status[200], 1);
  EXPECT_EQ(by_status[200] + by_status[409] + by_status[503], 50) << "503: too many passwords to hash";
  EXPECT_GE(by_status[409], 1);
  EXPECT_EQ(world.sql("SELECT count(*) FROM users WHERE email = '" + email + "'"), "1");
  EXPECT_EQ(
      world.sql(
          "SELECT count(*) FROM memberships m JOIN users u USING (tenant_id, user_id) WHERE u.email = '" +
          email + "'"
      ),
      "1"
  );
  EXPECT_EQ(count_of(made.id, "accepted"), 1);
}

TEST_F(InvitationRacesTest, W13AcceptingAndCancellingHaveOneWinner) {
  be_somebody();
  int won = 0;
  for (int round = 0; round < rounds; ++round) {
    const auto made = invited_anew();
    const auto answers = at_once({accepting(world.token_by("email", made.id)), [&] {
                                    return world.client_of("admin").remove("/api/invitations/" + made.id);
                                  }});
    const bool accepted = answers[0].status() == 200;
    won += accepted;
    EXPECT_EQ(answers[1].status(), accepted ? 409 : 200) << answers[1].response.body;
    if (!accepted) expect_problem(answers[0], 410, "invitation_cancelled");
    expect_one_winner(made, accepted, "cancelled");
  }
  RecordProperty("accepted", won);
}

TEST_F(InvitationRacesTest, W13AcceptingAndResendingHaveOneWinner) {
  be_somebody();
  for (int round = 0; round < rounds; ++round) {
    const auto made = invited_anew();
    const auto answers =
        at_once({accepting(world.token_by("email", made.id)), [&] {
                   return world.client_of("admin").post("/api/invitations/resend/" + made.id, "");
                 }});
    const bool accepted = answers[0].status() == 200;
    EXPECT_EQ(answers[1].status(), accepted ? 409 : 200) << answers[1].response.body;
    if (!accepted) expect_problem(answers[0], 410, "invitation_superseded");
    expect_one_winner(made, accepted, "resent");
  }
}

TEST_F(InvitationRacesTest, W13AcceptingAndItsEndHaveOneWinner) {
  be_somebody();
  for (int round = 0; round < rounds; ++round) {
    const auto made = invited_anew();
    const auto accept = accepting(world.token_by("email", made.id));
    world.sql(
        "UPDATE user_invitations SET expires_at = clock_timestamp() + interval '" + std::to_string(round) +
        " milliseconds' WHERE invitation_id = '" + made.id + "'"
    );
    const auto answer = accept();
    const bool accepted = answer.status() == 200;
    if (!accepted) expect_problem(answer, 410, "invitation_expired");
    EXPECT_TRUE(wait_until(milliseconds{5'000}, [&] { return world.status_of(made.id) != "pending"; }));
    EXPECT_TRUE(wait_until(milliseconds{5'000}, [&] {
      return count_of(made.id, "expired") + count_of(made.id, "accepted") == 1;
    }));
    expect_one_winner(made, accepted, "expired");
  }
}

namespace {

/// Invitations that are over within a second from `in_ms` on, without the calls that make them.
void seed_ending(invitation_world& world, int how_many, int in_ms) {
  world.sql(
      "INSERT INTO user_invitations (tenant_id, invitation_id, invited_by, inviter_kind, email, email_key,"
      " email_canonical, email_person, role, expiry_hours, expires_at)"
      " SELECT t.tenant_id, 'inv-seed-' || n, 'seed', 2, 's@x.test', 's@x.test', 's@x.test', 's@x.test', 1, "
      "1,"
      " clock_timestamp() + (" +
      std::to_string(in_ms) + " + n % 1000) * interval '1 millisecond' FROM tenants t, generate_series(1, " +
      std::to_string(how_many) + ") AS n WHERE t.id = 'acme'"
  );
}

std::string of_seeds(invitation_world& world, const std::string& what) {
  return world.sql(
      "SELECT " + what +
      " FROM user_invitations i JOIN invitation_activities a USING (tenant_id, invitation_id)"
      " WHERE i.invited_by = 'seed' AND a.activity_type = 'expired'"
  );
}

} // namespace

TEST(InvitationExpiryTest, W15EachIsRecordedOnceSoonAndNeverEarlyAlsoAcrossAKill) {
  invitation_world world;
  constexpr int how_many = 2'000;
  seed_ending(world, how_many, 1'500);
  ASSERT_TRUE(wait_until(milliseconds{20'000}, [&] { return of_seeds(world, "count(*)") != "0"; }));

  world.service.crash_and_restart();

  ASSERT_TRUE(wait_until(milliseconds{20'000}, [&] {
    return world.sql("SELECT count(*) FROM user_invitations WHERE invited_by = 'seed' AND status = 'expired'"
           ) == std::to_string(how_many);
  }));
  EXPECT_EQ(of_seeds(world, "count(*)"), std::to_string(how_many));
  EXPECT_EQ(of_seeds(world, "count(DISTINCT i.invitation_id)"), std::to_string(how_many));
  EXPECT_EQ(of_seeds(world, "count(*) FILTER (WHERE a.created_at < i.expires_at)"), "0");
  EXPECT_EQ(
      world.sql("SELECT count(*) FROM outbox WHERE kind = 'invitation.expired'"), std::to_string(how_many)
  );
}

TEST(InvitationExpiryTest, IsNoticedWithinAQuarterOfASecond) {
  invitation_world world;
  seed_ending(world, 500, 1'000);
  ASSERT_TRUE(wait_until(milliseconds{20'000}, [&] { return of_seeds(world, "count(*)") == "500"; }));

  const auto late_ms = std::stol(of_seeds(
      world,
      "round(1000 * percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM a.created_at - "
      "i.expires_at)))::bigint"
  ));
  RecordProperty("median_ms", static_cast<int>(late_ms));
  EXPECT_LE(late_ms, 250);
}

} // namespace tessera::test
