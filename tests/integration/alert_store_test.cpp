// Who is told of which balances, against a real PostgreSQL.
#include "actors/timers/recurring_sweep.hpp"
#include "persistence/stores/alert_store.hpp"
#include "persistence/stores/outbox_store.hpp"
#include "persistence/stores/pg_account_store.hpp"
#include "persistence/stores/pg_journal_store.hpp"
#include "persistence/stores/webhook_store.hpp"
#include "tests/integration/database_fixture.hpp"
#include "tests/integration/journal_contract.hpp"
#include "tests/support/ledger_author.hpp"
#include "tests/support/wait.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>
#include <stdexcept>
#include <vector>

namespace tessera::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class AlertStoreTest : public testing::Test {
protected:
  void append(const write_set& writes, std::vector<balance_alert> alerts = {}) {
    const write_set* round[] = {&writes};
    ASSERT_EQ(persistence::append_status::committed, journal_.append({round, alerts}).status);
  }
  /// That ends so much later than now.
  lot a_lot_for(std::chrono::microseconds life) {
    return a_lot(fresh_number(), 100, expires_at(now() + life));
  }
  static time_point now() {
    return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
  }
  void choose(std::vector<std::int64_t> days) {
    in_transaction(api_, tenant_.id, [&](auto& in) {
      return persistence::set_alert_settings(
          in, {tenant_.id, author_.account().id, {{}, std::move(days), 0}, {}, {}}
      );
    });
  }
  std::int64_t warn() { return persistence::warn_of_expiry(session_, 100, patience); }
  /// What waits to be told, as `kind`, and what stands in `field` of the event.
  std::vector<std::string> told(const std::string& kind, const std::string& field) {
    std::vector<std::string> all;
    const auto rows = session_.execute(
        "SELECT coalesce(payload->>$2, '-') FROM outbox WHERE kind = $1 AND account_id = $3 ORDER BY "
        "created_at",
        pg::parameters().add(kind).add(field).add(author_.account().id),
        patience
    );
    for (int i = 0; i < rows.size(); ++i)
      all.push_back(rows.text(i, 0));
    return all;
  }
  std::int64_t free_units_of(const lot& one) {
    return session_.execute("SELECT free_units_of($1)", pg::parameters().add(one.id), patience).int8(0, 0);
  }
  std::int64_t held_units_of(const lot& one) {
    return session_.execute("SELECT held FROM units_of_lot($1)", pg::parameters().add(one.id), patience)
        .int8(0, 0);
  }
  /// So much later.
  void pass(const std::string& time) {
    open_session owner(owner_options(database_));
    owner.execute(
        "UPDATE credit_expiry_watch SET look_at = look_at - $1::text::interval",
        pg::parameters().add(time),
        patience
    );
  }
  std::int64_t lots_due() {
    return session_
        .execute("SELECT count(*) FROM credit_expiry_watch WHERE look_at <= clock_timestamp()", patience)
        .int8(0, 0);
  }

  std::string database_ = migrated_database();
  made_tenant tenant_ = make_tenant(database_);
  open_session session_{writer_options(database_)};
  open_session api_{api_options(database_)};
  persistence::pg_journal_store journal_{service_url(database_), test_writer, patience};
  persistence::pg_account_store rows_{service_url(database_), "alerts", patience};
  ledger_author author_{tenant_.genesis};
};

TEST_F(AlertStoreTest, AnAlertIsToldWithItsEntry) {
  append(author_.receive(a_lot(fresh_number(), 100)));
  const auto spent = author_.spend(100);
  const auto seq = spent.last_seq();
  const auto account = author_.account().id;
  append(
      spent,
      {{account, seq, alert_threshold{credits{40}, 0}},
       {account, seq, alert_threshold{{}, 5}},
       {account, seq, {}}}
  );
  EXPECT_THAT(told("credits.low", "threshold"), UnorderedElementsAre("40", "5%"));
  EXPECT_THAT(told("credits.depleted", "threshold"), ElementsAre("-"));
  EXPECT_THAT(told("credits.depleted", "availableCredits"), ElementsAre("0"));
  EXPECT_THAT(told("credits.depleted", "seq"), ElementsAre(std::to_string(seq)));
}

