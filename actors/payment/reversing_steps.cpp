#include "actors/payment/reversing_steps.hpp"

#include "actors/domain/reversed_payments.hpp"
#include "persistence/stores/auto_topup_store.hpp"
#include "persistence/stores/entity_store.hpp"
#include "persistence/stores/inbox_store.hpp"
#include "persistence/stores/payment_store.hpp"
#include "persistence/stores/reversal_facts_store.hpp"
#include "persistence/stores/validity_store.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace tessera {

namespace {

using namespace std::chrono_literals;

constexpr auto refund_lasts = std::chrono::days(30);   // longer than any provider is away
constexpr auto dispute_lasts = std::chrono::days(365); // longer than any case
constexpr auto comes_back_for = std::chrono::days(30); // what would have ended meanwhile (R-C 3.7)
constexpr std::size_t most_holders = 100;
// Stripe forgets a key after a day, and then the same question is another refund. Between the two times
// nobody asks anything: the last one who did has heard by then, or will be found in the list.
constexpr auto refund_keys_are_known_for = 23h;
constexpr auto looked_for_after = 23h + 30min;

/// One purchase, and the rows that are left on its behalf in this transaction.
class stepping {
public:
  stepping(pg::transaction& in, const desk_core& core, reversal_facts facts, const lot_id& root)
      : in_(in), core_(core), facts_(std::move(facts)), root_(root) {}

  reversing_steps run() {
    for (auto& refund : facts_.refunds)
      step(refund);
    for (const auto& dispute : facts_.disputes)
      hold(dispute);
    if (is_in_between(facts_))
      steps_.waits = true;
    else
      claw();
    for (const auto& dispute : facts_.disputes)
      let_go(dispute);
    persistence::set_status(in_, purchase().purchase_id, status_of(facts_));
    persistence::check_payment_again(in_, purchase().purchase_id, pause());
    return std::move(steps_);
  }

private:
  /// A question to the provider may be under way for half a minute; one that was asked for long is asked
  /// less.
  std::optional<std::chrono::milliseconds> pause() const {
    if (steps_.call) {
      const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(
          core_.time.now() - steps_.call->refund.created_at
      );
      if (age > 1h) spdlog::error("refund {} is not answered by the provider", steps_.call->refund.refund_id);
      return std::clamp<std::chrono::milliseconds>(age / 4, 31s, 10min);
    }
    const bool goes_on = steps_.waits || !steps_.told.empty();
    return goes_on ? std::optional<std::chrono::milliseconds>(2s) : std::nullopt;
  }

  const payment_record& purchase() const { return facts_.purchase; }

  instruction row(inbox_kind kind, const account_id& at, credits wanted, std::string reference) const {
    instruction made;
    made.id = inbox_id{core_.new_id()};
    made.account = at;
    made.kind = kind;
    made.wanted = wanted;
    made.reference = std::move(reference);
    return made;
  }

  /// False: the entity is gone, and takes no rows.
  bool give(std::string_view subject, std::string_view kind, const instruction& asked) {
    if (!persistence::hold_entity(in_, purchase().tenant, asked.account)) return false;
    persistence::instruct(in_, purchase(), subject, kind, asked);
    facts_.given.push_back(
        {asked.id, asked.account, std::string(subject), std::string(kind), asked.wanted, true, false, {}, 0}
    );
    steps_.told.push_back(asked.account);
    return true;
  }

  void leave(const instruction& asked) {
    persistence::leave(in_, purchase().tenant, asked);
    steps_.told.push_back(asked.account);
  }

  // --- refunds that we were asked for

  void step(own_refund& refund) {
    if (refund.state == "recalling") return begin_to_hold(refund);
    if (refund.state == "holding") return look_at_hold(refund);
    if (refund.state == "paying") return pay(refund);
    if (refund.state == "taking" || refund.state == "releasing") return look_at_end(refund);
    if (refund.state == "succeeded") return take_back(refund);
  }

