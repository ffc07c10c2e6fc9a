// Every order of everything that a provider may tell of one purchase, against a model that knows no order.
#include "actors/domain/payment_rules.hpp"
#include "actors/domain/reversed_payments.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <random>
#include <string>
#include <vector>

namespace tessera {

namespace {

using kind = payment_news::kind;

constexpr std::int64_t bought = 1000;
constexpr std::int64_t paid = 99; // so that parts are no whole units

payment_news of_payment(kind what) {
  payment_news said;
  said.what = what;
  said.payment_id = "pi_1";
  said.charge_id = "ch_1";
  said.currency = "USD";
  said.amount_minor = paid;
  return said;
}

/// What may be told. The account that takes the credits in comes in somewhere, too.
struct telling {
  std::string name;
  payment_news news;
  bool account_looks = false;
};

telling succeeded() {
  return {"succeeded", of_payment(kind::succeeded)};
}
telling succeeded_on_the_page() {
  auto said = of_payment(kind::succeeded);
  said.session_id = "cs_1";
  return {"page succeeded", said};
}
telling refund(const std::string& id, std::int64_t amount, const std::string& state = "succeeded") {
  auto said = of_payment(kind::refund);
  said.object_id = id;
  said.amount_minor = amount;
  said.state = state;
  return {"refund " + id + " " + state, said};
}
telling charge(std::int64_t refunded) {
  auto said = of_payment(kind::refunded);
  said.refunded_minor = refunded;
  return {"charge refunded " + std::to_string(refunded), said};
}
telling dispute(const std::string& state, const std::string& event) {
  auto said = of_payment(kind::dispute);
  said.object_id = "dp_1";
  said.state = state;
  said.event_kind = event;
  return {"dispute " + state + " " + event, said};
}
telling account_looks() {
  return {"account looks", {}, true};
}

struct end_state {
  std::string status;
  int settled = 0;
  std::int64_t clawed = 0;

  friend bool operator==(const end_state&, const end_state&) = default;
};
std::ostream& operator<<(std::ostream& out, const end_state& end) {
  return out << end.status << ", settled " << end.settled << " times, " << end.clawed << " clawed";
}

/// The purchase as the desk keeps it: news are taken in as they come, and clawed is what must be as soon as
/// the credits are there.
class desk_of_one {
public:
  desk_of_one() {
    facts_.purchase.status = "pending";
    facts_.purchase.method = "stripe";
    facts_.purchase.bought = credits{bought};
    facts_.purchase.amount_minor = paid;
    facts_.purchase.currency = "USD";
  }

  void tell(const telling& what) {
    if (what.account_looks)
      facts_.purchase.absorbed = facts_.purchase.settled;
    else
      take(what.news);
    if (facts_.purchase.absorbed) step();
  }

  end_state end() {
    tell(account_looks());
    const auto& purchase = facts_.purchase;
    return {purchase.absorbed ? status_of(facts_) : purchase.status, settled_, clawed_units(facts_).value()};
  }

private:
  void take(const payment_news& news) {
    auto change = after(std::move(facts_.purchase), news);
    facts_.purchase = std::move(change.after);
    settled_ += change.settles ? 1 : 0;
    if (!change.quarantined.empty()) return;
    if (news.what == kind::refund) keep(facts_.seen, &seen_refund::object_id, news);
    if (news.what == kind::dispute) keep(facts_.disputes, &seen_dispute::dispute_id, news);
  }

  template <class Seen, class Id> void keep(std::vector<Seen>& all, Id id, const payment_news& news) {
    const auto before = std::ranges::find(all, news.object_id, id);
    if (before == all.end()) return all.push_back(after(Seen{}, news));
    *before = after(*before, news);
  }

  void step() {
    const auto target = clawback_target(facts_);
    const auto clawed = clawed_units(facts_);
    if (target > clawed) facts_.given.push_back({{}, {}, "", "claw", target - clawed, false, false, {}, 1});
    if (target < clawed)
      facts_.given.push_back({{}, {}, "", "reinstate", clawed - target, false, false, {}, 1});
  }

