// Random lives of accounts that others ask for things (decisions 0040, 0041): instructions by inbox,
// reversals and freezes between spends, holds and arrivals, with every fault of the store. Afterwards each
// row must have been carried out once, as far as it says, and the ledger must add up.
#include "actors/account/seal.hpp"
#include "actors/cluster/lease.hpp"
#include "actors/domain/ledger_check.hpp"
#include "messages/entry_names.hpp"
#include "tests/actors/chance.hpp"
#include "tests/support/reversible.hpp"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <string>
#include <vector>

namespace tessera::test {
namespace {

using namespace std::chrono_literals;

/// What the lives of a test have seen between them.
struct seen_in_settlements {
  std::map<inbox_kind, std::size_t> fulfilled;
  std::size_t partly = 0;
  std::size_t refused = 0;
  std::size_t reversals = 0;
  std::size_t stale = 0;
  std::size_t debts = 0;
  std::size_t repaid = 0;
};

class settlement {
public:
  explicit settlement(std::uint64_t seed) : pick_(seed), world_(options_of(pick_, seed)) {
    for (std::uint32_t n = 1; n <= 3; ++n) {
      auto ends =
          a_lot(10 * n + 2, pick_.between(1, 100), expires_in(std::chrono::minutes(pick_.between(1, 60))));
      accounts_.push_back(world_.open({a_lot(10 * n + 1, pick_.between(1, 200)), ends}));
    }
  }

  void run(seen_in_settlements& seen) {
    for (auto steps = 60 + pick_.below(120); steps > 0; --steps)
      step();
    quiesce();
    for (int i = 0; i < 3; ++i) // what is sent on, and what comes back, arrives, too
      for (const auto& account : accounts_)
        absorb_all(account);
    check();
    count(seen);
  }

private:
  const account_id& any_account() { return accounts_[pick_.below(accounts_.size())]; }

  void step() {
    switch (pick_.below(16)) {
    case 0: return spend_or_hold();
    case 1:
    case 2: return ask_for_something();
    case 3: return reverse();
    case 4: return something_rare();
    case 5:
    case 6: world_.step_round(); return;
    case 7: world_.step_read(pick_.below(100)); return;
    case 8: world_.step_bounced(); return;
    case 9: world_.step_look_ups(); return;
    case 10: world_.step_snapshot(pick_.below(100)); return;
    default: world_.step_actor(pick_.below(100));
    }
  }

  void spend_or_hold() {
    if (pick_.one_in(3)) {
      auto command = hold(pick_.between(1, 40), std::chrono::minutes(pick_.between(1, 30)));
      command.account = any_account();
      world_.ask(command);
      return;
    }
    auto command = consume(pick_.between(1, 60));
    command.account = any_account();
    world_.ask(command);
  }

  void ask_for_something() {
    static constexpr std::array kinds{
        inbox_kind::set_aside,
        inbox_kind::set_aside,
        inbox_kind::let_go,
        inbox_kind::pay_back,
        inbox_kind::move_on,
        inbox_kind::claw_back,
        inbox_kind::claw_back,
        inbox_kind::recall,
        inbox_kind::freeze,
        inbox_kind::unfreeze,
        inbox_kind::unfreeze,
        inbox_kind::purchase};
    const auto kind = kinds[pick_.below(kinds.size())];
    const auto& account = any_account();
    if (kind == inbox_kind::purchase)
      rows_.push_back(world_.put_inbox(account, pick_.between(1, 100)));
    else
      rows_.push_back(world_.put_inbox(some_instruction(kind, account)));
    if (pick_.one_in(2)) world_.ask(absorb_inbox{account, {}});
  }

  instruction some_instruction(inbox_kind kind, const account_id& account) {
    instruction asked;
    asked.account = account;
    asked.kind = kind;
    asked.wanted = credits{pick_.between(1, 120)};
    asked.partial = pick_.one_in(2);
    asked.purpose =
        std::array{hold_purpose::escrow, hold_purpose::refund, hold_purpose::dispute}[pick_.below(3)];
    asked.ttl = std::chrono::minutes(pick_.between(1, 90));
    if (pick_.one_in(3))
      asked.roots = {numbered<lot_id>(static_cast<std::uint32_t>(pick_.between(1, 3)) * 10 + 1)};
    asked.holds = open_holds_of(account, kind == inbox_kind::claw_back ? 3 : 1);
    asked.to = any_account();
    while (*asked.to == account)
      asked.to = any_account();
    asked.carrier = numbered<inbox_id>(1'000'000 + (++carriers_ << 8));
    asked.reference = "ref-" + std::to_string(rows_.size());
    return asked;
  }

