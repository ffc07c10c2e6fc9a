#include "actors/support/identifiers.hpp"
#include "persistence/stores/account_token_store.hpp"
#include "persistence/stores/change_store.hpp"
#include "persistence/stores/directory_store.hpp"
#include "persistence/stores/new_users.hpp"
#include "persistence/stores/session_store.hpp"
#include "persistence/stores/user_store.hpp"
#include "tests/integration/database_fixture.hpp"
#include "tests/support/wait.hpp"

#include <gtest/gtest.h>

#include <future>

namespace tessera::test {

namespace {

using outcome = session_opened::outcome;

digest token(std::uint8_t number) {
  digest hash{};
  hash[0] = number;
  return hash;
}

class SessionStoreTest : public testing::Test {
protected:
  SessionStoreTest() { make_user(tenant.id, "usr-1", "a@b.example"); }

  void make_user(const tenant_id& in_tenant, const std::string& id, const std::string& email) {
    persistence::user_with_access made;
    auto& user = made.user;
    user.id = id;
    user.email = user.email_key = email;
    user.password_hash = "hash of " + id;
    ASSERT_EQ(errc::ok, in_transaction(api, in_tenant, [&](pg::transaction& in) {
                return persistence::create_user_with_access(in, in_tenant, made);
              }));
  }
  template <class UseCase> auto in_no_tenant(const UseCase& use_case) {
    return in_transaction(api, tenant_id{}, use_case);
  }
  sign_in_candidate candidate(const std::string& email, const std::string& named = {}) {
    return in_no_tenant([&](pg::transaction& in) { return persistence::candidate(in, {email, named}); });
  }
  session_opened
  open(const digest& first, const std::string& hash = "hash of usr-1", const std::string& rehashed = {}) {
    const auto id = make_uuid(time_point{});
    return in_transaction(api, tenant.id, [&](pg::transaction& in) {
      return persistence::open_session(
          in, {tenant.id, "usr-1", {first, std::chrono::hours(1)}, hash, rehashed}, id
      );
    });
  }
  session_opened
  renew(const digest& used, const digest& next, std::chrono::seconds life = std::chrono::hours(1)) {
    return in_no_tenant([&](pg::transaction& in) {
      return persistence::renew_session(in, {used, {next, life}});
    });
  }

