#include "actors/domain/allocation.hpp"
#include "actors/domain/transfer.hpp"
#include "tests/unit/domain/ledger.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <deque>
#include <map>

/// Random histories of several accounts that give each other credits: what leaves one is on its way or at
/// another, per purchase, and never on other terms.
namespace tessera::test {
namespace {

using std::chrono::microseconds;

enum class act { buy, spend, allocate, arrive, bounce, expire };

constexpr std::size_t accounts = 4;
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
  std::size_t which = 0; // of the rows on their way
};

std::ostream& operator<<(std::ostream& out, const step& x) {
  constexpr const char* names[] = {"buy", "spend", "allocate", "arrive", "bounce", "expire"};
  return out << names[static_cast<int>(x.what)] << ' ' << x.amount << " at " << x.at << " to " << x.to << ", "
             << x.also_to << " life " << x.life << " policy " << x.policy << " after " << x.advance << " us";
}

rc::Gen<step> any_step() {
  using namespace rc::gen;
  return build<step>(
      set(&step::what,
          weightedElement<act>(
              {{3, act::buy},
               {4, act::spend},
               {6, act::allocate},
               {6, act::arrive},
               {1, act::bounce},
               {1, act::expire}}
          )),
      set(&step::advance, inRange(-3, 10)),
      set(&step::at, inRange<std::size_t>(0, accounts)),
      set(&step::to, inRange<std::size_t>(0, accounts)),
      set(&step::also_to, inRange<std::size_t>(0, accounts)),
      set(&step::amount, inRange(1, 60)),
      set(&step::life, inRange(1, never + 30)),
      set(&step::policy, inRange(0, 3)),
      set(&step::remaining, element(0, 0, 0, 1)),
      set(&step::which, inRange<std::size_t>(0, 8))
  );
}

account_event genesis_of(std::size_t n) {
  auto first = genesis(start_of_test);
  first.booked.account = numbered<account_id>(static_cast<std::uint32_t>(n) + 1);
  first.booked.hash = seal_of({}, first);
  return first;
}

class tree {
public:
  tree() {
    for (std::size_t n = 0; n < accounts; ++n) {
      nodes_[n].ledger.push_back(genesis_of(n));
      evolve(nodes_[n].account, nodes_[n].ledger.back());
    }
  }

  void take(const step& next) {
    clock_ += microseconds{next.advance};
    auto& here = nodes_[next.at];
    switch (next.what) {
    case act::buy: buy(here, next); break;
    case act::spend: spend(here, next); break;
    case act::allocate: give(here, next); break;
    case act::arrive: arrive(next); break;
    case act::bounce: bounce(next); break;
    case act::expire: book_all(here, decide(here.account, expire_lots{}, clock_)); break;
    }
    for (const auto& each : nodes_)
      check(each);
    check_roots();
  }

  void let_everything_arrive() {
    while (!on_their_way_.empty())
      arrive({});
    check_roots();
  }

private:
  struct node {
    credit_account account;
    std::vector<account_event> ledger;
    std::map<lot_id, lot_id> root_of; // of every lot that ever was here
  };

  void buy(node& here, const step& next) {
    auto command = receive(a_lot(++numbered_, 8 * next.amount));
    auto& bought = command.lots.front();
    bought.unit_cost_minor = next.amount;
    bought.purchase_id = "pur-" + std::to_string(numbered_);
    if (next.life < never) bought.expires_at = clock_ + microseconds{4 * next.life};
    bought_[bought.root] = bought;
    book_all(here, *decide(here.account, command, clock_));
  }

  void spend(node& here, const step& next) {
    auto command = consume(next.amount);
    const auto decision = decide(here.account, command, clock_);
    if (decision.ok()) book_all(here, *decision);
  }