  /// Whoever has a row of ours is asked to look, and what was recalled arrives at the buyer.
  void wait_for_accounts() {
    steps_.waits = true;
    steps_.told.push_back(purchase().account);
    for (const auto& each : facts_.given)
      if (each.waits && each.account != purchase().account) steps_.told.push_back(each.account);
  }

  bool has_waiting(std::string_view subject, std::string_view kind) const {
    return std::ranges::any_of(facts_.given, [&](const given_instruction& each) {
      return each.waits && each.subject == subject && each.kind == kind;
    });
  }

  void begin_to_hold(own_refund& refund) {
    if (has_waiting(refund.refund_id, "recall")) return wait_for_accounts();
    const auto asked = hold_for(refund, purchase(), root_, inbox_id{core_.new_id()});
    refund.hold_row = asked.id;
    refund.state = "holding";
    leave(asked);
    persistence::save_refund(in_, refund);
  }

  void look_at_hold(own_refund& refund) {
    const auto outcome = persistence::outcome_of(in_, purchase().tenant, *refund.hold_row);
    if (!outcome || outcome->waits()) return wait_for_accounts();
    if (!outcome->carried_out) {
      refund.state = "failed";
      refund.failure_code = outcome->refused_code;
      return persistence::save_refund(in_, refund);
    }
    refund.hold_seq = outcome->carried_out->seq;
    const bool has_money = purchase().method == "stripe" && refund.amount_minor > 0;
    if (!has_money) return take(refund);
    refund.state = "paying";
    persistence::save_refund(in_, refund);
    pay(refund);
  }

  void pay(own_refund& refund) {
    // Its event was faster than the answer, or the answer was lost.
    const auto seen = std::ranges::find(facts_.seen, refund.refund_id, &seen_refund::refund_id);
    if (seen != facts_.seen.end()) return conclude(refund, *seen);
    steps_.waits = true;
    if (steps_.call) return; // one after another
    const auto age = core_.time.now() - refund.created_at;
    if (age > refund_keys_are_known_for && age < looked_for_after) return;
    steps_.call = refund_call{
        purchase(), persistence::name_of_tenant(in_, purchase().tenant), refund, age >= looked_for_after};
  }

  void conclude(own_refund& refund, const seen_refund& seen) {
    if (!seen.failed) return take(refund);
    refund.state = "releasing";
    refund.failure_code = "refund_failed";
    refund.failure_message = "The payment provider could not give the money back.";
    follow_answer(refund);
  }

  /// The money is back: so go the units.
  void take(own_refund& refund) {
    auto asked = row(inbox_kind::pay_back, purchase().account, refund.units, refund.refund_id);
    asked.holds = {*refund.hold_seq};
    refund.last_row = asked.id;
    refund.state = "taking";
    leave(asked);
    persistence::save_refund(in_, refund);
  }

  void look_at_end(own_refund& refund) {
    if (!refund.last_row) return follow_answer(refund);
    const auto outcome = persistence::outcome_of(in_, purchase().tenant, *refund.last_row);
    if (!outcome || outcome->waits()) return wait_for_accounts();
    if (refund.state == "releasing") {
      refund.state = "failed";
    } else if (outcome->carried_out) {
      refund.state = "succeeded";
    } else { // the hold was over before the money was back: what is not there is owed
      auto asked = row(inbox_kind::claw_back, purchase().account, refund.units, refund.refund_id);
      asked.roots = {root_};
      refund.last_row = asked.id;
      leave(asked);
    }
    persistence::save_refund(in_, refund);
    if (refund.state == "succeeded") take_back(refund); // it may have failed meanwhile
  }

  /// The provider has answered: the row that follows from it.
  void follow_answer(own_refund& refund) {
    if (refund.state == "taking") return take(refund);
    auto asked = row(inbox_kind::let_go, purchase().account, {}, refund.refund_id);
    asked.holds = {*refund.hold_seq};
    refund.last_row = asked.id;
    leave(asked);
    persistence::save_refund(in_, refund);
  }

