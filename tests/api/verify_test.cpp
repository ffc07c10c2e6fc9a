// tessera verify finds any change of any column of the ledger.
#include "tests/api/api_world.hpp"
#include "tests/support/wait.hpp"

#include <gmock/gmock.h>

#include <memory>

namespace tessera::test {

namespace {

using testing::HasSubstr;

/// A ledger with every entry type that exists today, snapshots included, whose service is gone: databases are
/// copied from it.
class written_ledger {
public:
  static written_ledger& instance() {
    static written_ledger only;
    return only;
  }

  /// Verifies a copy in which `sql` was done.
  command_result verify_after(const std::vector<std::string>& sql, std::vector<std::string> arguments = {}) {
    auto& cluster = service_.cluster();
    const auto copy = cluster.create_database(service_.database());
    for (const auto& each : sql)
      cluster.query(copy, each);
    arguments.insert(arguments.begin(), {"verify", "--json", "--database-url", cluster.url(copy)});
    auto done = service_.command(arguments);
    cluster.drop_database(copy);
    return done;
  }

  /// Makes a change in a copy that stays, verifies it, and takes the change back. Every row of it was written
  /// again, as in a restored dump, so that only what the rows say can give a change away.
  command_result verify_changed(const std::string& table, const std::string& change) {
    auto& cluster = service_.cluster();
    const auto& scratch = this->scratch();
    cluster.query(scratch, change);
    auto done = service_.command({"verify", "--json", "--database-url", cluster.url(scratch)});
    cluster.query(scratch, "DELETE FROM " + table);
    cluster.query(scratch, "INSERT INTO " + table + " SELECT * FROM sound_" + table);
    return done;
  }

  std::string value(const std::string& sql) { return service_.cluster().query(service_.database(), sql); }

private:
  const std::string& scratch();

  written_ledger() {
    service_.create_tenant("acme");
    service_.create_package("acme", "thousand", 1000, 5000);
    const auto key = service_.create_api_key(
        "acme", {"credits:read", "credits:consume", "credits:hold", "credits:purchase", "directory:write"}
    );
    service_.create_application(key, "crm");
    service_.create_organization(key, "o");
    service_.create_organization(key, "other");
    auto client = service_.client(key);
    client.set_header("X-Application", "crm");
    const auto buy = [&](const char* organization) {
      const auto bought = client.post(
          "/api/credits/purchase",
          std::string(
              R"({"entityType":"organization","packageId":"thousand","paymentMethod":"test","entityId":")"
          ) + organization +
              "\"}"
      );
      EXPECT_EQ(201, bought.status()) << bought.response.body;
    };
    const auto spend = [&](const char* event, int amount) {
      const auto spent = client.post(
          "/api/credits/consume",
          api_world::spend(
              "o", amount, std::string(R"(,"meter":"calls","metadata":{"a":1},"eventId":")") + event + "\""
          )
      );
      EXPECT_EQ(200, spent.status()) << spent.response.body;
    };
    buy("o");
    spend("evt-1", 100);
    // Over when it arrives: taken in by the purchase that follows, and expired at once.
    service_.cluster().query(
        service_.database(),
        "INSERT INTO credit_inbox (inbox_id, account_id, tenant_id, kind, credits, lot_id, root_lot_id, "
        "lot_kind,"
        " priority, effective_at, expires_at, expiry_date, applications, purchase_id, unit_cost_minor, "
        "currency,"
        " principal_kind, principal_id, principal_application, request_id)"
        " SELECT gen_random_uuid(), account_id, tenant_id, 1, 70, lot, lot, 4, 50, '2020-01-01Z', "
        "'2020-02-01Z',"
        "  '2020-01-31', ARRAY['crm'], 'pur-over', 3, 'USD', 2, 'usr-1', 'crm', 'req-over'"
        " FROM entities, (SELECT gen_random_uuid() AS lot) AS made WHERE entity_id = 'o'"
    );
    buy("o");
    spend("evt-2", 1000);
    buy("other");
    // A hold that was captured in part, and one that is open.
    const auto hold = [&](int amount) {
      const auto held = client.post("/api/credits/holds", api_world::spend("o", amount));
      EXPECT_EQ(201, held.status()) << held.response.body;
      return text_at(held.response.body, "/holdId");
    };
    client.post("/api/credits/holds/" + hold(20) + "/capture", R"({"credits":15})");
    hold(30);
    service_.stop();
    // The shutdown wrote snapshots; the same state once more as a kept one.
    service_.cluster().query(
        service_.database(),
        "INSERT INTO credit_kept_snapshots SELECT b.account_id, b.seq, b.tenant_id, b.head, b.booked_at,"
        " used_credits, reserved_credits, available_credits, debt, lifetime_in, expired, refunded, "
        "clawed_back,"
        " allocated_out, debt_repaid, frozen, array_agg(l.lot_id), array_agg(l.free), array_agg(l.held),"
        " array_agg(l.amount), open_holds FROM credit_balances b JOIN credit_lots l ON l.account_id = "
        "b.account_id"
        " AND l.free + l.held > 0 GROUP BY b.account_id"
    );
  }