/// What ended and what came instead are one change: what is there after it is told.
TEST_F(AlertStoreTest, WhatIsLeftIsWhatIsThereAtTheEndOfTheChange) {
  const auto account = author_.account().id;
  append(author_.receive(a_lot(fresh_number(), 100)));
  const auto spent = author_.spend(100);
  const auto bought = author_.receive(a_lot(fresh_number(), 30));
  const write_set* round[] = {&spent, &bought};
  const std::vector<balance_alert> alerts{{account, spent.last_seq(), alert_threshold{credits{40}, 0}}};
  ASSERT_EQ(persistence::append_status::committed, journal_.append({round, alerts}).status);
  EXPECT_THAT(told("credits.low", "availableCredits"), ElementsAre("30"));
  EXPECT_THAT(told("credits.low", "seq"), ElementsAre(std::to_string(spent.last_seq())));
}

/// The statements of a round write one after the other, and not in the order of its entries.
TEST_F(AlertStoreTest, ARoundIsToldInTheOrderOfItsEntries) {
  const auto account = author_.account().id;
  append(author_.receive(a_lot(fresh_number(), 100)));
  const auto spent = author_.spend(100);
  const auto bought = author_.receive(a_lot(fresh_number(), 50));
  const auto spent_again = author_.spend(30);
  const write_set* round[] = {&spent, &bought, &spent_again};
  const alert_threshold low{credits{40}, 0};
  const std::vector<balance_alert> alerts{
      {account, spent.last_seq(), {}},
      {account, spent.last_seq(), low},
      {account, spent_again.last_seq(), low}};
  ASSERT_EQ(persistence::append_status::committed, journal_.append({round, alerts}).status);

  const auto events =
      in_transaction(session_, tenant_id{}, [](auto& in) { return persistence::waiting_events(in, 100); });
  std::vector<std::string> kinds;
  for (const auto& each : events)
    if (each.account == account) kinds.push_back(each.kind);
  EXPECT_THAT(
      kinds,
      ElementsAre("credits.purchased", "credits.low", "credits.depleted", "credits.purchased", "credits.low")
  );
}

TEST_F(AlertStoreTest, ARoundThatIsRefusedTellsNothing) {
  append(author_.receive(a_lot(fresh_number(), 100)));
  const auto spent = author_.spend(100);
  append(spent);
  const write_set* round[] = {&spent};
  const std::vector<balance_alert> alerts{{author_.account().id, spent.last_seq(), {}}};
  EXPECT_NE(persistence::append_status::committed, journal_.append({round, alerts}).status);
  EXPECT_THAT(told("credits.depleted", "seq"), IsEmpty());
}

TEST_F(AlertStoreTest, AnAccountLearnsItsThresholds) {
  const std::vector accounts{author_.account().id};
  EXPECT_THAT(rows_.thresholds(accounts), IsEmpty());
  const std::vector<alert_threshold> chosen{{{}, 20}, {credits{100}, 0}};
  in_transaction(api_, tenant_.id, [&](auto& in) {
    return persistence::set_alert_settings(in, {tenant_.id, accounts.front(), {chosen, {}, 0}, {}, {}});
  });
  EXPECT_THAT(rows_.thresholds(accounts), ElementsAre(std::pair(accounts.front(), chosen)));
}