  /// The provider said later that the money did not arrive: the units come back.
  void take_back(own_refund& refund) {
    const bool came_back = std::ranges::any_of(facts_.seen, [&](const seen_refund& each) {
      return each.failed && each.refund_id == refund.refund_id;
    });
    if (!came_back) return;
    reinstate(refund.refund_id, refund.units);
    refund.state = "failed";
    refund.failure_code = "refund_failed";
    refund.failure_message = "The bank sent the money back.";
    persistence::save_refund(in_, refund);
  }

  // --- disputes

  bool was_held(const seen_dispute& dispute) const {
    return std::ranges::any_of(facts_.given, [&](const given_instruction& each) {
      return each.subject == dispute.dispute_id && each.kind == "dispute_hold";
    });
  }

  /// What is still free of it stays where it is until the case is decided.
  void hold(const seen_dispute& dispute) {
    if (dispute.phase != dispute_phase::open || was_held(dispute)) return;
    auto holders = persistence::holders_of(in_, purchase());
    if (holders.empty() || !holders.front().is_buyer)
      holders.insert(holders.begin(), {purchase().account, {}, true});
    if (holders.size() > most_holders) holders.resize(most_holders);
    for (const auto& each : holders) {
      auto asked = row(inbox_kind::set_aside, each.account, purchase().bought, dispute.dispute_id);
      asked.partial = true;
      asked.roots = {root_};
      asked.purpose = hold_purpose::dispute;
      asked.ttl = std::chrono::duration_cast<time_point::duration>(dispute_lasts);
      give(dispute.dispute_id, "dispute_hold", asked);
    }
  }

  /// The case is decided: what was held for it is free again, or was taken.
  void let_go(const seen_dispute& dispute) {
    if (!is_decided(dispute.phase) || !was_held(dispute)) return;
    // What is lost is taken out of the holds themselves, so that nobody spends it in between.
    const bool is_taken_first = dispute.phase == dispute_phase::lost && is_in_between(facts_);
    if (is_taken_first || is_clawing() || has_waiting(dispute.dispute_id, "dispute_hold") ||
        has_waiting(dispute.dispute_id, "let_go")) {
      steps_.waits = true;
      return;
    }
    bool released_now = false;
    const auto given = facts_.given; // grows
    for (const auto& each : given)
      if (each.subject == dispute.dispute_id && each.kind == "dispute_hold" && !was_let_go(given, each))
        released_now |= release(dispute, each);
    if (!released_now && dispute.phase != dispute_phase::lost) make_up_for(dispute);
  }

  static bool was_let_go(const std::vector<given_instruction>& given, const given_instruction& hold) {
    return hold.fulfilled.is_zero() || std::ranges::any_of(given, [&](const given_instruction& each) {
             return each.kind == "let_go" && each.subject == hold.subject && each.account == hold.account;
           });
  }

  bool release(const seen_dispute& dispute, const given_instruction& hold) {
    bool any = false;
    for (const auto& each : persistence::holds_opened(in_, hold.account, hold.seq, hold.fulfilled)) {
      auto asked = row(inbox_kind::let_go, hold.account, {}, dispute.dispute_id);
      asked.holds = {each.seq};
      any |= give(dispute.dispute_id, "let_go", asked);
    }
    return any;
  }

  /// What ended while it was held comes back.
  void make_up_for(const seen_dispute& dispute) {
    for (const auto& each : facts_.given)
      if (each.subject == dispute.dispute_id && each.kind == "reinstate") return;
    const auto ended = ended_while_held(facts_, dispute.dispute_id);
    if (!ended.is_zero()) reinstate(dispute.dispute_id, ended);
  }

  // --- what was reversed elsewhere

  bool is_clawing() const {
    return has_waiting("", "claw") || has_waiting("", "recall") || has_waiting("", "reinstate");
  }