  const std::string database = migrated_database();
  const made_tenant tenant = make_tenant(database);
  open_session api{api_options(database)};
};

} // namespace

TEST_F(SessionStoreTest, FindsTheTenantOfAnAddressThatIsInOneAlone) {
  EXPECT_EQ("usr-1", candidate("a@b.example").user);
  EXPECT_EQ(tenant.id, candidate("a@b.example").tenant);
  EXPECT_EQ("", candidate("nobody@b.example").user);
  EXPECT_EQ("", candidate("a@b.example", "another tenant").user);
  const auto other = make_tenant(database);
  make_user(other.id, "usr-2", "a@b.example");
  EXPECT_EQ("", candidate("a@b.example").user);
  EXPECT_EQ("usr-2", candidate("a@b.example", other.name).user);
  EXPECT_EQ("hash of usr-1", candidate("a@b.example", tenant.name).password_hash);
}

TEST_F(SessionStoreTest, ASessionBeginsOnlyWithThePasswordOfToday) {
  EXPECT_EQ(outcome::refused, open(token(1), "hash of yesterday").what);
  EXPECT_EQ(outcome::open, open(token(2), "hash of usr-1", "a better hash").what);
  EXPECT_EQ("a better hash", candidate("a@b.example").password_hash);
}

TEST_F(SessionStoreTest, AnotherTenantSeesNothing) {
  open(token(1));
  const auto other = make_tenant(database);
  EXPECT_EQ("", in_transaction(api, other.id, [&](pg::transaction& in) {
              return persistence::profile_of(in, tenant.id, "usr-1").user;
            }));
  const auto session = open(token(2)).session;
  EXPECT_FALSE(in_transaction(api, other.id, [&](pg::transaction& in) {
                 return persistence::end_session(in, {tenant.id, session, {}});
               }).ended);
  EXPECT_EQ("", in_transaction(api, other.id, [&](pg::transaction& in) {
              return persistence::link_identity(in, {tenant.id, "iss", "sub", "a@b.example"}).user;
            }));
}

TEST_F(SessionStoreTest, ATokenRenewsOnceAndItsReuseEndsTheFamily) {
  const auto begun = open(token(1));
  ASSERT_EQ(outcome::open, renew(token(1), token(2)).what);
  const auto reused = renew(token(1), token(3));
  EXPECT_EQ(outcome::reused, reused.what);
  EXPECT_EQ(begun.session, reused.session);
  EXPECT_EQ(outcome::refused, renew(token(2), token(4)).what);
  EXPECT_EQ(outcome::refused, renew(token(9), token(5)).what); // never given out
}

TEST_F(SessionStoreTest, ATokenThatIsOverRenewsNothing) {
  open(token(1));
  ASSERT_EQ(outcome::open, renew(token(1), token(2), std::chrono::seconds(-1)).what);
  EXPECT_EQ(outcome::refused, renew(token(2), token(3)).what);
}

TEST_F(SessionStoreTest, NeitherABeginningNorAnEndRaisesTheVersion) {
  const auto version = [&] {
    return in_transaction(api, tenant.id, [&](pg::transaction& in) {
      return in.execute("SELECT version FROM tenants").int8(0, 0);
    });
  };
  const auto before = version();
  const auto session = open(token(1)).session;
  renew(token(1), token(2));
  EXPECT_EQ(before, version());
  EXPECT_TRUE(in_transaction(api, tenant.id, [&](pg::transaction& in) {
                return persistence::end_session(in, {tenant.id, session, {}});
              }).ended);
  EXPECT_EQ(before, version()) << "a large tenant is not read again for each who signs out";
}

TEST_F(SessionStoreTest, WhatHasEndedIsFoundByItself) {
  open_session writer(writer_options(database));
  const auto other = make_tenant(database);
  const auto ended_of = [&](const tenant_id& whose) {
    return persistence::sessions_ended_within(writer, {whose}, std::chrono::minutes(1), patience);
  };
  const auto session = open(token(1)).session;
  EXPECT_TRUE(ended_of(tenant.id).empty());
  in_transaction(api, tenant.id, [&](pg::transaction& in) {
    return persistence::end_session(in, {tenant.id, session, {}});
  });
  EXPECT_EQ(ended_of(tenant.id), (std::vector{std::pair{tenant.id, session}}));
  EXPECT_TRUE(ended_of(other.id).empty());
  open_session owner(owner_options(database));
  owner.execute("UPDATE user_sessions SET ended_at = now() - interval '61 seconds'", patience);
  EXPECT_TRUE(ended_of(tenant.id).empty());
}

TEST_F(SessionStoreTest, WhoSignsOutWhileTheyAreDisabledWaitsForNobody) {
  const auto session = open(token(1)).session;
  open_session administrators(api_options(database));
  pg::transaction disabling(administrators, tenant.id, patience);
  persistence::lock_directory(disabling, tenant.id);
  EXPECT_TRUE(in_transaction(api, tenant.id, [&](pg::transaction& in) {
                return persistence::end_session(in, {tenant.id, session, {}});
              }).ended);
  user_view after;
  after.id = "usr-1";
  after.active = false;
  persistence::update_user(disabling, tenant.id, after, true);
  disabling.commit();
  EXPECT_EQ(outcome::refused, renew(token(1), token(2)).what);
}

TEST_F(SessionStoreTest, AReuseAndARemovalNeverWaitInACircle) {
  open(token(1));
  ASSERT_EQ(outcome::open, renew(token(1), token(2)).what);
  open_session administrators(api_options(database));
  pg::transaction removing(administrators, tenant.id, patience);
  removing.execute("SELECT FROM user_sessions FOR UPDATE"
  ); // as its deletion does, before it goes on to the tokens
  auto reuse = std::async(std::launch::async, [&] { return renew(token(1), token(3)); });
  open_session owner(owner_options(database));
  ASSERT_TRUE(wait_until(milliseconds{5'000}, [&] {
    return owner
        .execute(
            "SELECT count(*) > 0 FROM pg_stat_activity WHERE application_name = 'test-api'"
            " AND datname = current_database() AND wait_event_type = 'Lock'",
            patience
        )
        .boolean(0, 0);
  }));
  removing.execute("SELECT set_config('lock_timeout', '500', true)");
  EXPECT_NO_THROW(persistence::remove_user(removing, tenant.id, "usr-1"));
  removing.commit();
  EXPECT_EQ(outcome::refused, reuse.get().what);
}

TEST_F(SessionStoreTest, OnlyWhoCanBeLinkedNeedsTheDirectory) {
  open_session importers(api_options(database));
  pg::transaction importing(importers, tenant.id, patience);
  persistence::await_directory(importing, tenant.id);
  const auto link = [&](const std::string& email) {
    return in_transaction(api, tenant.id, [&](pg::transaction& in) {
      return persistence::link_identity(in, {tenant.id, "https://issuer.example", "1", email}).user;
    });
  };
  EXPECT_EQ("", link("stranger@b.example"));
  EXPECT_THROW(link("a@b.example"), pg::error);
  importing.commit();
  EXPECT_EQ("usr-1", link("a@b.example"));
  EXPECT_EQ("usr-1", link("a@b.example"));
}

TEST_F(SessionStoreTest, OldSessionsAreForgotten) {
  open(token(1));
  open_session owner(owner_options(database));
  owner.execute("UPDATE user_sessions SET created_at = now() - interval '60 days'", patience);
  owner.execute("UPDATE refresh_tokens SET expires_at = now() - interval '30 days'", patience);
  open(token(2));
  EXPECT_EQ(1, owner.execute("SELECT count(*) FROM user_sessions", patience).int8(0, 0));
  EXPECT_EQ(1, owner.execute("SELECT count(*) FROM refresh_tokens", patience).int8(0, 0));
}

/// Who was disabled at the same time does not get a new password for later.
TEST_F(SessionStoreTest, AResetWaitsForAChangeOfItsUserAndLooksAgain) {
  open_session owner{owner_options(database)};
  owner.execute(
      "INSERT INTO account_tokens (token_id, tenant_id, user_id, purpose, email_key, token_sha256, "
      "expires_at)"
      " SELECT gen_random_uuid(), tenant_id, user_id, 'password_reset', email_key, $1,"
      "  clock_timestamp() + interval '1 hour' FROM users",
      pg::parameters().add(token(7)),
      patience
  );
  std::future<token_standing> reset;
  {
    pg::transaction change(owner, tenant.id, patience);
    change.execute("UPDATE users SET status = 'disabled'", pg::parameters());
    reset = std::async(std::launch::async, [this] {
      return in_no_tenant([](pg::transaction& in) {
               return persistence::reset_password(in, {token(7), "another hash"});
             }
      ).standing;
    });
    EXPECT_TRUE(wait_until(patience, [this] {
      return postgres_cluster::shared().query(
                 database,
                 "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
                 "wait_event_type = 'Lock'"
             ) == "1";
    }));
    change.commit();
  }
  EXPECT_EQ(token_standing::expired, reset.get());
  EXPECT_EQ("hash of usr-1", postgres_cluster::shared().query(database, "SELECT password_hash FROM users"));
}

} // namespace tessera::test