  reversal_facts facts_;
  int settled_ = 0;
};

/// What must come of a set of news, from R-C 3.6 and 3.7 alone: nothing here knows in which order they came.
class model {
public:
  explicit model(const std::vector<telling>& all) : all_(all) {}

  end_state end() const {
    if (!has("succeeded") && !has("page succeeded")) return {"pending", 0, 0};
    const auto back = money_back();
    const auto reversed = std::min(paid, back + (dispute() == "lost" ? paid : 0));
    return {status(back), 1, reversed == paid ? bought : bought * reversed / paid};
  }

private:
  bool has(const std::string& name) const {
    return std::ranges::any_of(all_, [&](const telling& each) { return each.name == name; });
  }
  bool any(const std::string& beginning) const {
    return std::ranges::any_of(all_, [&](const telling& each) { return each.name.starts_with(beginning); });
  }

  /// Each refund once, however often it was told; or what the charge says, where that is more.
  std::int64_t money_back() const {
    std::int64_t sum = 0;
    std::int64_t failed = 0;
    std::int64_t most = 0;
    for (const auto& [id, amount] : {std::pair{"re_1", 30}, std::pair{"re_2", 69}}) {
      if (has("refund " + std::string(id) + " failed"))
        failed += amount;
      else if (any("refund " + std::string(id)))
        sum += amount;
    }
    for (const auto& each : all_)
      if (each.news.what == kind::refunded) most = std::max(most, each.news.refunded_minor);
    return std::max({sum, most - failed, std::int64_t{0}});
  }

  std::string dispute() const {
    if (has("dispute won closed") || any("dispute lost funds_reinstated")) return "won";
    if (has("dispute lost closed")) return "lost";
    if (has("dispute warning_closed closed")) return "closed";
    return any("dispute needs_response") || any("dispute under_review") ? "open" : "";
  }

  std::string status(std::int64_t back) const {
    if (dispute() == "open") return "disputed";
    if (dispute() == "lost") return "charged_back";
    if (back >= paid) return "refunded";
    return back > 0 ? "partially_refunded" : "completed";
  }