  void claw() {
    if (is_clawing() || is_setting_aside_what_is_lost()) return wait_for_accounts();
    const auto target = clawback_target(facts_);
    const auto clawed = clawed_units(facts_);
    if (clawed > target) return reinstate("", clawed - target);
    if (clawed == target) return;
    const auto missing = target - clawed;
    if (!was_recalled() && recall(missing)) return;
    auto asked = row(inbox_kind::claw_back, purchase().account, missing, purchase().purchase_id);
    asked.roots = {root_};
    asked.holds = held_for_lost_disputes(purchase().account).seqs;
    give("", "claw", asked);
  }

  /// Since the last clawback.
  bool was_recalled() const {
    for (auto each = facts_.given.rbegin(); each != facts_.given.rend(); ++each) {
      if (!each->subject.empty()) continue;
      if (each->kind == "claw") return false;
      if (each->kind == "recall") return true;
    }
    return false;
  }

  bool is_setting_aside_what_is_lost() const {
    return std::ranges::any_of(facts_.disputes, [&](const seen_dispute& each) {
      return each.phase == dispute_phase::lost && has_waiting(each.dispute_id, "dispute_hold");
    });
  }

  /// Units of the purchase that others have come back first, out of what was held for a dispute that is lost,
  /// too. False: nobody has any, or none are needed.
  bool recall(credits missing) {
    bool any = false;
    for (const auto& each : holders_with_holds()) {
      if (missing.is_zero()) break;
      const auto held = held_for_lost_disputes(each.account);
      const auto part = std::min(missing, each.free + held.units);
      missing -= part;
      if (each.is_buyer || part.is_zero()) continue;
      any |= call_back(each.account, part, held.seqs);
    }
    return any;
  }

  /// The buyer first, and whoever has nothing but what is held for a lost dispute last.
  std::vector<persistence::unit_holder> holders_with_holds() const {
    auto holders = persistence::holders_of(in_, purchase());
    if (holders.empty() || !holders.front().is_buyer)
      holders.insert(holders.begin(), {purchase().account, {}, true});
    for (const auto& dispute : facts_.disputes) {
      if (dispute.phase != dispute_phase::lost) continue;
      for (const auto& each : facts_.given) {
        if (each.subject != dispute.dispute_id || each.kind != "dispute_hold") continue;
        if (std::ranges::find(holders, each.account, &persistence::unit_holder::account) == holders.end())
          holders.push_back({each.account, {}, false});
      }
    }
    return holders;
  }

  bool call_back(const account_id& from, credits units, const std::vector<std::uint64_t>& holds) {
    auto asked = row(inbox_kind::recall, from, units, purchase().purchase_id);
    asked.roots = {root_};
    asked.holds = holds;
    asked.to = purchase().account;
    asked.carrier = inbox_id{core_.new_id()};
    return give("", "recall", asked);
  }

  struct held_units {
    credits units;
    std::vector<std::uint64_t> seqs;
  };
  held_units held_for_lost_disputes(const account_id& account) const {
    held_units held;
    for (const auto& dispute : facts_.disputes) {
      if (dispute.phase != dispute_phase::lost) continue;
      for (const auto& each : facts_.given) {
        if (each.subject != dispute.dispute_id || each.kind != "dispute_hold" || each.account != account ||
            each.waits)
          continue;
        for (const auto& hold : persistence::holds_opened(in_, account, each.seq, each.fulfilled)) {
          held.units += hold.units;
          held.seqs.push_back(hold.seq);
        }
      }
    }
    return held;
  }

