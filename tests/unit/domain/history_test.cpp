#include "tests/unit/domain/ledger.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

/// Random histories against a slow account of the same facts.
namespace tessera::test {
namespace {

using std::chrono::microseconds;

enum class act { receive, consume, expire };

/// From this life on a lot is never over.
constexpr int never = 30;

/// One thing that happens. Times are a few microseconds apart, so that ends and bookings often meet.
struct step {
  act what = act::expire;
  int advance = 0; // of the clock, backward too
  int amount = 1;
  std::string application;
  int purchase = 0; // that the lot belongs to
  int delay = 0;    // until the lot is effective
  int life = never; // until it is over
  int priority = 50;
  lot_kind kind = lot_kind::paid;
  std::vector<std::string> scope;
};

std::ostream& operator<<(std::ostream& out, const step& x) {
  out << (x.what == act::receive ? "receive " : x.what == act::consume ? "consume " : "expire ") << x.amount;
  out << " after " << x.advance << " us";
  if (x.what == act::consume) out << " for '" << x.application << '\'';
  if (x.what == act::receive)
    out << " purchase " << x.purchase << " effective +" << x.delay << " life " << x.life << " priority "
        << x.priority << " kind " << static_cast<int>(x.kind) << " scopes " << x.scope.size();
  return out;
}

rc::Gen<step> any_step() {
  using namespace rc::gen;
  return build<step>(
      set(&step::what, weightedElement<act>({{4, act::receive}, {6, act::consume}, {1, act::expire}})),
      set(&step::advance, inRange(-5, 8)),
      set(&step::amount, inRange(1, 40)),
      set(&step::application, element<std::string>("crm", "hr", "")),
      set(&step::purchase, inRange(0, 3)),
      set(&step::delay, inRange(-30, 4)),
      set(&step::life, inRange(-5, never + 15)),
      set(&step::priority, inRange(49, 52)),
      set(&step::kind,
          element(lot_kind::promo, lot_kind::plan, lot_kind::bonus, lot_kind::paid, lot_kind::reinstated)),
      set(&step::scope,
          element<std::vector<std::string>>(
              std::vector<std::string>{},
              std::vector<std::string>{},
              std::vector<std::string>{"crm"},
              std::vector<std::string>{"hr", "crm"}
          ))
  );
}

/// What became of a lot, by the slices that name it.
struct fate {
  lot opened;
  std::int64_t free = 0;
  std::int64_t used = 0;
  std::int64_t expired = 0;

  bool over(time_point at) const { return opened.expires_at && *opened.expires_at <= at; }

  bool can_pay(const std::string& application, time_point at) const {
    if (over(at) || opened.effective_at > at) return false;
    bool in_scope = opened.applications.empty() || application.empty();
    for (const auto& each : opened.applications)
      in_scope = in_scope || each == application;
    return in_scope;
  }

  /// R-C 3.3, key by key.
  bool before(const fate& other) const {
    const auto& a = opened;
    const auto& b = other.opened;
    if (a.priority != b.priority) return a.priority < b.priority;
    if (a.expires_at != b.expires_at) return a.expires_at && (!b.expires_at || *a.expires_at < *b.expires_at);
    if (a.applications.empty() != b.applications.empty()) return !a.applications.empty();
    if (a.kind != b.kind) return a.kind < b.kind;
    return a.seq < b.seq; // one lot per entry
  }
};

class history {
public:
  history() {
    ledger_.push_back(genesis(start_of_test));
    evolve(account_, ledger_.back());
  }

  void take(const step& next) {
    clock_ += microseconds{next.advance};
    switch (next.what) {
    case act::receive: take_in(next); break;
    case act::consume: try_to_spend(next); break;
    case act::expire: book_all(decide(account_, expire_lots{}, clock_)); break;
    }
    check_identities();
    check_lots();
    check_view(next.application);
  }

  void check_replay() const {
    credit_account replayed;
    for (const auto& each : ledger_) {
      const auto resumed =
          resume(restore(snapshot_of(replayed)), replayed.head == digest{} ? 0 : replayed.seq + 1);
      RC_ASSERT(resumed == account_);
      evolve(replayed, each);
    }
    RC_ASSERT(replayed == account_);
  }

private:
  credit_account resume(credit_account from, std::size_t first) const {
    for (auto i = first; i < ledger_.size(); ++i)
      evolve(from, ledger_[i]);
    return from;
  }