  /// Some that are open as far as the ledger says.
  std::vector<std::uint64_t> open_holds_of(const account_id& account, std::size_t most) {
    credit_account state;
    for (const auto& event : world_.ledger().events(account))
      evolve(state, event);
    std::vector<std::uint64_t> found;
    for (const auto& each : state.holds.all())
      if (each->purpose != hold_purpose::spend && found.size() < most && pick_.one_in(2))
        found.push_back(each->seq);
    return found;
  }

  void reverse() {
    const auto& account = any_account();
    const auto events = world_.ledger().events(account);
    const auto& booked = events[pick_.below(events.size())].booked;
    if (booked.type != entry_type::spend && booked.type != entry_type::capture) return;
    auto command = reversal_of(read_spend(world_.ledger(), account, booked.seq));
    if (pick_.one_in(2)) command.amount = credits{pick_.between(1, 60)};
    command.regrants = pick_.one_in(3);
    command.regrant_lot = numbered<lot_id>(500'000 + ++regrants_);
    reversals_.push_back(world_.ask(command));
    if (pick_.one_in(3))
      reversals_.push_back(world_.ask(command)); // of two that read the same one may happen
  }

  void something_rare() {
    const auto& account = any_account();
    switch (pick_.below(7)) {
    case 0: world_.passivate(account); return;
    case 1: world_.save_snapshot(account); return;
    case 2: world_.ask(expire_lots{account, {}}); return;
    case 3: world_.time().pass(std::chrono::minutes(pick_.between(0, 20))); return;
    case 4: world_.settle(); return;
    case 5: world_.ownership().extend(lease::now() + (pick_.one_in(2) ? 1h : -1h)); return;
    default: world_.fail_loads(pick_.one_in(2) ? 1 : 0);
    }
  }

  void quiesce() {
    world_.store().stop_failing();
    world_.fail_loads(0);
    world_.ownership().extend(lease::now() + 1h);
    world_.settle();
  }

  void absorb_all(const account_id& account) {
    for (int failures = 0; failures < 2;) {
      const auto nudge = world_.ask(absorb_inbox{account, {}});
      world_.settle();
      if (world_.answer(nudge).ok()) return;
      failures += world_.answer(nudge).code() == errc::overloaded ? 0 : 1;
    }
    ADD_FAILURE() << "the inbox cannot be absorbed";
  }

  void check() {
    EXPECT_EQ(world_.unanswered(), 0u);
    EXPECT_EQ(world_.answered_twice(), 0u);
    for (const auto& account : accounts_)
      check_ledger(account);
    for (const auto& [spent, reversed] : reversed_)
      EXPECT_LE(reversed, spent_.at(spent)) << spent << " was reversed for more than it took";
    for (const auto& row : world_.ledger().all_inboxes())
      check_row(row);
    EXPECT_EQ(sent_, arrived_);
  }

  void check_ledger(const account_id& account) {
    credit_account state;
    const auto snapshot = world_.ledger().snapshot(account);
    for (const auto& event : world_.ledger().events(account)) {
      if (event.booked.type != entry_type::genesis) {
        EXPECT_EQ(flaw_of(state, event), "");
      }
      evolve(state, event);
      note(event.booked);
      if (state.seq == snapshot.seq) {
        EXPECT_EQ(restore(snapshot), state);
      }
    }
    const auto& totals = state.totals;
    const auto& now = totals.now;
    EXPECT_TRUE(now.debt.is_zero() || now.available.is_zero()) << "free credits beside a debt";
    EXPECT_EQ(
        totals.lifetime_in,
        now.total() + totals.expired + totals.refunded + totals.clawed_back + totals.allocated_out +
            totals.debt_repaid
    );
  }

  void note(const entry& booked) {
    const auto units = booked.units.value();
    switch (booked.type) {
    case entry_type::spend:
    case entry_type::capture: spent_[transaction_id_of({booked.account, booked.seq})] = units; break;
    case entry_type::reverse: reversed_[booked.reference] += units; break;
    case entry_type::allocate_out:
    case entry_type::reclaim_out: sent_ += units; break;
    case entry_type::allocate_in:
    case entry_type::reclaim_in:
    case entry_type::return_in: arrived_ += units; break;
    default: break;
    }
    if (booked.reference.starts_with("ref-") || booked.reference.starts_with("alloc-"))
      by_reference_[booked.reference][booked.type] += units;
    seen_types_[booked.type] += 1;
  }

  /// What the row says was done is what its entries did.
  void check_row(const inbox_row& row) {
    EXPECT_FALSE(row.waits());
    const auto* asked = std::get_if<instruction>(&row.command);
    if (!asked) return;
    // What moves is an allocation of its own.
    const bool moves = asked->kind == inbox_kind::recall || asked->kind == inbox_kind::move_on;
    auto& done = by_reference_[moves ? "alloc-" + to_string(asked->carrier) : asked->reference];
    if (row.refused) {
      EXPECT_TRUE(done.empty()) << asked->reference << " was refused, and happened";
      return;
    }
    const auto fulfilled = row.fulfilled.value();
    switch (asked->kind) {
    case inbox_kind::claw_back:
      EXPECT_EQ(done[entry_type::clawback] + done[entry_type::adjust], fulfilled);
      EXPECT_EQ(fulfilled, asked->wanted.value());
      break;
    case inbox_kind::recall: EXPECT_EQ(done[entry_type::reclaim_out], fulfilled); break;
    case inbox_kind::move_on: EXPECT_EQ(done[entry_type::allocate_out], fulfilled); break;
    default: break; // entries of holds name the hold
    }
    EXPECT_LE(fulfilled, std::max(asked->wanted.value(), std::int64_t{1'000}));
  }

  void count(seen_in_settlements& seen) {
    for (const auto& row : world_.ledger().all_inboxes()) {
      const auto* asked = std::get_if<instruction>(&row.command);
      if (!asked) continue;
      seen.refused += row.refused ? 1 : 0;
      if (row.refused) continue;
      seen.fulfilled[asked->kind] += 1;
      seen.partly += asked->kind != inbox_kind::claw_back && row.fulfilled < asked->wanted ? 1 : 0;
    }
    for (const auto& each : reversals_) {
      seen.reversals += world_.answer(each).ok() ? 1 : 0;
      seen.stale += world_.answer(each).code() == errc::reversed_meanwhile ? 1 : 0;
    }
    const auto times = [this](entry_type type) {
      const auto found = seen_types_.find(type);
      return found == seen_types_.end() ? 0 : found->second;
    };
    seen.debts += times(entry_type::adjust);
    seen.repaid += times(entry_type::debt_repaid);
  }

  chance pick_;
  actor_world world_;
  std::vector<account_id> accounts_;
  std::vector<inbox_id> rows_;
  std::vector<asked<reversal_receipt>> reversals_;
  std::uint32_t carriers_ = 0;
  std::uint32_t regrants_ = 0;

  std::map<std::string, std::int64_t> spent_; // by transaction
  std::map<std::string, std::int64_t> reversed_;
  std::map<std::string, std::map<entry_type, std::int64_t>> by_reference_;
  std::map<entry_type, std::size_t> seen_types_;
  std::int64_t sent_ = 0;
  std::int64_t arrived_ = 0;
};

/// `TESSERA_SIMULATION_RUNS` lives from `TESSERA_SIMULATION_SEED` on.
TEST(SettlementSimulationTest, EveryRowIsCarriedOutOnceAndTheLedgerAddsUp) {
  const auto first = number_from("TESSERA_SIMULATION_SEED", 1);
  const auto runs = number_from("TESSERA_SIMULATION_RUNS", 1'500);
  seen_in_settlements seen;
  for (auto seed = first; seed < first + runs && !HasFailure(); ++seed) {
    SCOPED_TRACE("TESSERA_SIMULATION_RUNS=1 TESSERA_SIMULATION_SEED=" + std::to_string(seed));
    try {
      settlement(seed).run(seen);
    } catch (const std::exception& why) {
      ADD_FAILURE() << why.what();
    }
  }
  if (runs < 1'000) return;
  for (const auto kind :
       {inbox_kind::set_aside,
        inbox_kind::let_go,
        inbox_kind::pay_back,
        inbox_kind::move_on,
        inbox_kind::claw_back,
        inbox_kind::recall,
        inbox_kind::freeze,
        inbox_kind::unfreeze})
    EXPECT_GT(seen.fulfilled[kind], 10u) << static_cast<int>(kind);
  EXPECT_GT(seen.partly, 10u);
  EXPECT_GT(seen.refused, 10u);
  EXPECT_GT(seen.reversals, 10u);
  EXPECT_GT(seen.stale, 0u);
  EXPECT_GT(seen.debts, 10u);
  EXPECT_GT(seen.repaid, 10u);
}

} // namespace
} // namespace tessera::test
