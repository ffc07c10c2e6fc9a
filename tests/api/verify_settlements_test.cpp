// tessera verify finds a change of what others asked of an account, and of reversals (decisions 0040, 0041).
// The ledger is written by the stores: its entries, rows and snapshots are where the test wants them.
#include "actors/account/seal.hpp"
#include "persistence/stores/directory_store.hpp"
#include "persistence/stores/grant_store.hpp"
#include "persistence/stores/inbox_store.hpp"
#include "persistence/stores/pg_account_store.hpp"
#include "persistence/stores/pg_journal_store.hpp"
#include "tests/support/json.hpp"
#include "tests/support/ledger_author.hpp"
#include "tests/support/reversible.hpp"
#include "tests/support/tessera_service.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <stdexcept>

namespace tessera::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr std::chrono::milliseconds patience{5'000};

/// An organisation `o` below its tenant, to which everything has happened. Databases are copied from it.
class settled_ledger {
public:
  static settled_ledger& instance() {
    static settled_ledger only;
    return only;
  }

  command_result verify_after(const std::vector<std::string>& sql) {
    auto& cluster = service_.cluster();
    const auto copy = cluster.create_database(service_.database());
    for (const auto& each : sql)
      cluster.query(copy, each);
    auto done = service_.command({"verify", "--json", "--database-url", cluster.url(copy)});
    cluster.drop_database(copy);
    return done;
  }
  std::string value(const std::string& sql) { return service_.cluster().query(service_.database(), sql); }

private:
  settled_ledger() {
    service_.create_tenant("acme");
    const auto id = value("SELECT tenant_id FROM tenants WHERE id = 'acme'");
    tenant_ = tenant_id{*uuid::parse(id)};
    above_ = account_id{*uuid::parse(value("SELECT account_id FROM entities WHERE entity_type = 1"))};
    sessions_.emplace(service_.cluster().url(service_.database(), "tessera_service"));
    make_organization();
    ledger_author author(sessions_->accounts.load(std::vector{account_}).front());
    write(author);
    take_in_above();
    sessions_.reset(); // nobody else may be in a database that is copied
  }

  void make_organization() {
    const auto genesis = genesis_entry(numbered<account_id>(0xabc), tenant_, start_of_test - 1h, test_writer);
    account_ = genesis.account;
    in_tenant([&](pg::transaction& in) {
      const persistence::new_account account{account_, genesis.booked_at, genesis.writer, genesis.hash};
      const create_entity command{
          tenant_, {entity_type::organization, "o"}, "O", {entity_type::tenant, "acme"}};
      if (persistence::create_entity(in, command, account) != errc::ok) throw std::runtime_error("no entity");
    });
  }