  const std::vector<telling>& all_;
};

/// Every order of these; returns how many there are.
std::int64_t try_every_order(const std::vector<telling>& told) {
  const auto wanted = model(told).end();
  std::vector<std::size_t> order(told.size());
  std::iota(order.begin(), order.end(), 0);
  std::int64_t orders = 0;
  do {
    desk_of_one desk;
    for (const auto at : order)
      desk.tell(told[at]);
    ++orders;
    if (const auto end = desk.end(); end != wanted) {
      std::string words;
      for (const auto at : order)
        words += told[at].name + "; ";
      ADD_FAILURE() << words << "ends as " << end << " and not as " << wanted;
      return orders;
    }
  } while (std::next_permutation(order.begin(), order.end()));
  return orders;
}

/// Every order of every part of these.
std::int64_t try_every_part(const std::vector<telling>& told) {
  std::int64_t orders = 0;
  for (std::uint32_t part = 0; part < (1U << told.size()); ++part) {
    std::vector<telling> some;
    for (std::size_t i = 0; i < told.size(); ++i)
      if ((part >> i & 1) != 0) some.push_back(told[i]);
    orders += try_every_order(some);
  }
  return orders;
}

} // namespace

TEST(PaymentOrdersTest, EveryOrderOfEveryPartEndsAsTheModel) {
  for (const auto* outcome : {"won", "lost"})
    EXPECT_EQ(
        13'700,
        try_every_part(
            {succeeded(),
             refund("re_1", 30),
             charge(30),
             refund("re_2", 69),
             charge(99),
             dispute("needs_response", "created"),
             dispute(outcome, "closed")}
        )
    );
}

TEST(PaymentOrdersTest, DuplicatesAndTheMomentOfTheAccountChangeNothing) {
  for (const auto* outcome : {"won", "lost", "warning_closed"})
    EXPECT_EQ(
        40'320,
        try_every_order(
            {succeeded(),
             succeeded_on_the_page(),
             refund("re_1", 30),
             refund("re_1", 30),
             charge(30),
             dispute("needs_response", "created"),
             dispute(outcome, "closed"),
             account_looks()}
        )
    );
}

TEST(PaymentOrdersTest, WhatComesBackAfterItWasGoneEndsAsTheModel) {
  try_every_part(
      {succeeded(),
       refund("re_1", 30),
       refund("re_1", 30, "failed"),
       charge(30),
       dispute("needs_response", "funds_withdrawn"),
       dispute("lost", "closed"),
       dispute("lost", "funds_reinstated")}
  );
}

// What was refunded here and at the provider, in any mixture, is never more than was paid, of never more
// units than were bought; who gives all of it back here gives back exactly what was paid.
TEST(PaymentOrdersTest, NoMixtureOfRefundsLosesOrMakesMoney) {
  std::mt19937_64 dice(20'241); // any seed does; this one names the failure
  const auto from = [&](std::int64_t least, std::int64_t most) {
    return std::uniform_int_distribution<std::int64_t>(least, most)(dice);
  };
  constexpr const char* currencies[] = {"USD", "JPY", "KWD"};
  for (int history = 0; history < 3'000; ++history) {
    reversal_facts facts;
    auto& purchase = facts.purchase;
    purchase.method = "stripe";
    purchase.currency = currencies[history % 3];
    const std::int64_t step = purchase.currency == "KWD" ? 10 : 1; // what the provider can move
    purchase.bought = credits{from(1, 5'000)};
    purchase.amount_minor = from(1, 90'000) * step;
    const bool only_ours = from(0, 1) == 0;
    std::int64_t ours = 0;
    std::int64_t elsewhere = 0;
    for (int act = 0; act < 12; ++act) {
      if (!only_ours && from(0, 2) == 0) {
        const auto left = (purchase.amount_minor - ours - elsewhere) / step;
        if (left == 0) break;
        const auto amount = from(1, left) * step;
        elsewhere += amount;
        seen_refund seen;
        seen.object_id = "re_" + std::to_string(act);
        seen.amount_minor = amount;
        facts.seen.push_back(seen);
      } else {
        const auto most = refundable_units(facts).value();
        if (most == 0) break;
        own_refund next;
        next.units = credits{act == 11 ? most : from(1, most)};
        next.amount_minor = money_for(facts, next.units);
        next.state = "succeeded";
        next.refund_id = "ref-" + std::to_string(act);
        ASSERT_EQ(0, next.amount_minor % step) << "history " << history;
        ours += next.amount_minor;
        facts.refunds.push_back(next);
        seen_refund seen;
        seen.object_id = "re_" + std::to_string(act);
        seen.refund_id = next.refund_id;
        seen.amount_minor = next.amount_minor;
        facts.seen.push_back(seen);
        if (next.units.value() == most) {
          ASSERT_EQ(purchase.amount_minor, ours + elsewhere) << "history " << history;
        }
      }
      ASSERT_LE(ours + elsewhere, purchase.amount_minor) << "history " << history;
      const auto target = clawback_target(facts);
      const auto clawed = clawed_units(facts);
      ASSERT_GE(target, clawed) << "history " << history; // money that goes back brings no credits
      if (target > clawed) facts.given.push_back({{}, {}, "", "claw", target - clawed, false, false, {}, 1});
      credits gone = clawed_units(facts);
      for (const auto& each : facts.refunds)
        gone += each.units;
      ASSERT_LE(gone, purchase.bought) << "history " << history;
      if (ours + elsewhere == purchase.amount_minor && elsewhere > 0) {
        ASSERT_EQ(purchase.bought, gone) << "history " << history;
      }
    }
  }
}

} // namespace tessera