TEST_F(AlertStoreTest, OfEachLotTheNearestStageIsToldOnce) {
  append(author_.receive(a_lot_for(12h)));
  append(author_.receive(a_lot_for(24h * 5)));
  append(author_.receive(a_lot_for(24h * 40)));
  append(author_.receive(a_lot(fresh_number(), 100)));
  EXPECT_EQ(warn(), 2);
  EXPECT_THAT(told("credits.expiring", "daysLeft"), UnorderedElementsAre("1", "7"));
  EXPECT_THAT(told("credits.expiring", "credits"), ElementsAre("100", "100"));
  EXPECT_EQ(warn(), 0);
  choose({90, 6, 2});
  EXPECT_EQ(warn(), 3);
  EXPECT_THAT(told("credits.expiring", "daysLeft"), UnorderedElementsAre("1", "7", "6", "90"));
  EXPECT_EQ(warn(), 0);
}

/// The moment of a stage comes while the lot waits for it.
TEST_F(AlertStoreTest, AStageIsToldWhenItBegins) {
  choose({1});
  append(author_.receive(a_lot_for(24h + 300ms)));
  EXPECT_EQ(warn(), 0);
  EXPECT_TRUE(wait_until(patience, [this] { return warn() > 0; }));
  EXPECT_THAT(told("credits.expiring", "daysLeft"), ElementsAre("1"));
  EXPECT_EQ(warn(), 0);
}

TEST_F(AlertStoreTest, AnEmptyLotIsNotWarnedOf) {
  const auto one = a_lot_for(12h);
  append(author_.receive(one));
  append(author_.spend(60));
  append(author_.spend(40));
  EXPECT_EQ(free_units_of(one), 0);
  EXPECT_EQ(warn(), 1);
  EXPECT_THAT(told("credits.expiring", "lotId"), IsEmpty());
}

/// As of the snapshot, and of the entries after it.
TEST_F(AlertStoreTest, WhatIsFreeIsWhatTheAccountSays) {
  const auto one = a_lot_for(12h);
  append(author_.receive(one));
  append(author_.spend(10));
  const auto spent = author_.account().seq;
  rows_.save(std::vector{snapshot_of(author_.account())});
  append(author_.hold(30, 1h));
  const auto held = author_.account().seq;
  append(author_.capture(held, 5));
  append(author_.reverse(spent, 4));
  EXPECT_EQ(free_units_of(one), author_.account().lots.front().free.value());
  EXPECT_EQ(free_units_of(one), 100 - 10 - 5 + 4);
  append(author_.hold(20, 1h));
  EXPECT_EQ(held_units_of(one), author_.account().lots.front().held.value());
  rows_.save(std::vector{snapshot_of(author_.account())});
  EXPECT_EQ(held_units_of(one), 20);
  append(author_.release(author_.account().seq));
  EXPECT_EQ(held_units_of(one), 0);
  EXPECT_EQ(warn(), 1);
  EXPECT_THAT(told("credits.expiring", "credits"), ElementsAre("89"));
}

/// What is held may come back: the stage is not over.
TEST_F(AlertStoreTest, AStageWaitsWhileEverythingIsHeld) {
  choose({30});
  append(author_.receive(a_lot_for(24h * 20)));
  append(author_.hold(100, 1h));
  const auto held = author_.account().seq;
  rows_.save(std::vector{snapshot_of(author_.account())});
  EXPECT_EQ(warn(), 1);
  EXPECT_THAT(told("credits.expiring", "lotId"), IsEmpty());
  EXPECT_EQ(warn(), 0);
  pass("1 hour");
  EXPECT_EQ(warn(), 1) << "and again, as long as it is held";
  EXPECT_THAT(told("credits.expiring", "lotId"), IsEmpty());
  append(author_.release(held));
  pass("1 hour");
  EXPECT_EQ(warn(), 1);
  EXPECT_THAT(told("credits.expiring", "daysLeft"), ElementsAre("30"));
  pass("1 hour");
  EXPECT_EQ(warn(), 0);
}

