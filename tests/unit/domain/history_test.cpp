#include "actors/domain/decision_parts.hpp"
#include "tests/unit/domain/ledger.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

/// Random histories against a slow account of the same facts.
namespace tessera::test {
namespace {

using std::chrono::microseconds;

enum class act { receive, consume, expire, hold, capture, release };

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
  int which = 0; // hold, of all that ever were
  bool final = true;
  bool overage = false;
};

std::string_view name_of(act what) {
  switch (what) {
  case act::receive: return "receive ";
  case act::consume: return "consume ";
  case act::expire: return "expire ";
  case act::hold: return "hold ";
  case act::capture: return "capture ";
  case act::release: return "release ";
  }
  return "";
}

std::ostream& operator<<(std::ostream& out, const step& x) {
  out << name_of(x.what) << x.amount << " after " << x.advance << " us";
  if (x.what == act::capture || x.what == act::release)
    out << " hold " << x.which << (x.final ? " final" : "") << (x.overage ? " overage" : "");
  if (x.what == act::hold) out << " life " << x.life;
  if (x.what != act::receive && x.what != act::expire) out << " for '" << x.application << '\'';
  if (x.what == act::receive)
    out << " purchase " << x.purchase << " effective +" << x.delay << " life " << x.life << " priority "
        << x.priority << " kind " << static_cast<int>(x.kind) << " scopes " << x.scope.size();
  return out;
}

rc::Gen<step> any_step() {
  using namespace rc::gen;
  return build<step>(
      set(&step::what,
          weightedElement<act>(
              {{4, act::receive},
               {4, act::consume},
               {1, act::expire},
               {4, act::hold},
               {4, act::capture},
               {1, act::release}}
          )),
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
          )),
      set(&step::which, inRange(0, 6)),
      set(&step::final, arbitrary<bool>()),
      set(&step::overage, arbitrary<bool>())
  );
}

/// What became of a lot, by the slices that name it.
struct fate {
  lot opened;
  std::int64_t free = 0;
  std::int64_t held = 0;
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

/// What became of a hold, by the entries that name it.
struct promise {
  std::uint64_t seq = 0;
  std::string application;
  time_point ends_at;
  std::int64_t amount = 0;
  std::int64_t captured = 0;
  std::vector<slice> left;

  bool open_at(time_point at) const { return !left.empty() && at < ends_at; }
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
    case act::hold: try_to_hold(next); break;
    case act::capture: try_to_capture(next); break;
    case act::release: try_to_release(next); break;
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
    if (!account_.holds.empty()) return booking_of(1); // the rest is checked once it is booked
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

  time_point booking_of(std::size_t entries) const { return beginning(account_, clock_, entries).own; }

  /// With the units of holds that are over.
  std::map<lot_id, fate> fates_at(time_point at) const {
    auto fates = fates_;
    for (const auto& each : promises_)
      if (at >= each.ends_at)
        for (const auto& part : each.left) {
          fates.at(part.lot).held -= part.units.value();
          fates.at(part.lot).free += part.units.value();
        }
    return fates;
  }

  std::int64_t usable(const std::string& application, time_point at) const {
    std::int64_t sum = 0;
    for (const auto& [id, each] : fates_at(at))
      sum += each.can_pay(application, at) ? each.free : 0;
    return sum;
  }

