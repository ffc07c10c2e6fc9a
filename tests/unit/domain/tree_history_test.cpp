#include "actors/domain/allocation.hpp"
#include "actors/domain/freezes.hpp"
#include "actors/domain/instructions.hpp"
#include "actors/domain/reversals.hpp"
#include "tests/unit/domain/history/credit_tree.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

/// Random histories of several accounts that give each other credits, and of what payments, disputes and
/// invitations do to them: what leaves one is on its way or at another, per purchase, and never on other
/// terms.
namespace tessera::test {
namespace {

using std::chrono::microseconds;

enum class act {
  buy,
  spend,
  hold,
  settle, // a hold: captured, released, let go, paid back or moved on
  allocate,
  arrive,
  bounce,
  set_aside,
  claw_back,
  recall,
  reverse,
  freeze,
  expire,
  crash,
};

constexpr int never = 60; // from this life on a lot is never over

struct step {
  act what = act::expire;
  int advance = 0;
  std::size_t at = 0;
  std::size_t to = 0;
  std::size_t also_to = 0;
  int amount = 1;
  int life = never;
  int policy = 0;
  int remaining = 0;
  std::size_t which = 0; // of the rows on their way, the holds, the spends
  bool flag = false;     // released, partial, regrants, a round that is lost
};

std::ostream& operator<<(std::ostream& out, const step& x) {
  constexpr const char* names[] = {
      "buy",
      "spend",
      "hold",
      "settle",
      "allocate",
      "arrive",
      "bounce",
      "set_aside",
      "claw_back",
      "recall",
      "reverse",
      "freeze",
      "expire",
      "crash"};
  return out << names[static_cast<int>(x.what)] << ' ' << x.amount << " at " << x.at << " to " << x.to << ", "
             << x.also_to << " life " << x.life << " policy " << x.policy << " after " << x.advance
             << " us which " << x.which << (x.flag ? " flag" : "");
}

rc::Gen<step> any_step() {
  using namespace rc::gen;
  return build<step>(
      set(&step::what,
          weightedElement<act>(
              {{6, act::buy},
               {4, act::spend},
               {4, act::hold},
               {7, act::settle},
               {9, act::allocate},
               {11, act::arrive},
               {1, act::bounce},
               {5, act::set_aside},
               {3, act::claw_back},
               {3, act::recall},
               {4, act::reverse},
               {1, act::freeze},
               {1, act::expire},
               {1, act::crash}}
          )),
      set(&step::advance, inRange(-3, 10)),
      set(&step::at, inRange<std::size_t>(0, credit_tree::size)),
      set(&step::to, inRange<std::size_t>(0, credit_tree::size)),
      set(&step::also_to, inRange<std::size_t>(0, credit_tree::size)),
      set(&step::amount, inRange(1, 60)),
      set(&step::life, inRange(1, never + 30)),
      set(&step::policy, inRange(0, 3)),
      set(&step::remaining, element(0, 0, 0, 1)),
      set(&step::which, inRange<std::size_t>(0, 8)),
      set(&step::flag, arbitrary<bool>())
  );
}

class tree : public credit_tree {
public:
  void take(const step& next) {
    clock_ += microseconds{next.advance};
    act_on(nodes_[next.at], next);
    check();
  }

  void let_everything_arrive() {
    while (!on_their_way_.empty())
      arrive({});
    check();
    for (const auto& each : nodes_)
      for (std::size_t i = 0; i < each.ledger.size(); ++i)
        RC_ASSERT(rebuilt(each, i) == each.account);
  }

private:
  void act_on(node& here, const step& next) {
    switch (next.what) {
    case act::buy: return buy(here, next);
    case act::spend: return try_to(here, consume(next.amount));
    case act::hold: return try_to(here, hold(next.amount, microseconds{next.life}));
    case act::settle: return settle(here, next);
    case act::allocate: return give(here, next);
    case act::arrive: return arrive(next);
    case act::bounce: return bounce(next);
    case act::set_aside: return set_some_aside(here, next);
    case act::claw_back: return claw_back(here, next);
    case act::recall: return recall(here, next);
    case act::reverse: return reverse_one(here, next);
    case act::freeze: return book_all(here, decide(here.account, change_frozen(next.policy == 0), clock_));
    case act::expire: return book_all(here, decide(here.account, expire_lots{}, clock_));
    case act::crash: return crash(here, next);
    }
  }