TEST_F(AlertStoreTest, AStageWaitsForWhatIsReversed) {
  choose({30});
  append(author_.receive(a_lot_for(24h * 20)));
  append(author_.spend(100));
  const auto spent = author_.account().seq;
  EXPECT_EQ(warn(), 1);
  pass("1 hour");
  EXPECT_EQ(warn(), 0) << "an empty lot is looked at once a day";
  append(author_.reverse(spent, 40));
  pass("23 hours");
  EXPECT_EQ(warn(), 1);
  EXPECT_THAT(told("credits.expiring", "credits"), ElementsAre("40"));
}

TEST_F(AlertStoreTest, OtherThresholdsLookAtNoLotAgain) {
  append(author_.receive(a_lot_for(24h * 40)));
  choose({30, 7, 1});
  choose({30, 7, 1});
  EXPECT_EQ(lots_due(), 0);
  choose({60});
  EXPECT_EQ(lots_due(), 1);
}

TEST_F(AlertStoreTest, NobodyChoosesForTheAccountOfAnotherTenant) {
  const auto other = make_tenant(database_);
  EXPECT_THROW(
      in_transaction(
          api_,
          other.id,
          [&](auto& in) {
            return persistence::set_alert_settings(
                in, {other.id, author_.account().id, {{}, {3}, 0}, {}, {}}
            );
          }
      ),
      pg::error
  );
}

TEST_F(AlertStoreTest, ALotThatCanNotBeToldOfKeepsNoOtherWaiting) {
  const auto bad = a_lot_for(12h);
  const auto good = a_lot_for(13h);
  append(author_.receive(bad));
  append(author_.receive(good));
  open_session owner(owner_options(database_));
  const auto refused =
      "ALTER TABLE outbox ADD CONSTRAINT outbox_refuses_one CHECK (payload->>'lotId' IS DISTINCT FROM '" +
      to_string(bad.id) + "')";
  owner.execute(refused.c_str(), patience);
  EXPECT_EQ(warn(), 2);
  EXPECT_THAT(told("credits.expiring", "lotId"), ElementsAre(to_string(good.id)));
  EXPECT_EQ(warn(), 0) << "it is not tried again and again";

  owner.execute("ALTER TABLE outbox DROP CONSTRAINT outbox_refuses_one", patience);
  owner.execute("UPDATE credit_expiry_watch SET look_at = look_at - interval '1 hour'", patience);
  EXPECT_EQ(warn(), 1);
  EXPECT_THAT(told("credits.expiring", "lotId"), UnorderedElementsAre(to_string(good.id), to_string(bad.id)));
}

/// Up and down past its threshold, as fast as it can: systems hear of each fall, people do not.
TEST_F(AlertStoreTest, ABalanceThatGoesUpAndDownFillsNobodysMailbox) {
  open_session owner(owner_options(database_));
  owner.execute(
      "INSERT INTO users (tenant_id, user_id, email, email_key, role) VALUES ($1, 'usr-1', 'a@b.test', "
      "'a@b.test', 4)",
      pg::parameters().add(tenant_.id),
      patience
  );
  owner.execute(
      "INSERT INTO webhook_endpoints (tenant_id, endpoint_id, url, events) VALUES ($1, 'whe-1', "
      "'https://example.com', '{*}')",
      pg::parameters().add(tenant_.id),
      patience
  );
  const auto fall = [&](int times, const std::string& threshold) {
    owner.execute(
        "INSERT INTO outbox (outbox_id, tenant_id, account_id, kind, payload) SELECT gen_random_uuid(), $1, "
        "$2,"
        " 'credits.low', jsonb_build_object('threshold', $3::text) FROM generate_series(1, $4::bigint)",
        pg::parameters().add(tenant_.id).add(author_.account().id).add(threshold).add(std::int64_t{times}),
        patience
    );
    std::int64_t mails = 0;
    std::int64_t webhooks = 0;
    in_transaction(session_, tenant_id{}, [&](auto& in) {
      std::vector<uuid> done;
      for (const auto& event : persistence::waiting_events(in, 100)) {
        done.push_back(event.id);
        if (event.kind != "credits.low") continue;
        persistence::new_notification mail;
        mail.template_key = "creditLow";
        mail.variables = {{"threshold", threshold}};
        mails += persistence::notify(in, event, audience::admins, mail);
        webhooks += persistence::notify_webhooks(in, event);
      }
      persistence::finish_events(in, done);
      return 0;
    });
    EXPECT_EQ(webhooks, times);
    return mails;
  };
  EXPECT_EQ(fall(30, "40"), 10);
  EXPECT_EQ(fall(3, "20"), 3) << "another threshold";
  EXPECT_EQ(fall(1, "40"), 0);
  owner.execute("UPDATE notifications SET created_at = created_at - interval '61 minutes'", patience);
  EXPECT_EQ(fall(2, "40"), 2);
  owner.execute(
      "UPDATE notifications SET next_attempt_at = next_attempt_at + interval '1 hour' WHERE channel = "
      "'email'",
      patience
  );
  EXPECT_EQ(fall(1, "40"), 0) << "one waits for the morning, and says what is there by then";
  owner.execute("UPDATE notifications SET status = 'sent'", patience);
  EXPECT_EQ(fall(1, "40"), 1);
}