  void write(ledger_author& author) {
    const auto append = [&](const write_set& writes) { this->append(writes); };
    grant(author, 100, {});
    append(author.spend(100, a_key(1)));
    const auto spent = author.account().seq;
    append(author.reverse(spent, 60)); // the lot was empty
    carry_out(author, asked(inbox_kind::set_aside, 30));
    auto pays = asked(inbox_kind::pay_back, 20);
    pays.holds = {author.account().seq};
    carry_out(author, pays);
    carry_out(author, asked(inbox_kind::freeze));
    carry_out(author, asked(inbox_kind::unfreeze));
    carry_out(author, asked(inbox_kind::claw_back, 90)); // 50 of it are owed
    grant(author, 80, start_of_test + 1h);               // repays that first
    auto recall = asked(inbox_kind::recall, 10);
    recall.to = above_;
    recall.carrier = numbered<inbox_id>(0xca);
    carry_out(author, recall);
    append(author.send_up(inbox_kind::give_back, {above_, credits{5}, numbered<inbox_id>(0xcb)}));
    append(author.hold(5, 1h));
    append(author.spend(10));
    const auto of_the_second_lot = author.account().seq;
    sessions_->accounts.save(std::vector{snapshot_of(author.account())});
    append(author.reverse(spent, 15)); // after the snapshot
    author.pass(3h);
    auto late = reversal_of(author.spent_by(of_the_second_lot), 6);
    late.regrants = true;
    late.regrant_lot = numbered<lot_id>(0x1a7e);
    append(author.reverse(late));
    carry_out(author, asked(inbox_kind::claw_back, 1'000)); // a debt stays
    auto nothing = asked(inbox_kind::recall, 10);
    nothing.to = above_;
    nothing.carrier = numbered<inbox_id>(0xcc);
    carry_out(author, nothing);
  }

  void take_in_above() {
    const auto history = sessions_->accounts.load(std::vector{above_}).front();
    ledger_author above(history);
    for (const auto& row : history.waiting)
      append(above.receive(arrival(row)));
  }

  /// Gives credits through the inbox.
  void grant(ledger_author& author, std::int64_t amount, std::optional<time_point> end) {
    const auto number = ++rows_;
    receive_credits row;
    row.id = numbered<inbox_id>(number);
    row.account = account_;
    row.kind = inbox_kind::grant;
    row.reference = persistence::grant_id_of(row.id);
    auto& given = row.lots.emplace_back();
    given.id = given.root = numbered<lot_id>(number);
    given.kind = lot_kind::promo;
    given.amount = given.free = credits{amount};
    given.expires_at = end;
    if (end) given.expiry_date = to_rfc3339(*end - std::chrono::microseconds{1}).substr(0, 10);
    in_tenant([&](pg::transaction& in) { persistence::leave(in, tenant_, row); });
    append(author.receive(arrival(sessions_->accounts.load(std::vector{account_}).front().waiting.front())));
  }
  instruction asked(inbox_kind kind, std::int64_t wanted = 0) {
    instruction asked;
    asked.id = numbered<inbox_id>(++rows_);
    asked.account = account_;
    asked.kind = kind;
    asked.wanted = credits{wanted};
    asked.purpose = hold_purpose::refund;
    asked.ttl = 1h;
    asked.request_id = "req-" + std::to_string(rows_);
    asked.reference = "rfd-1";
    return asked;
  }
  void carry_out(ledger_author& author, const instruction& asked) {
    in_tenant([&](pg::transaction& in) { persistence::leave(in, tenant_, asked); });
    append(author.carry_out(asked));
  }

  void append(const write_set& writes) {
    const write_set* round[] = {&writes};
    const auto outcome = sessions_->store.append(round);
    if (outcome.status != persistence::append_status::committed) throw std::runtime_error(outcome.reason);
  }
  template <class UseCase> void in_tenant(UseCase use_case) {
    pg::transaction in(sessions_->api, tenant_, patience);
    use_case(in);
    in.commit();
  }

  tessera_service service_{{.environment = {}, .database = {}, .start = false}};
  struct sessions {
    explicit sessions(const std::string& url)
        : api({.url = url, .role = "tessera_api", .application_name = "test", .settings = {}}),
          store(url, test_writer, patience), accounts(url, "test", patience) {
      api.open();
    }
    pg::connection api;
    persistence::pg_journal_store store;
    persistence::pg_account_store accounts;
  };
  std::optional<sessions> sessions_;
  tenant_id tenant_;
  account_id account_;
  account_id above_;
  std::uint32_t rows_ = 0;
};

/// Without what PostgreSQL would refuse by itself.
std::vector<std::string> without_guards() {
  return {
      "ALTER TABLE credit_entries DISABLE TRIGGER USER",
      "DO $$ DECLARE c record; BEGIN FOR c IN SELECT conrelid::regclass AS t, conname FROM pg_constraint"
      " WHERE contype IN ('c', 'f', 'u') AND conrelid IN ('credit_entries'::regclass, "
      "'credit_lots'::regclass,"
      "  'credit_inbox'::regclass, 'credit_reversals'::regclass, "
      "'credit_inbox_lots'::regclass,"
      "  'credit_allocations'::regclass) LOOP"
      " EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', c.t, c.conname); END LOOP; END $$",
  };
}

TEST(VerifySettlementsTest, FindsASoundLedgerSound) {
  const auto done = settled_ledger::instance().verify_after({});
  EXPECT_EQ(0, done.status.code) << done.output;
  // Every type that these things have.
  const auto types = settled_ledger::instance().value(
      "SELECT string_agg(DISTINCT entry_type::text, ',') FROM credit_entries WHERE entry_type IN"
      " (2, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22)"
  );
  EXPECT_EQ(types.size(), std::string("2,10,11,12,13,14,15,16,17,18,19,20,21,22").size()) << types;
}

struct tampering {
  const char* name;
  const char* sql;
  const char* what; // of the flaw
};
void PrintTo(const tampering& given, std::ostream* out) {
  *out << given.name;
}

class SettlementTamperingTest : public testing::TestWithParam<tampering> {};

TEST_P(SettlementTamperingTest, IsFound) {
  auto sql = without_guards();
  sql.emplace_back(GetParam().sql);
  const auto done = settled_ledger::instance().verify_after(sql);
  EXPECT_EQ(1, done.status.code) << done.output;
  EXPECT_THAT(done.output, HasSubstr(GetParam().what));
}

INSTANTIATE_TEST_SUITE_P(
    Rows,
    SettlementTamperingTest,
    testing::Values(
        tampering{
            "ARowSaysThatItCameToMore",
            "UPDATE credit_inbox SET fulfilled = fulfilled + 1 WHERE kind = 21 AND fulfilled > 0",
            "an instruction says that it came to something else"},
        tampering{
            "ARowSaysThatItCameToNothing",
            "UPDATE credit_inbox SET fulfilled = 0 WHERE kind = 20",
            "an instruction says that it came to something else"},
        tampering{
            "AHoldIsPaidBackElsewhere",
            "UPDATE credit_inbox SET absorbed_seq = absorbed_seq + 8 WHERE kind = 18",
            "an instruction says that it came to something else"},
        tampering{
            "ARowSaysNothing",
            "UPDATE credit_inbox SET fulfilled = NULL WHERE kind = 22",
            "an instruction says that it came to something else"},
        tampering{
            "AGrantCameToLess",
            "UPDATE credit_inbox SET fulfilled = fulfilled - 1 WHERE kind = 4",
            "does not point to its entry"},
        tampering{
            "AGrantPointsBehindIt",
            "UPDATE credit_inbox SET absorbed_seq = absorbed_seq + 1 WHERE kind = 4 AND absorbed_seq = 1",
            "does not point to its entry"},
        tampering{
            "ARecallArrivedAsAGift",
            "UPDATE credit_inbox SET kind = 5 WHERE kind = 6",
            "brings something else than was sent"},
        tampering{
            "ARecallBringsMore",
            "UPDATE credit_inbox SET credits = credits + 1, fulfilled = fulfilled + 1 WHERE kind = 6",
            "brings something else than was sent"},
        tampering{"WhatWasSentIsGone", "DELETE FROM credit_inbox WHERE kind = 6", "is in one inbox no more"},
        tampering{
            "AReversalIsForgotten",
            "DELETE FROM credit_reversals WHERE units = 15",
            "a reversal is not of a spend"},
        tampering{
            "AReversalThatNobodyMade",
            "INSERT INTO credit_reversals SELECT account_id, spent_seq, seq + 1, tenant_id, units"
            " FROM credit_reversals LIMIT 1",
            "a row of a reversal that no entry made"},
        tampering{
            "AReversalOfAnotherSpend",
            "UPDATE credit_reversals SET spent_seq = spent_seq + 1 WHERE units = 15",
            "a reversal"},
        tampering{
            "AReversalOfAnotherTenant",
            "UPDATE credit_reversals SET tenant_id = gen_random_uuid()",
            "a reversal is not of a spend"},
        tampering{
            "AReversalOfMore",
            "UPDATE credit_reversals SET units = units + 1",
            "a reversal is not of a spend"},
        tampering{
            "ALotForgetsThatItIsThereAgain",
            "UPDATE credit_lots SET reopened_seq = NULL",
            "does not say which entry gave units back"},
        tampering{
            "ALotSaysThatItIsThereAgain",
            "UPDATE credit_lots SET reopened_seq = 9 WHERE reopened_seq IS NULL",
            "does not say which entry gave units back"},
        tampering{
            "ALotThatIsOverIsNotClosed",
            "UPDATE credit_lots SET closed = false",
            "an expired lot is not closed"},
        tampering{
            "AGrantBroughtAnotherLot",
            "UPDATE credit_inbox SET lot_id = gen_random_uuid() WHERE kind = 4",
            "a lot is not the one that its row brought"},
        tampering{
            "TheDebtIsForgiven",
            "UPDATE credit_entries SET debt_after = 0 WHERE entry_type = 20",
            "the hash does not match"},
        tampering{
            "ItIsFrozenNoMore", "UPDATE credit_balances SET frozen = true", "snapshot with another frozen"}
    ),
    [](const auto& each) { return std::string(each.param.name); }
);

/// A ledger that was written wrong, hashes and all: what the constraints keep out is found where they were
/// off.
TEST(VerifySettlementsTest, FindsThatMoreWasReversedThanWasSpent) {
  auto& ledger = settled_ledger::instance();
  auto sql = without_guards();
  // The first reversal names the spend that the last one names, which took less from another lot.
  sql.emplace_back("UPDATE credit_reversals r SET spent_seq = (SELECT max(spent_seq) FROM credit_reversals)"
                   " WHERE units = 60");
  const auto done = ledger.verify_after(sql);
  EXPECT_EQ(1, done.status.code) << done.output;
  EXPECT_THAT(done.output, HasSubstr("more came back to a lot than a spend took from it"));
}

} // namespace
} // namespace tessera::test