  tessera_service service_;
  std::string scratch_;
};

/// One column of one table: a change of its last and of its first byte, or of another null.
struct flip {
  std::string table;
  std::string column;
  std::string type;
};

std::vector<std::string> changes_of(const flip& given) {
  const auto& c = given.column;
  const auto or_null = [&](const std::string& changed, const std::string& instead) {
    return "coalesce(" + changed + ", " + instead + ")";
  };
  const auto byte = [&](const std::string& bytes, const std::string& at) {
    return "set_byte(" + bytes + ", " + at + ", get_byte(" + bytes + ", " + at + ") # 1)";
  };
  if (given.type == "uuid")
    return {
        or_null("encode(" + byte("uuid_send(" + c + ")", "15") + ", 'hex')::uuid", "gen_random_uuid()"),
        or_null("encode(" + byte("uuid_send(" + c + ")", "0") + ", 'hex')::uuid", "gen_random_uuid()")};
  if (given.type == "bigint") return {or_null(c + " # 1", "1"), or_null(c + " # (1::bigint << 56)", "1")};
  if (given.type == "smallint") return {c + " # 1::smallint", c + " # 256::smallint"};
  if (given.type == "bytea")
    return {byte(c, "0"), byte(c, "octet_length(" + c + ") - 1"), "substr(" + c + ", 2)"};
  if (given.type == "text")
    return {c + " || 'x'", "CASE " + c + " WHEN '' THEN ' ' ELSE '~' || substr(" + c + ", 2) END"};
  if (given.type == "timestamp with time zone")
    return {or_null(c + " + interval '1 us'", "now()"), "'infinity'"};
  if (given.type == "date")
    return {
        or_null(c + " + 1", "'2030-01-01'"),
        or_null("CASE WHEN " + c + " IS NULL THEN '2030-01-01'::date END", "NULL")};
  if (given.type == "boolean") return {"NOT " + c};
  if (given.type == "text[]") return {"array_append(" + c + ", 'x')", "'[2:2]={crm}'", "ARRAY[NULL]::text[]"};
  if (given.type == "uuid[]") return {"array_append(" + c + "[2:], gen_random_uuid())"};
  if (given.type == "bigint[]") return {"ARRAY[" + c + "[1] # 1] || " + c + "[2:]"};
  ADD_FAILURE() << "no change is known for " << given.type;
  return {};
}

/// Without what PostgreSQL would refuse by itself.
std::vector<std::string> without_guards() {
  return {
      "ALTER TABLE credit_entries DISABLE TRIGGER USER",
      // Lots that are put back are watched already.
      "ALTER TABLE credit_lots DISABLE TRIGGER USER",
      // What PostgreSQL makes itself could not be changed, either.
      "ALTER TABLE credit_entries ALTER COLUMN hold_seq DROP EXPRESSION",
      "ALTER TABLE credit_balances DISABLE TRIGGER USER",
      "DO $$ DECLARE c record; BEGIN FOR c IN SELECT conrelid::regclass AS t, conname FROM pg_constraint"
      " WHERE conrelid IN ('credit_entries'::regclass, 'credit_lots'::regclass,"
      "  'credit_balances'::regclass, 'credit_kept_snapshots'::regclass) LOOP"
      " EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', c.t, c.conname); END LOOP; END $$",
  };
}

const std::string& written_ledger::scratch() {
  if (!scratch_.empty()) return scratch_;
  auto& cluster = service_.cluster();
  scratch_ = cluster.create_database(service_.database());
  for (const auto& each : without_guards())
    cluster.query(scratch_, each);
  for (const std::string table :
       {"credit_entries", "credit_lots", "credit_balances", "credit_kept_snapshots"}) {
    cluster.query(scratch_, "CREATE TABLE sound_" + table + " AS SELECT * FROM " + table);
    cluster.query(scratch_, "DELETE FROM " + table);
    cluster.query(scratch_, "INSERT INTO " + table + " SELECT * FROM sound_" + table);
  }
  return scratch_;
}

class VerifyTest : public testing::Test {
protected:
  /// Every column of the table, in the row that `where` names; `unseen` ones are in no promise.
  void expect_every_change_found(
      const std::string& table, const std::string& where, const std::vector<std::string>& unseen = {}
  ) {
    const auto account = ledger.value("SELECT account_id FROM entities WHERE entity_id = 'o'");
    const auto columns = ledger.value(
        "SELECT string_agg(a.attname || ':' || format_type(a.atttypid, NULL), ',') FROM pg_attribute a"
        " WHERE a.attrelid = '" +
        table + "'::regclass AND a.attnum > 0 AND NOT a.attisdropped"
    );
    std::size_t tried = 0;
    for (std::size_t at = 0; at < columns.size();) {
      const auto end = std::min(columns.find(',', at), columns.size());
      const auto pair = columns.substr(at, end - at);
      at = end + 1;
      const flip given{table, pair.substr(0, pair.find(':')), pair.substr(pair.find(':') + 1)};
      if (std::ranges::find(unseen, given.column) != unseen.end()) continue;
      for (const auto& change : changes_of(given)) {
        const auto condition = " WHERE account_id = '" + account + "' AND " + where;
        if (ledger.value(
                "SELECT " + given.column + " IS DISTINCT FROM " + change + " FROM " + table + condition
            ) != "t")
          continue;
        const auto done = ledger.verify_changed(
            table, "UPDATE " + table + " SET " + given.column + " = " + change + condition
        );
        ++tried;
        EXPECT_EQ(1, done.status.code)
            << table << "." << given.column << " = " << change << ": " << done.output;
        if (given.column != "account_id") {
          EXPECT_THAT(done.output, HasSubstr("\"entityId\":\"o\"")) << given.column << " = " << change;
        }
      }
    }
    EXPECT_GT(tried, 15u);
  }

