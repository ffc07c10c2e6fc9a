#include "actors/domain/reversed_payments.hpp"

#include "messages/types/money.hpp"

#include <algorithm>
#include <string_view>

namespace tessera {

namespace {

__extension__ using wide = __int128;

bool took_units(const own_refund& refund) {
  return refund.state == "taking" || refund.state == "succeeded";
}
bool may_take_units(const own_refund& refund) {
  return refund.state != "failed" && refund.state != "releasing";
}

struct sums {
  credits units;
  std::int64_t money = 0;
};
template <class Counts> sums add_up(const reversal_facts& facts, Counts counts) {
  sums all;
  for (const auto& each : facts.refunds)
    if (counts(each)) {
      all.units += each.units;
      all.money += each.amount_minor;
    }
  return all;
}

/// What the credits cost: less than their price where less was accepted.
std::int64_t cost_of(const reversal_facts& facts) {
  const auto& bought = facts.purchase;
  return bought.paid_minor > 0 ? std::min(bought.paid_minor, bought.amount_minor) : bought.amount_minor;
}
/// What was paid beyond it, and goes back first: no credits were bought for it.
std::int64_t excess_of(const reversal_facts& facts) {
  return std::max<std::int64_t>(0, facts.purchase.paid_minor - facts.purchase.amount_minor);
}

/// The refunds that are known one by one, or the most that the charge ever said less what came back: events
/// of either kind may be missing.
std::int64_t refunded_money(const reversal_facts& facts) {
  std::int64_t known = 0;
  std::int64_t came_back = 0;
  for (const auto& each : facts.seen)
    (each.failed ? came_back : known) += each.amount_minor;
  const auto all = std::max(known, facts.purchase.refund_seen_minor - came_back);
  return std::max<std::int64_t>(0, all - excess_of(facts));
}

std::int64_t lost_money(const reversal_facts& facts) {
  std::int64_t lost = 0;
  for (const auto& each : facts.disputes)
    if (each.phase == dispute_phase::lost) lost += each.amount_minor;
  return lost;
}

/// What went back without our doing.
std::int64_t reversed_elsewhere(const reversal_facts& facts) {
  const auto own = add_up(facts, took_units).money;
  return std::max<std::int64_t>(0, refunded_money(facts) - own) + lost_money(facts);
}

/// How far it is: a dispute moves up only. What is closed without a word may still be lost, and then won
/// back.
int rank_of(dispute_phase phase) {
  switch (phase) {
  case dispute_phase::inquiry: return 0;
  case dispute_phase::open: return 1;
  case dispute_phase::closed: return 2;
  case dispute_phase::lost: return 3;
  case dispute_phase::won: return 4;
  }
  return 0;
}

dispute_phase phase_of(const payment_news& news) {
  if (news.state == "won" || news.event_kind == "funds_reinstated") return dispute_phase::won;
  if (news.state == "lost") return dispute_phase::lost;
  if (news.event_kind == "closed" || news.state == "warning_closed" || news.state == "prevented" ||
      news.state == "charge_refunded")
    return dispute_phase::closed;
  if (news.state.starts_with("warning_") && news.event_kind != "funds_withdrawn")
    return dispute_phase::inquiry;
  return dispute_phase::open;
}

bool has_phase(const reversal_facts& facts, dispute_phase phase) {
  return std::ranges::any_of(facts.disputes, [phase](const seen_dispute& each) {
    return each.phase == phase;
  });
}

credits at_most_bought(const reversal_facts& facts, credits taken) {
  return taken > facts.purchase.bought ? credits{0} : facts.purchase.bought - taken;
}

} // namespace

std::int64_t money_for(const reversal_facts& facts, credits units) {
  const auto own = add_up(facts, may_take_units);
  const auto& bought = facts.purchase;
  const auto gone = own.units + clawed_units(facts) + units;
  auto due =
      static_cast<std::int64_t>(static_cast<wide>(cost_of(facts)) * gone.value() / bought.bought.value());
  // The provider moves no thousandths: they come with the last part.
  if (bought.method == "stripe" && gone < bought.bought && exponent_of(bought.currency) == 3) due -= due % 10;
  return std::max<std::int64_t>(0, due - own.money - reversed_elsewhere(facts));
}

credits refundable_units(const reversal_facts& facts) {
  return at_most_bought(facts, add_up(facts, may_take_units).units + clawed_units(facts));
}

credits clawback_target(const reversal_facts& facts) {
  const auto own = add_up(facts, took_units);
  const auto most = at_most_bought(facts, own.units);
  const auto elsewhere = reversed_elsewhere(facts);
  const auto paid = cost_of(facts);
  if (elsewhere == 0) return credits{0};
  if (own.money + elsewhere >= paid) return most;
  const auto part =
      credits{static_cast<std::int64_t>(static_cast<wide>(facts.purchase.bought.value()) * elsewhere / paid)};
  return std::min(part, most);
}

credits clawed_units(const reversal_facts& facts) {
  credits taken;
  credits given_back;
  for (const auto& each : facts.given) {
    if (each.refused) continue;
    if (each.kind == "claw") taken += each.units;
    if (each.kind == "reinstate" && each.subject.empty()) given_back += each.units;
  }
  return given_back > taken ? credits{0} : taken - given_back;
}

credits ended_while_held(const reversal_facts& facts, std::string_view dispute) {
  credits ended;
  for (const auto& hold : facts.given) {
    if (hold.subject != dispute || hold.kind != "dispute_hold") continue;
    credits released;
    bool was_released = false;
    bool was_taken = false;
    for (const auto& each : facts.given) {
      if (each.subject != dispute || each.kind != "let_go" || each.account != hold.account) continue;
      was_released = true;
      was_taken |= each.refused;
      released += each.fulfilled;
    }
    if (was_released && !was_taken && hold.fulfilled > released) ended += hold.fulfilled - released;
  }
  return ended;
}

bool is_in_between(const reversal_facts& facts) {
  return std::ranges::any_of(facts.refunds, [](const own_refund& each) { return each.state == "paying"; });
}

std::string status_of(const reversal_facts& facts) {
  if (has_phase(facts, dispute_phase::open)) return "disputed";
  if (has_phase(facts, dispute_phase::lost)) return "charged_back";
  const auto own = add_up(facts, took_units);
  const auto money = std::max(own.money, refunded_money(facts));
  const bool all_units = own.units + clawed_units(facts) >= facts.purchase.bought;
  if (all_units || (money > 0 && money >= cost_of(facts))) return "refunded";
  return money > 0 || !own.units.is_zero() ? "partially_refunded" : "completed";
}

seen_refund after(const seen_refund& before, const payment_news& news) {
  auto refund = before;
  refund.object_id = news.object_id;
  if (!news.refund_id.empty()) refund.refund_id = news.refund_id;
  refund.amount_minor = std::max(refund.amount_minor, news.amount_minor);
  refund.failed |= news.state == "failed" || news.state == "canceled" || news.event_kind == "failed";
  return refund;
}

seen_dispute after(const seen_dispute& before, const payment_news& news) {
  auto dispute = before;
  dispute.dispute_id = news.object_id;
  dispute.amount_minor = std::max(dispute.amount_minor, news.amount_minor);
  const auto phase = phase_of(news);
  if (before.dispute_id.empty() || rank_of(phase) > rank_of(before.phase)) dispute.phase = phase;
  return dispute;
}

bool is_decided(dispute_phase phase) {
  return rank_of(phase) >= rank_of(dispute_phase::closed);
}

} // namespace tessera