  void give(node& here, const step& next) {
    if (next.to == next.at) return;
    std::vector<allocation_leg> legs{leg(next.to, next.amount)};
    if (next.also_to != next.at && next.also_to != next.to)
      legs.push_back(leg(next.also_to, 2 * next.amount));
    auto command = allocate(legs);
    command.account = here.account.id;
    if (next.policy > 0)
      command.lots.policy = next.policy == 1 ? lot_policy::soonest_first : lot_policy::latest_first;
    command.lots.min_remaining = std::chrono::days{next.remaining};
    credits sum;
    for (const auto& each : legs)
      sum += each.amount;
    const auto before = here.account.totals.now.available;
    const auto decision = decide(here.account, command, clock_);
    if (!decision.ok()) {
      RC_ASSERT(decision.code() == errc::insufficient_credits);
      RC_ASSERT(decision.why().would_allow < sum);
      RC_ASSERT(decision.why().would_allow <= decision.why().available);
      RC_ASSERT(decision.why().available <= before);
      return check_would_allow(here, command, decision.why().would_allow);
    }
    RC_ASSERT(decision->sent.size() == legs.size());
    for (std::size_t i = 0; i < legs.size(); ++i) {
      RC_ASSERT(units_in(decision->sent[i].lots) == legs[i].amount);
      on_their_way_.push_back(decision->sent[i]);
    }
    book_all(here, decision->events);
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

  allocation_leg leg(std::size_t to, int amount) {
    return {nodes_[to].account.id, credits{amount}, numbered<inbox_id>(++rows_ << 8)};
  }

  void arrive(const step& next) {
    if (on_their_way_.empty()) return;
    const auto row = take_row(next);
    auto& here = node_of(row.account);
    book_all(here, *decide(here.account, row, clock_));
  }

  void bounce(const step& next) {
    if (on_their_way_.empty()) return;
    const auto row = take_row(next);
    on_their_way_.push_back(row.sender ? bounce_of(row) : row);
  }

  receive_credits take_row(const step& next) {
    const auto at = on_their_way_.begin() + static_cast<std::ptrdiff_t>(next.which % on_their_way_.size());
    auto row = *at;
    on_their_way_.erase(at);
    return row;
  }

  node& node_of(const account_id& id) {
    for (auto& each : nodes_)
      if (each.account.id == id) return each;
    RC_FAIL("a row for nobody");
    return nodes_[0];
  }

  void book_all(node& here, const decided& events) {
    for (const auto& event : events) {
      for (const auto& opened : event.opened) {
        RC_ASSERT(here.root_of.emplace(opened.id, opened.root).second);
        check_terms(opened);
      }
      for (const auto& part : event.booked.slices) {
        const auto root = here.root_of.at(part.lot);
        if (event.booked.type == entry_type::spend) gone_[root] += part.units;
        if (event.booked.type == entry_type::expire) gone_[root] += part.units;
        if (event.booked.type == entry_type::spend || event.booked.type == entry_type::allocate_out)
          RC_ASSERT(!bought_.at(root).expires_at || event.booked.booked_at < *bought_.at(root).expires_at);
      }
    }
    book(here.account, events, here.ledger);
  }

  /// Moving never changes them.
  void check_terms(const lot& found) const {
    const auto& first = bought_.at(found.root);
    RC_ASSERT(found.expires_at == first.expires_at);
    RC_ASSERT(found.effective_at == first.effective_at);
    RC_ASSERT(found.kind == first.kind);
    RC_ASSERT(found.priority == first.priority);
    RC_ASSERT(found.purchase_id == first.purchase_id);
    RC_ASSERT(found.unit_cost_minor == first.unit_cost_minor);
  }

  static void check(const node& here) {
    const auto& totals = here.account.totals;
    credits free;
    std::map<lot_id, int> lots_of_root;
    for (const auto& each : here.account.lots) {
      RC_ASSERT(each.free > credits{0});
      RC_ASSERT(each.free <= each.amount);
      RC_ASSERT(++lots_of_root[each.root] == 1); // equal lots have merged
      free += each.free;
    }
    RC_ASSERT(std::is_sorted(here.account.lots.begin(), here.account.lots.end(), burns_before));
    RC_ASSERT(totals.now.available == free);
    RC_ASSERT(totals.lifetime_in == totals.now.total() + totals.expired + totals.allocated_out);
    credit_account replayed;
    for (const auto& event : here.ledger) {
      replayed = restore(snapshot_of(replayed));
      evolve(replayed, event);
    }
    RC_ASSERT(replayed == here.account);
  }

  /// Bought = there + spent + expired + on its way, for each purchase over all accounts.
  void check_roots() const {
    auto missing = bought_amounts();
    for (const auto& here : nodes_)
      for (const auto& each : here.account.lots)
        missing[each.root] -= (each.free + each.held).value();
    for (const auto& row : on_their_way_)
      for (const auto& each : row.lots)
        missing[each.root] -= each.amount.value();
    for (const auto& [root, units] : gone_)
      missing[root] -= units.value();
    for (const auto& [root, units] : missing)
      RC_ASSERT(units == 0);
  }

  std::map<lot_id, std::int64_t> bought_amounts() const {
    std::map<lot_id, std::int64_t> amounts;
    for (const auto& [root, first] : bought_)
      amounts[root] = first.amount.value();
    return amounts;
  }

  std::array<node, accounts> nodes_;
  std::deque<receive_credits> on_their_way_;
  std::map<lot_id, lot> bought_;
  std::map<lot_id, credits> gone_;
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