  written_ledger& ledger = written_ledger::instance();
};

} // namespace

TEST_F(VerifyTest, FindsASoundLedgerSound) {
  const auto done = ledger.verify_after({});
  EXPECT_EQ(0, done.status.code) << done.output;
  EXPECT_EQ(true, boolean_at(done.output, "/ok"));
  EXPECT_EQ(3, integer_at(done.output, "/accounts"));
  EXPECT_EQ(4, integer_at(done.output, "/lots"));
  EXPECT_EQ(14, integer_at(done.output, "/entries")) << done.output;
}

TEST_F(VerifyTest, FindsEveryChangeOfAnEntry) {
  expect_every_change_found("credit_entries", "seq = 2", {"txid"}); // a spend with a key
}
TEST_F(VerifyTest, FindsEveryChangeOfTheLastEntry) {
  expect_every_change_found(
      "credit_entries",
      "seq = (SELECT max(seq) FROM credit_entries m WHERE m.account_id = credit_entries.account_id)",
      {"txid"}
  );
}
/// Who wrote a row is in no hash; PostgreSQL knows it.
TEST_F(VerifyTest, FindsAnEntryThatWasWrittenAgain) {
  for (const auto* change : {"seq = seq", "txid = (txid::text::bigint + 1)::text::xid8"}) {
    auto sql = without_guards();
    sql.push_back(std::string("UPDATE credit_entries SET ") + change + " WHERE seq = 2");
    const auto done = ledger.verify_after(sql);
    EXPECT_EQ(1, done.status.code) << done.output;
    EXPECT_EQ(2, integer_at(done.output, "/flaws/0/seq"));
  }
}
TEST_F(VerifyTest, FindsARestoredLedgerSound) {
  const auto done = ledger.verify_changed("credit_entries", "SELECT 1");
  EXPECT_EQ(0, done.status.code) << done.output;
}
TEST_F(VerifyTest, FindsEveryChangeOfARelease) {
  expect_every_change_found("credit_entries", "entry_type = 7", {"txid"});
}
/// Another server numbered its transactions: one number may be the restore's own, and what is written after
/// it may have lower ones.
TEST_F(VerifyTest, FindsALedgerSoundThatWasRestoredOnAnotherServer) {
  for (const auto* numbers :
       {"CASE seq WHEN 2 THEN pg_current_xact_id() ELSE txid END",
        "CASE WHEN seq < 4 THEN (txid::text::bigint + 1000000)::text::xid8 ELSE pg_current_xact_id() END"}) {
    const auto done =
        ledger.verify_changed("credit_entries", std::string("UPDATE credit_entries SET txid = ") + numbers);
    EXPECT_EQ(0, done.status.code) << numbers << done.output;
  }
}
TEST_F(VerifyTest, FindsEveryChangeOfALot) {
  expect_every_change_found("credit_lots", "opened_seq = 1");
}
TEST_F(VerifyTest, FindsEveryChangeOfALotThatIsOver) {
  expect_every_change_found("credit_lots", "purchase_id = 'pur-over'");
}
TEST_F(VerifyTest, FindsEveryChangeOfABalance) {
  expect_every_change_found(
      "credit_balances", "true", {"last_updated"}
  ); // when it was written down: in no promise
}
TEST_F(VerifyTest, FindsEveryChangeOfAKeptSnapshot) {
  expect_every_change_found("credit_kept_snapshots", "true");
}