  /// When the next command's own entry is booked: after an expiry, if there is one, and not on the end of a
  /// lot.
  time_point booking() const {
    auto at = std::max(clock_, account_.booked_at + tick);
    bool expires = false;
    for (const auto& [id, each] : fates_)
      expires = expires || (each.free > 0 && each.over(at));
    if (!expires) return at;
    const auto ends = [this](time_point when) {
      for (const auto& [id, each] : fates_)
        if (each.free > 0 && each.opened.expires_at == when) return true;
      return false;
    };
    for (at += tick; ends(at);)
      at += tick;
    return at;
  }

  std::int64_t usable(const std::string& application, time_point at) const {
    std::int64_t sum = 0;
    for (const auto& [id, each] : fates_)
      sum += each.can_pay(application, at) ? each.free : 0;
    return sum;
  }

  std::vector<slice> burnt(std::int64_t wanted, const std::string& application, time_point at) const {
    std::vector<slice> taken;
    auto left = fates_;
    while (wanted > 0) {
      const fate* first = nullptr;
      for (const auto& [id, each] : left)
        if (each.free > 0 && each.can_pay(application, at) && (!first || each.before(*first))) first = &each;
      RC_ASSERT(first != nullptr);
      const auto units = std::min(wanted, first->free);
      const auto id = first->opened.id;
      taken.push_back({id, credits{units}});
      left.erase(id);
      wanted -= units;
    }
    return taken;
  }

  void take_in(const step& next) {
    const auto n = static_cast<std::uint32_t>(ledger_.size() + 1);
    auto opened = // pays for several spends
        a_lot(n, 8 * next.amount, priority(static_cast<std::uint8_t>(next.priority)), of_kind(next.kind));
    opened.root = numbered<lot_id>(1000 + static_cast<std::uint32_t>(next.purchase));
    opened.effective_at = clock_ + microseconds{next.delay};
    if (next.life < never) opened.expires_at = clock_ + microseconds{next.life};
    opened.applications = next.scope;
    const auto at = booking();
    const auto decision = decide(account_, receive(opened), clock_);
    RC_ASSERT(decision.ok());
    const auto& events = *decision;
    const bool is_over = opened.expires_at && *opened.expires_at <= at;
    RC_ASSERT(events[events.size() - (is_over ? 2 : 1)].opened.empty() == merges(opened, at));
    RC_ASSERT(events[events.size() - (is_over ? 2 : 1)].booked.booked_at == at);
    book_all(events);
  }

  /// A live lot with the same terms takes the units up (R-C 3.2).
  bool merges(const lot& arriving, time_point at) const {
    for (const auto& [id, each] : fates_) {
      const auto& there = each.opened;
      if (each.free > 0 && !each.over(at) && there.root == arriving.root && there.kind == arriving.kind &&
          there.priority == arriving.priority && there.effective_at == arriving.effective_at &&
          there.expires_at == arriving.expires_at && there.applications == arriving.applications)
        return true;
    }
    return false;
  }

  void try_to_spend(const step& next) {
    const auto& application = next.application;
    const auto at = booking();
    const auto can = usable(application, at);
    const auto decision = decide(account_, consume(next.amount, application), clock_);
    RC_ASSERT(decision.ok() == (next.amount <= can));
    if (decision.ok()) {
      const auto& booked = decision->back().booked;
      RC_ASSERT(booked.booked_at == at);
      RC_ASSERT(booked.slices == burnt(next.amount, application, at));
      RC_ASSERT(booked.usable_after == credits{can - next.amount});
      book_all(*decision);
    } else {
      RC_ASSERT(decision.code() == errc::insufficient_credits);
      RC_ASSERT(decision.why().available == credits{can});
      RC_ASSERT(decision.why().would_allow == credits{can});
      RC_ASSERT(can == 0 || decide(account_, consume(can, application), clock_).ok());
      RC_ASSERT(!decide(account_, consume(can + 1, application), clock_).ok());
    }
  }

  void book_all(const decided& events) {
    for (const auto& each : events)
      note(each);
    book(account_, events, ledger_);
    if (!events.empty()) check_exact_when_booked();
  }

  void note(const account_event& event) {
    const auto& booked = event.booked;
    RC_ASSERT(booked.seq == seq_ + 1);
    RC_ASSERT(booked.booked_at > booked_at_);
    seq_ = booked.seq;
    booked_at_ = booked.booked_at;
    for (const auto& each : event.opened)
      fates_[each.id] = {each};
    if (booked.type == entry_type::purchase && event.opened.empty())
      fates_.at(booked.slices.front().lot).opened.amount += booked.units;
    credits sum;
    for (const auto& part : booked.slices) {
      sum += part.units;
      move(fates_.at(part.lot), booked, part.units.value());
    }
    RC_ASSERT(sum == booked.units);
    RC_ASSERT(booked.units > credits{0});
    RC_ASSERT(booked.after == balances_by_fate());
  }