  /// A purchase, or what an operator gives; as often it is for one application.
  void buy(node& here, const step& next) {
    auto command = receive(a_lot(++numbered_, 8 * next.amount));
    auto& bought = command.lots.front();
    bought.unit_cost_minor = next.amount;
    bought.purchase_id = "pur-" + std::to_string(numbered_);
    if (next.policy == 2) bought.applications = {"crm"};
    if (next.flag) command.kind = inbox_kind::grant;
    if (next.life < never) bought.expires_at = clock_ + microseconds{4 * next.life};
    note_new(bought);
    book_all(here, *decide(here.account, command, clock_));
  }

  template <class Command> void try_to(node& here, const Command& command) {
    const auto decision = decide(here.account, command, clock_);
    if (decision.ok()) book_all(here, *decision);
  }

  void carry_out(node& here, instruction asked) {
    asked.account = here.account.id;
    const auto made = decide(here.account, asked, clock_);
    if (!made.ok()) return;
    credits sent;
    for (const auto& row : made->sent)
      sent += *units_in(row.lots);
    RC_ASSERT(made->sent.empty() || sent == made->fulfilled);
    book_all(here, made->events, made->sent);
  }

  void settle(node& here, const step& next) {
    const auto holds = here.account.holds.all();
    if (holds.empty()) return;
    const auto chosen = holds[next.which % holds.size()];
    if (chosen->purpose == hold_purpose::spend) {
      if (next.flag) return try_to(here, release(chosen->seq));
      auto command = capture(chosen->seq, next.amount);
      command.final = next.policy > 0;
      command.spend_overage = next.remaining > 0;
      return try_to(here, command);
    }
    if (next.flag && next.policy == 0) return carry_out(here, instruct_hold(inbox_kind::let_go, chosen->seq));
    if (chosen->purpose != hold_purpose::escrow)
      return carry_out(here, instruct_hold(inbox_kind::pay_back, chosen->seq, next.amount));
    if (next.to == next.at) return;
    auto asked = instruct_hold(inbox_kind::move_on, chosen->seq);
    asked.to = nodes_[next.to].account.id;
    asked.carrier = next_row();
    carry_out(here, asked);
  }

  void give(node& here, const step& next) {
    if (next.to == next.at) return;
    constexpr inbox_kind ways[] = {inbox_kind::allocation, inbox_kind::give_back, inbox_kind::reclaim};
    auto command = allocate({leg(next.to, next.amount)});
    command.kind = ways[next.flag ? next.which % 3 : 0];
    if (!next.flag && next.also_to != next.at && next.also_to != next.to)
      command.legs.push_back(leg(next.also_to, 2 * next.amount));
    command.account = here.account.id;
    if (next.policy > 0)
      command.lots.policy = next.policy == 1 ? lot_policy::soonest_first : lot_policy::latest_first;
    command.lots.min_remaining = std::chrono::days{next.remaining};
    credits sum;
    for (const auto& each : command.legs)
      sum += each.amount;
    const auto decision = decide(here.account, command, clock_);
    if (!decision.ok()) return check_refusal(here, command, decision.why(), sum);
    RC_ASSERT(decision->sent.size() == command.legs.size());
    for (std::size_t i = 0; i < command.legs.size(); ++i)
      RC_ASSERT(units_in(decision->sent[i].lots) == command.legs[i].amount);
    book_all(here, decision->events, decision->sent);
  }

  void check_refusal(const node& here, const allocate_credits& command, const rejection& why, credits sum) {
    RC_ASSERT(why.would_allow <= why.available);
    if (here.account.frozen && command.kind != inbox_kind::reclaim)
      return RC_ASSERT(why.code == errc::entity_frozen);
    RC_ASSERT(why.code == errc::insufficient_credits);
    RC_ASSERT(why.would_allow < sum);
    check_would_allow(here, command, why.would_allow);
  }

  /// So much passes in as many legs, one unit more does not. (Fewer legs are over sooner: a lot that ends
  /// between two legs counts for none of them.)
  void check_would_allow(const node& here, allocate_credits command, credits allowed) {
    const credits others{static_cast<std::int64_t>(command.legs.size()) - 1};
    for (auto& each : command.legs)
      each.amount = credits{1};
    auto& first = command.legs.front().amount;
    first = allowed - others + credits{1};
    RC_ASSERT(first < credits{1} || !decide(here.account, command, clock_).ok());
    first = allowed - others;
    RC_ASSERT(first < credits{1} || decide(here.account, command, clock_).ok());
  }

