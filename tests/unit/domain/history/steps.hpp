#pragma once

#include "messages/accounts.hpp"
#include "messages/entries.hpp"

#include <rapidcheck.h>

#include <array>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

/// What may happen to an account, at random.
namespace tessera::test {

enum class act {
  receive,
  consume,
  consume_together,
  expire,
  hold,
  capture,
  release,
  allocate,
  bounce,
  read_spend,
  reverse,
  set_aside,
  let_go,
  pay_back,
  move_on,
  claw_back,
  recall,
  freeze,
  crash,
};
inline constexpr std::array<std::string_view, 19> act_names{
    "receive",
    "consume",
    "consume_together",
    "expire",
    "hold",
    "capture",
    "release",
    "allocate",
    "bounce",
    "read_spend",
    "reverse",
    "set_aside",
    "let_go",
    "pay_back",
    "move_on",
    "claw_back",
    "recall",
    "freeze",
    "crash"};

/// From this life on a lot is never over.
inline constexpr int never = 40;

/// One thing that happens. Times are a few microseconds apart, so that ends and bookings often meet. An act
/// reads what it needs.
struct step {
  act what = act::expire;
  int advance = 0; // of the clock, backward too
  int amount = 1;
  std::string application;
  inbox_kind arrival = inbox_kind::purchase;
  int purchase = 0; // that the lot belongs to, or that is asked for; 0: any
  int delay = 0;    // until the lot is effective
  int life = never; // until the lot or the hold is over
  int priority = 50;
  lot_kind kind = lot_kind::paid;
  std::vector<std::string> scope;
  hold_purpose purpose = hold_purpose::escrow;
  std::size_t which = 0; // hold, spend, row or snapshot: of all that ever were
  bool flag = true;      // final, partial, latest first, regrants, lost
  bool overage = false;
};

inline std::ostream& operator<<(std::ostream& out, const step& x) {
  out << act_names[static_cast<std::size_t>(x.what)] << ' ' << x.amount << " after " << x.advance
      << " us for '" << x.application << "' by " << static_cast<int>(x.arrival) << " purchase " << x.purchase
      << " effective +" << x.delay << " life " << x.life << " priority " << x.priority << " kind "
      << static_cast<int>(x.kind) << " scopes " << x.scope.size() << " purpose "
      << static_cast<int>(x.purpose) << " which " << x.which << (x.flag ? " flag" : "")
      << (x.overage ? " overage" : "");
  return out;
}

inline rc::Gen<act> any_act() {
  return rc::gen::weightedElement<act>(
      {{8, act::receive},
       {6, act::consume},
       {1, act::consume_together},
       {1, act::expire},
       {7, act::hold},
       {8, act::capture},
       {3, act::release},
       {3, act::allocate},
       {2, act::bounce},
       {6, act::read_spend},
       {9, act::reverse},
       {8, act::set_aside},
       {3, act::let_go},
       {6, act::pay_back},
       {6, act::move_on},
       {4, act::claw_back},
       {2, act::recall},
       {1, act::freeze},
       {2, act::crash}}
  );
}

inline rc::Gen<step> any_step() {
  using namespace rc::gen;
  using scopes = std::vector<std::string>;
  return build<step>(
      set(&step::what, any_act()),
      set(&step::advance, inRange(-5, 8)),
      set(&step::amount, inRange(1, 40)),
      set(&step::application, element<std::string>("crm", "hr", "")),
      set(&step::arrival,
          element(
              inbox_kind::purchase,
              inbox_kind::allocation,
              inbox_kind::allocation_bounce,
              inbox_kind::grant,
              inbox_kind::give_back,
              inbox_kind::reclaim,
              inbox_kind::reinstatement
          )),
      set(&step::purchase, inRange(0, 3)),
      set(&step::delay, inRange(-30, 4)),
      set(&step::life, inRange(-5, never + 15)),
      set(&step::priority, inRange(49, 52)),
      set(&step::kind,
          element(lot_kind::promo, lot_kind::plan, lot_kind::bonus, lot_kind::paid, lot_kind::reinstated)),
      set(&step::scope, element<scopes>(scopes{}, scopes{}, scopes{"crm"}, scopes{"hr", "crm"})),
      set(&step::purpose, element(hold_purpose::escrow, hold_purpose::refund, hold_purpose::dispute)),
      set(&step::which, inRange<std::size_t>(0, 8)),
      set(&step::flag, arbitrary<bool>()),
      set(&step::overage, arbitrary<bool>())
  );
}

} // namespace tessera::test