  std::vector<slice> burnt(std::int64_t wanted, const std::string& application, time_point at) const {
    std::vector<slice> taken;
    auto left = fates_at(at);
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
    auto at = booking();
    const bool late = opened.expires_at && *opened.expires_at <= at;
    if (late) at = beginning(account_, clock_, 3, {&opened, 1}).own;
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
      if (each.free + each.held > 0 && !each.over(at) && there.root == arriving.root &&
          there.kind == arriving.kind && there.priority == arriving.priority &&
          there.effective_at == arriving.effective_at && there.expires_at == arriving.expires_at &&
          there.applications == arriving.applications)
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

  void try_to_hold(const step& next) {
    const auto& application = next.application;
    const auto at = booking();
    const auto can = usable(application, at);
    const auto ttl = microseconds{std::max(1, next.life)};
    const auto decision = decide(account_, hold(next.amount, ttl, application), clock_);
    RC_ASSERT(decision.ok() == (next.amount <= can));
    if (!decision.ok()) return RC_ASSERT(decision.why().would_allow == credits{can});
    const auto& booked = decision->back().booked;
    RC_ASSERT(booked.slices == burnt(next.amount, application, at));
    RC_ASSERT(booked.usable_after == credits{can - next.amount});
    RC_ASSERT(booked.hold->ends_at == booked.booked_at + ttl);
    book_all(*decision);
  }

  const promise* chosen(const step& next) const {
    return promises_.empty() ? nullptr : &promises_[static_cast<std::size_t>(next.which) % promises_.size()];
  }

  void try_to_capture(const step& next) {
    const auto* here = chosen(next);
    if (!here) return;
    auto command = capture(here->seq, next.amount, next.application);
    command.final = next.final;
    command.spend_overage = next.overage;
    const auto at = booking_of(5);
    const auto left = tessera::sum_of(here->left).value();
    const auto beyond = std::max<std::int64_t>(0, next.amount - left);
    const auto can = usable(next.application, at);
    const auto decision = decide(account_, command, clock_);
    if (!here->open_at(at) || here->application != next.application)
      return RC_ASSERT(decision.code() == errc::hold_not_open);
    if (beyond > 0 && !next.overage) return RC_ASSERT(decision.code() == errc::capture_exceeds_hold);
    if (beyond > can) {
      RC_ASSERT(decision.code() == errc::insufficient_credits);
      RC_ASSERT(decision.why().would_allow == credits{left + can});
      return;
    }
    RC_ASSERT(decision.ok());
    const bool ends = next.final || next.amount >= left;
    const auto captured = here->captured + std::min<std::int64_t>(next.amount, left);
    const auto used = account_.totals.now.used;
    const auto seq = here->seq;
    book_all(*decision);
    RC_ASSERT(account_.totals.now.used == used + credits{next.amount});
    RC_ASSERT((account_.holds.find(seq) == nullptr) == ends);
    RC_ASSERT(promise_of(seq).captured == captured);
  }

  void try_to_release(const step& next) {
    const auto* here = chosen(next);
    if (!here) return;
    const auto decision = decide(account_, release(here->seq, next.application), clock_);
    const bool open = here->open_at(booking_of(5)) && here->application == next.application;
    RC_ASSERT(decision.ok() == open);
    if (!open) return RC_ASSERT(decision.code() == errc::hold_not_open);
    const auto used = account_.totals.now.used;
    book_all(*decision);
    RC_ASSERT(account_.totals.now.used == used);
  }

  promise& promise_of(std::uint64_t seq) { return *std::ranges::find(promises_, seq, &promise::seq); }

  /// What a hold gives comes from what it took; when it ends, nothing is left.
  void note_hold(const entry& booked) {
    if (booked.type == entry_type::hold) {
      promises_.push_back(
          {booked.seq, booked.application, booked.hold->ends_at, booked.units.value(), 0, booked.slices}
      );
      return;
    }
    auto& here = promise_of(parse_hold_id(booked.reference)->seq);
    if (booked.type == entry_type::capture) here.captured += booked.units.value();
    const auto before = tessera::sum_of(here.left);
    take_out(here.left, booked.slices);
    RC_ASSERT(tessera::sum_of(here.left) + booked.units == before);
    RC_ASSERT(booked.hold->captured == credits{here.captured});
    RC_ASSERT(booked.hold->state != hold_state::open || !here.left.empty());
    RC_ASSERT(booked.type == entry_type::capture || here.left.empty());
  }

  /// Of a release those units expire, and at once, whose lots ended while they were held.
  void check_release(const decided& events, std::size_t at) const {
    const auto& booked = events[at].booked;
    const bool by_itself = booked.hold->state == hold_state::expired;
    std::vector<slice> lost;
    for (const auto& part : booked.slices)
      if (fates_.at(part.lot).over(by_itself ? booked.hold->ends_at : booked.booked_at)) lost.push_back(part);
    const auto* next = at + 1 < events.size() ? &events[at + 1].booked : nullptr;
    const bool expires = next && next->type == entry_type::expire && next->reference == booked.reference;
    RC_ASSERT(expires == !lost.empty());
    if (expires) RC_ASSERT(next->slices == lost);
    RC_ASSERT(cause_of(booked) == (by_itself ? "hold_expired" : to_string(booked.hold->state)));
  }

  void book_all(const decided& events) {
    for (const auto& each : events)
      note(each);
    for (std::size_t i = 0; i < events.size(); ++i)
      if (events[i].booked.type == entry_type::release) check_release(events, i);
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
    if (booked.hold) note_hold(booked);
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
      RC_ASSERT((booked.reference.empty() ? lot_of.free == units : lot_of.free >= units));
      lot_of.free -= units;
      lot_of.expired += units;
      break;
    case entry_type::hold:
      RC_ASSERT(lot_of.can_pay(booked.application, booked.booked_at));
      lot_of.free -= units;
      lot_of.held += units;
      break;
    case entry_type::capture:
      lot_of.held -= units;
      lot_of.used += units;
      break;
    case entry_type::release:
      lot_of.held -= units;
      lot_of.free += units;
      break;
    default: RC_FAIL("a type that nothing here causes");
    }
    RC_ASSERT(lot_of.free >= 0 && lot_of.held >= 0);
  }

  std::int64_t sum_of(std::int64_t fate::*figure) const {
    std::int64_t sum = 0;
    for (const auto& [id, each] : fates_)
      sum += each.*figure;
    return sum;
  }

  balances balances_by_fate() const {
    return {
        credits{sum_of(&fate::free)}, credits{sum_of(&fate::held)}, credits{sum_of(&fate::used)}, credits{0}};
  }

  void check_exact_when_booked() const {
    for (const auto& [id, each] : fates_)
      RC_ASSERT(each.free == 0 || !each.over(account_.booked_at));
    for (const auto& each : promises_)
      RC_ASSERT(each.left.empty() || each.ends_at > account_.booked_at);
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
      with_units += each.free + each.held > 0 ? 1 : 0;
    RC_ASSERT(account_.lots.size() == with_units);
    for (const auto& each : account_.lots) {
      auto expected = fates_.at(each.id).opened;
      expected.free = credits{fates_.at(each.id).free};
      expected.held = credits{fates_.at(each.id).held};
      RC_ASSERT(each == expected);
    }
  }

  void check_view(const std::string& application) const {
    const auto seen = view(account_, application, clock_);
    const auto at = std::max(clock_, account_.booked_at);
    std::int64_t live = 0;
    std::int64_t held = 0;
    for (const auto& [id, each] : fates_at(at)) {
      live += each.over(at) ? 0 : each.free;
      held += each.held;
    }
    RC_ASSERT(seen.now.reserved == credits{held});
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
  std::vector<promise> promises_;
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