  /// A round may be lost: the row is decided again later, and opens the same lots if it opens any.
  void arrive(const step& next) {
    if (on_their_way_.empty()) return;
    const auto row = take_row(next);
    auto& here = node_of(row.account);
    const auto decision = decide(here.account, row, clock_);
    RC_ASSERT(decision.ok());
    if (next.flag && next.policy == 0) return on_their_way_.push_back(row);
    for (const auto& event : *decision)
      for (const auto& opened : event.opened)
        RC_ASSERT(std::ranges::count(row.lots, opened.id, &lot::id) == 1);
    book_all(here, *decision);
  }

  void bounce(const step& next) {
    if (on_their_way_.empty()) return;
    const auto row = take_row(next);
    on_their_way_.push_back(row.sender ? bounce_of(row) : row);
  }

  void set_some_aside(node& here, const step& next) {
    constexpr hold_purpose purposes[] = {hold_purpose::escrow, hold_purpose::refund, hold_purpose::dispute};
    auto asked = set_aside(purposes[next.policy], next.amount, microseconds{100 + 4 * next.life});
    asked.partial = next.flag;
    if (next.remaining > 0) asked.roots = {some_root(next)};
    carry_out(here, asked);
  }

  void claw_back(node& here, const step& next) {
    auto asked = instruct(inbox_kind::claw_back, next.amount);
    if (next.flag) asked.roots = {some_root(next)};
    for (const auto& each : here.account.holds.all())
      if (next.policy == 0) asked.holds.push_back(each->seq);
    carry_out(here, asked);
  }

  void recall(node& here, const step& next) {
    if (next.to == next.at) return;
    auto asked = instruct(inbox_kind::recall, 4 * next.amount);
    if (next.flag) asked.roots = {some_root(next)};
    asked.to = nodes_[next.to].account.id;
    asked.carrier = next_row();
    carry_out(here, asked);
  }

  void reverse_one(node& here, const step& next) {
    if (here.spends.empty()) return;
    const auto at = here.spends.size() - 1 - next.which % here.spends.size();
    auto& spend = here.spends[at];
    auto command = reverse(as_reversible(spend.spent, spend.lots));
    command.spend.reversed = spend.reversed;
    if (next.policy > 0) command.amount = credits{next.amount};
    command.regrants = next.flag;
    command.regrant_lot = numbered<lot_id>(++numbered_);
    command.spend.regrant_expires_at = std::max(clock_, here.account.booked_at) + microseconds{200};
    const auto decision = decide(here.account, command, clock_);
    if (!decision.ok()) return RC_ASSERT(decision.code() == errc::nothing_to_reverse);
    for (const auto& event : *decision)
      if (event.booked.type == entry_type::reverse) spend.reversed += event.booked.units;
    RC_ASSERT(spend.reversed <= spend.spent.units);
    book_all(here, *decision);
  }

  void crash(node& here, const step& next) {
    auto again = rebuilt(here, next.which * 7 % here.ledger.size());
    RC_ASSERT(again == here.account);
    here.account = std::move(again);
  }

  allocation_leg leg(std::size_t to, int amount) {
    return {nodes_[to].account.id, credits{amount}, next_row()};
  }
  inbox_id next_row() { return numbered<inbox_id>(++rows_ << 8); }
  lot_id some_root(const step& next) const {
    return numbered<lot_id>(numbered_ - static_cast<std::uint32_t>(next.which) % (numbered_ + 1));
  }

  receive_credits take_row(const step& next) {
    const auto at = on_their_way_.begin() + static_cast<std::ptrdiff_t>(next.which % on_their_way_.size());
    auto row = *at;
    on_their_way_.erase(at);
    return row;
  }

  time_point clock_ = start_of_test;
  std::uint32_t numbered_ = 0;
  std::uint32_t rows_ = 0;
};

RC_GTEST_PROP(TreeHistoryTest, LosesNothingAndLaundersNothing, ()) {
  const auto steps = *rc::gen::container<std::vector<step>>(any_step());
  tree all;

  for (const auto& next : steps)
    all.take(next);

  all.let_everything_arrive();
}

} // namespace
} // namespace tessera::test