TEST_F(VerifyTest, NamesTheFirstWrongEntry) {
  auto sql = without_guards();
  sql.emplace_back("UPDATE credit_entries SET metadata = '{\"a\":2}' WHERE seq >= 2 AND account_id ="
                   " (SELECT account_id FROM entities WHERE entity_id = 'o')");
  const auto done = ledger.verify_after(sql);
  EXPECT_EQ(1, done.status.code);
  EXPECT_EQ(1u, size_at(done.output, "/flaws")) << done.output;
  EXPECT_EQ(2, integer_at(done.output, "/flaws/0/seq"));
  EXPECT_EQ("o", text_at(done.output, "/flaws/0/entityId"));
  EXPECT_EQ("organization", text_at(done.output, "/flaws/0/entityType"));
  EXPECT_EQ("acme", text_at(done.output, "/flaws/0/tenantId"));
}

struct tampering {
  const char* name;
  const char* sql;
};
void PrintTo(const tampering& given, std::ostream* out) {
  *out << given.name;
}

class TamperingTest : public testing::TestWithParam<tampering> {};

TEST_P(TamperingTest, IsFound) {
  auto sql = without_guards();
  sql.emplace_back(GetParam().sql);
  const auto done = written_ledger::instance().verify_after(sql);
  EXPECT_EQ(1, done.status.code) << done.output;
}

INSTANTIATE_TEST_SUITE_P(
    Rows,
    TamperingTest,
    testing::Values(
        tampering{"AnEntryIsGone", "DELETE FROM credit_entries WHERE seq = 2"},
        tampering{"TheLastEntriesAreGone", "DELETE FROM credit_entries WHERE seq > 3"},
        tampering{"AGenesisIsGone", "DELETE FROM credit_entries WHERE seq = 0"},
        tampering{"ALotIsGone", "DELETE FROM credit_lots WHERE opened_seq = 1"},
        tampering{"ABalanceIsGone", "DELETE FROM credit_balances"},
        tampering{"AHoldForgetsItsEnd", "UPDATE credit_entries SET hold_seq = NULL"},
        tampering{"AnEntryFollowsAnotherHold", "UPDATE credit_entries SET hold_seq = hold_seq + 1"},
        tampering{"NobodyLooksAtAHold", "DELETE FROM credit_hold_reminders"},
        tampering{
            "AHoldIsLookedAtLate",
            "UPDATE credit_hold_reminders SET remind_at = remind_at + interval '9 days'"},
        tampering{
            "ALotFromNowhere",
            "INSERT INTO credit_lots SELECT gen_random_uuid(), account_id, tenant_id, root_lot_id, "
            "parent_lot_id,"
            " 2, 0, kind, priority, effective_at, expires_at, expiry_date, applications, purchase_id,"
            " unit_cost_minor, currency, amount, amount, 0, false FROM credit_lots WHERE opened_seq = 1"},
        tampering{
            "AnInboxRowPointsElsewhere", "UPDATE credit_inbox SET absorbed_seq = 2 WHERE absorbed_seq = 1"},
        tampering{
            "AnInboxRowHadOtherCredits",
            "UPDATE credit_inbox SET credits = credits + 1 WHERE absorbed_seq = 1"},
        tampering{
            "AnInboxRowBroughtAnotherLot",
            "UPDATE credit_inbox SET lot_id = gen_random_uuid() WHERE absorbed_seq = 1"}
    ),
    [](const auto& each) { return std::string(each.param.name); }
);

TEST_F(VerifyTest, LooksAtOneTenantOrOneAccountWhenTold) {
  auto sql = without_guards();
  sql.emplace_back("UPDATE credit_entries SET units = units + 1 WHERE seq = 1 AND account_id ="
                   " (SELECT account_id FROM entities WHERE entity_id = 'o')");
  const auto account = ledger.value("SELECT account_id FROM entities WHERE entity_id = 'other'");
  EXPECT_EQ(0, ledger.verify_after(sql, {"--account", account}).status.code);
  EXPECT_EQ(0, ledger.verify_after(sql, {"--tenant", "acme", "--account", "organization/other"}).status.code);
  EXPECT_EQ(1, ledger.verify_after(sql, {"--tenant", "acme", "--account", "organization/o"}).status.code);
  EXPECT_EQ(1, ledger.verify_after(sql, {"--tenant", "acme"}).status.code);
  EXPECT_EQ(1, ledger.verify_after(sql, {"--tenant", "nobody"}).status.code);
  EXPECT_EQ(1, ledger.verify_after({}, {"--account", "organization/o"}).status.code) << "whose?";
  EXPECT_EQ(2, ledger.verify_after({}, {"--no-such-flag"}).status.code);
}

} // namespace tessera::test