  static void move(fate& lot_of, const entry& booked, std::int64_t units) {
    switch (booked.type) {
    case entry_type::purchase: lot_of.free += units; break;
    case entry_type::spend:
      RC_ASSERT(lot_of.can_pay(booked.application, booked.booked_at));
      lot_of.free -= units;
      lot_of.used += units;
      break;
    case entry_type::expire:
      RC_ASSERT(lot_of.over(booked.booked_at));
      RC_ASSERT(lot_of.free == units);
      lot_of.free -= units;
      lot_of.expired += units;
      break;
    default: RC_FAIL("a type that nothing here causes");
    }
    RC_ASSERT(lot_of.free >= 0);
  }

  std::int64_t sum_of(std::int64_t fate::*figure) const {
    std::int64_t sum = 0;
    for (const auto& [id, each] : fates_)
      sum += each.*figure;
    return sum;
  }

  balances balances_by_fate() const {
    return {credits{sum_of(&fate::free)}, credits{0}, credits{sum_of(&fate::used)}, credits{0}};
  }

  void check_exact_when_booked() const {
    for (const auto& [id, each] : fates_)
      RC_ASSERT(each.free == 0 || !each.over(account_.booked_at));
  }

  void check_identities() const {
    const auto& totals = account_.totals;
    const auto& now = totals.now;
    RC_ASSERT(now == balances_by_fate());
    RC_ASSERT(now.available >= credits{0});
    RC_ASSERT(now.total() == now.used + now.reserved + now.available);
    RC_ASSERT(totals.expired.value() == sum_of(&fate::expired));
    RC_ASSERT(
        totals.lifetime_in == now.total() + totals.expired + totals.refunded + totals.clawed_back +
                                  totals.allocated_out + totals.debt_repaid
    );
    check_purchases();
  }

  /// Per root purchase: bought = free + held + used + expired.
  void check_purchases() const {
    std::map<lot_id, std::int64_t> missing;
    for (const auto& [id, each] : fates_)
      missing[each.opened.root] += each.opened.amount.value() - each.used - each.expired;
    for (const auto& each : account_.lots)
      missing[each.root] -= (each.free + each.held).value();
    for (const auto& [root, units] : missing)
      RC_ASSERT(units == 0);
  }

  void check_lots() const {
    RC_ASSERT(std::is_sorted(account_.lots.begin(), account_.lots.end(), burns_before));
    std::size_t with_units = 0;
    for (const auto& [id, each] : fates_)
      with_units += each.free > 0 ? 1 : 0;
    RC_ASSERT(account_.lots.size() == with_units);
    for (const auto& each : account_.lots) {
      auto expected = fates_.at(each.id).opened;
      expected.free = credits{fates_.at(each.id).free};
      RC_ASSERT(each == expected);
    }
  }

  void check_view(const std::string& application) const {
    const auto seen = view(account_, application, clock_);
    const auto at = std::max(clock_, account_.booked_at);
    std::int64_t live = 0;
    for (const auto& [id, each] : fates_)
      live += each.over(at) ? 0 : each.free;
    RC_ASSERT(seen.as_of == at);
    RC_ASSERT(seen.seq == account_.seq);
    RC_ASSERT(seen.now.available == credits{live});
    RC_ASSERT(seen.now.used == account_.totals.now.used);
    RC_ASSERT(seen.usable == credits{usable(application, at)});
    RC_ASSERT(seen.usable <= seen.now.available);
    for (const auto& each : seen.lots)
      live -= each.free.value();
    RC_ASSERT(live == 0);
  }

  credit_account account_;
  std::vector<account_event> ledger_;
  time_point clock_ = start_of_test;
  std::map<lot_id, fate> fates_;
  std::uint64_t seq_ = 0;
  time_point booked_at_ = start_of_test;
};

RC_GTEST_PROP(HistoryTest, KeepsEveryPromiseAtEveryStep, ()) {
  const auto steps = *rc::gen::container<std::vector<step>>(any_step());
  history account;

  for (const auto& next : steps)
    account.take(next);
}

RC_GTEST_PROP(HistoryTest, IsTheSameWhenItIsReplayedFromAnywhere, ()) {
  const auto steps = *rc::gen::container<std::vector<step>>(any_step());
  history account;

  for (const auto& next : steps)
    account.take(next);

  account.check_replay();
}

} // namespace
} // namespace tessera::test