TEST_F(AlertStoreTest, TwoNodesTellNothingTwice) {
  for (int i = 0; i < 40; ++i)
    append(author_.receive(a_lot_for(12h)));
  open_session other{writer_options(database_)};
  other.execute("BEGIN", patience);
  EXPECT_EQ(persistence::warn_of_expiry(other, 15, patience), 15);
  EXPECT_EQ(warn(), 25) << "those that the other one looks at are skipped";
  other.execute("ROLLBACK", patience);
  EXPECT_EQ(warn(), 15) << "a crash loses none";
  EXPECT_EQ(told("credits.expiring", "lotId").size(), 40u);
}

/// A statement that is cancelled says nothing of which lot it was at.
TEST_F(AlertStoreTest, ALotThatTakesTooLongKeepsNoOtherFromBeingTold) {
  append(author_.receive(a_lot_for(11h)));
  append(author_.receive(a_lot_for(12h)));
  open_session owner(owner_options(database_));
  owner.execute(
      "CREATE FUNCTION cancel() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE query_canceled; END $$",
      patience
  );
  owner.execute(
      "CREATE TRIGGER cancel BEFORE INSERT ON outbox FOR EACH ROW WHEN (NEW.kind = 'credits.expiring')"
      " EXECUTE FUNCTION cancel()",
      patience
  );
  EXPECT_THROW(warn(), pg::error);
  owner.execute("DROP TRIGGER cancel ON outbox", patience);
  EXPECT_EQ(warn(), 1);
  EXPECT_EQ(told("credits.expiring", "lotId").size(), 1u);
  pass("1 hour");
  EXPECT_EQ(warn(), 1) << "an hour later it has its turn";
}

TEST_F(AlertStoreTest, AfterAFailureTheNextPageIsASmallOne) {
  std::mutex mutex;
  std::vector<std::int64_t> pages;
  const auto step = [&](pg::connection&, std::int64_t most, std::chrono::milliseconds) {
    const std::lock_guard lock(mutex);
    pages.push_back(most);
    if (pages.size() == 1) throw std::runtime_error("planned");
    return pages.size() == 2 ? most : std::int64_t{0};
  };
  const auto asked = [&] {
    const std::lock_guard lock(mutex);
    return pages;
  };
  recurring_sweep sweep({"sweep", std::chrono::hours{1}, 5}, writer_options(database_), step);
  EXPECT_TRUE(wait_until(4 * patience, [&] { return asked().size() == 3; }));
  EXPECT_THAT(asked(), ElementsAre(5, 1, 5));
}

} // namespace
} // namespace tessera::test