  void reinstate(const std::string& subject, credits units) {
    if (!persistence::hold_entity(in_, purchase().tenant, purchase().account)) return;
    const auto now = core_.time.now();
    lot back;
    back.id = back.root = lot_id{core_.new_id()};
    back.kind = lot_kind::reinstated;
    back.amount = back.free = units;
    if (const auto end = persistence::end_of_purchase(in_, purchase().purchase_id))
      back.expires_at = std::max<time_point>(*end, now + comes_back_for);
    if (back.expires_at)
      if (const auto day = persistence::find_validity(in_, {purchase().tenant, {}, back.expires_at}))
        back.expiry_date = day->expiry_date;
    receive_credits asked;
    asked.id = inbox_id{core_.new_id()};
    asked.account = purchase().account;
    asked.kind = inbox_kind::reinstatement;
    asked.lots = {back};
    asked.reference = purchase().purchase_id;
    persistence::give_back(in_, purchase(), subject, asked);
    facts_.given.push_back({asked.id, asked.account, subject, "reinstate", units, true, false, {}, 0});
    steps_.told.push_back(asked.account);
  }

  pg::transaction& in_;
  const desk_core& core_;
  reversal_facts facts_;
  lot_id root_;
  reversing_steps steps_;
};

} // namespace

instruction
hold_for(const own_refund& refund, const payment_record& purchase, const lot_id& root, const inbox_id& row) {
  instruction asked;
  asked.id = row;
  asked.account = purchase.account;
  asked.kind = inbox_kind::set_aside;
  asked.wanted = refund.units;
  asked.roots = {root};
  asked.purpose = hold_purpose::refund;
  asked.ttl = std::chrono::duration_cast<time_point::duration>(refund_lasts);
  asked.reference = refund.refund_id;
  return asked;
}

result<reversing_steps>
step_on(pg::transaction& in, const desk_core& core, const tenant_id& tenant, const std::string& purchase_id) {
  auto held = persistence::hold_payment(in, tenant, purchase_id);
  if (!held) return errc::purchase_unknown;
  const auto root = persistence::root_lot_of(in, purchase_id);
  if (!root) return reversing_steps{};
  if (!held->refused_code.empty()) {
    spdlog::error(
        "purchase {} is paid, and its account refused the credits: {}", purchase_id, held->refused_code
    );
    if (held->origin == "auto_topup")
      persistence::end_auto_topup(
          in, *held, "review", "It was paid, and the account could not take the credits in."
      );
    persistence::check_payment_again(in, purchase_id, std::nullopt);
    return reversing_steps{};
  }
  if (!held->absorbed) {
    reversing_steps later;
    later.is_last = true;
    later.told.push_back(held->account);
    later.waits = true;
    persistence::check_payment_again(in, purchase_id, 2s);
    return later;
  }
  return stepping(in, core, persistence::reversal_facts_of(in, std::move(*held)), *root).run();
}

void take_refund_answer(
    pg::transaction& in, const desk_core&, const refund_call& call, const object_answer& said
) {
  auto held = persistence::hold_payment(in, call.purchase.tenant, call.purchase.purchase_id);
  if (!held) return;
  auto facts = persistence::reversal_facts_of(in, std::move(*held));
  const auto found = std::ranges::find(facts.refunds, call.refund.refund_id, &own_refund::refund_id);
  if (found == facts.refunds.end() || found->state != "paying") return;
  if (said.word == provider_word::unavailable) return; // it is asked again
  // A provider repeats its first answer, though the refund has failed since.
  const bool has_failed_since = std::ranges::any_of(facts.seen, [&](const seen_refund& each) {
    return each.failed && (each.object_id == said.id || each.refund_id == found->refund_id);
  });
  const bool failed = said.word != provider_word::yes || said.status == "failed" ||
                      said.status == "canceled" || has_failed_since;
  if (said.word == provider_word::yes) {
    seen_refund seen{said.id, found->refund_id, found->amount_minor, failed};
    persistence::save_seen(in, facts.purchase, seen);
  }
  found->state = failed ? "releasing" : "taking";
  if (failed) {
    found->failure_code = said.code.empty() ? "refund_failed" : said.code;
    found->failure_message = "The payment provider could not give the money back.";
    spdlog::error("refund {} is refused by the provider: {}", found->refund_id, found->failure_code);
  }
  persistence::save_refund(in, *found, said.id);
}

} // namespace tessera
