// Money that goes back: what is to be done is looked for again until nothing is left to do.
#include "actors/domain/payment_rules.hpp"
#include "actors/domain/reversed_payments.hpp"
#include "actors/payment/reversing_steps.hpp"
#include "actors/support/crash_point.hpp"
#include "persistence/stores/call_keys.hpp"
#include "persistence/stores/entity_store.hpp"
#include "persistence/stores/payment_store.hpp"
#include "persistence/stores/reversal_facts_store.hpp"

#include <algorithm>
#include <atomic>
#include <memory>
#include <utility>

namespace tessera {

namespace {

constexpr int most_rounds = 40; // of one visit; what is left then is for a later one

/// Steps of one purchase, until it waits for somebody who does not answer at once.
class settling : public std::enable_shared_from_this<settling> {
public:
  settling(desk_core& core, const tenant_id& tenant, std::string purchase, std::function<void()> done)
      : core_(core), tenant_(tenant), purchase_(std::move(purchase)), done_(std::move(done)) {}

  void step() {
    if (++rounds_ > most_rounds) return done_();
    core_.in_transaction<reversing_steps>(
        tenant_,
        [self = shared_from_this()](result<reversing_steps> steps) {
          crash_point("reversal_stepped");
          steps ? self->follow(std::move(*steps)) : self->done_();
        },
        [self = shared_from_this()](pg::transaction& in) {
          return step_on(in, self->core_, self->tenant_, self->purchase_);
        }
    );
  }

private:
  void follow(reversing_steps steps) {
    if (steps.is_last) {
      for (const auto& account : steps.told)
        core_.tell_of_inbox(account);
      return done_();
    }
    if (!steps.told.empty()) return tell(std::move(steps.told));
    if (steps.call) return call(std::move(*steps.call));
    done_();
  }

  /// The desk may be gone when the last account has looked.
  void tell(std::vector<account_id> accounts) {
    const auto left = std::make_shared<std::atomic<std::size_t>>(accounts.size());
    for (const auto& account : accounts)
      core_.tell(account, [self = shared_from_this(), alive = core_.weak_from_this(), left] {
        if (--*left > 0) return;
        if (const auto core = alive.lock()) self->step();
      });
  }

  void call(refund_call what) {
    if (what.is_late) return look_for(std::move(what));
    const auto amount = provider_amount(what.refund.amount_minor, what.purchase.currency);
    if (!amount) return take(what, {provider_word::refused, {}, {}, "amount_not_possible", {}});
    auto request = core_.stripe.refund(what.purchase, what.tenant_name, what.refund.refund_id, *amount);
    crash_point("before_refund");
    core_.provider.send(
        std::move(request),
        [self = shared_from_this(), what = std::move(what)](const outgoing_outcome& outcome) {
          crash_point("after_refund");
          self->take(what, read_object_answer(outcome));
        }
    );
  }

  /// Nobody knows whether the question that was asked long ago was heard: the provider does.
  void look_for(refund_call what) {
    auto request = core_.stripe.refunds_of(what.purchase.payment_id);
    core_.provider.send(
        std::move(request),
        [self = shared_from_this(), what = std::move(what)](const outgoing_outcome& outcome) {
          self->take(what, read_refund_list(outcome, what.refund.refund_id));
        }
    );
  }

  void take(const refund_call& what, const object_answer& said) {
    const bool is_away = said.word == provider_word::unavailable;
    core_.in_transaction<bool>(
        tenant_,
        [self = shared_from_this(), is_away](const result<bool>& taken) {
          taken && !is_away ? self->step() : self->done_();
        },
        [self = shared_from_this(), what, said](pg::transaction& in) {
          take_refund_answer(in, self->core_, what, said);
          return result<bool>(true);
        }
    );
  }

  desk_core& core_;
  tenant_id tenant_;
  std::string purchase_;
  std::function<void()> done_;
  int rounds_ = 0;
};

/// A refund that begins, or the one that its key stands for.
class refunding {
public:
  refunding(pg::transaction& in, const desk_core& core, const refund_purchase& command)
      : in_(in), core_(core), command_(command) {}

  result<std::string> begin() {
    auto held = persistence::hold_payment(in_, command_.tenant, command_.purchase_id);
    if (!held) return errc::purchase_unknown;
    const auto first = persistence::begin_call(in_, command_.tenant, command_.idempotency);
    if (!first) return first.why();
    if (*first) return again(**first);
    facts_ = persistence::reversal_facts_of(in_, std::move(*held));
    const auto made = make();
    if (!made) return refuse(made.why());
    persistence::finish_call(in_, command_.idempotency, *made);
    return made;
  }

private:
  static rejection why_of(std::string_view code) {
    for (const auto each :
         {errc::purchase_not_refundable, errc::insufficient_credits, errc::amount_out_of_range}) {
      if (code != to_string(each)) continue;
      rejection why(each);
      why.replayed = true;
      return why;
    }
    return errc::purchase_not_refundable;
  }
  result<std::string> again(const persistence::first_call& first) {
    if (!first.refused.empty()) return why_of(first.refused);
    replayed_ = true;
    return first.resource;
  }
  /// Nothing was made, and the key knows: so this commits.
  result<std::string> refuse(const rejection& why) {
    persistence::finish_call(in_, command_.idempotency, "", to_string(why.code));
    refused_ = why;
    return std::string();
  }

  result<std::string> make() {
    const auto& purchase = facts_.purchase;
    const auto root = persistence::root_lot_of(in_, purchase.purchase_id);
    const auto status = purchase.absorbed ? status_of(facts_) : purchase.status;
    const bool is_refundable = status == "completed" || status == "partially_refunded";
    if (!root || !is_refundable) return rejection(errc::purchase_not_refundable, "It is " + status + ".");
    if (!persistence::hold_entity(in_, purchase.tenant, purchase.account))
      return rejection(errc::purchase_not_refundable, "Its entity was deleted.");
    own_refund refund;
    refund.refund_id = "ref-" + to_string(core_.new_id());
    if (auto why = set_units(refund)) return *why;
    refund.amount_minor = money_for(facts_, refund.units);
    refund.state = "recalling";
    persistence::insert_refund(in_, purchase, refund, command_);
    for (const auto& [account, units] : recalled_)
      recall(refund, *root, account, units);
    persistence::check_payment_again(in_, purchase.purchase_id, std::chrono::milliseconds(2'000));
    return refund.refund_id;
  }

  /// As many as are free at the buyer, and with `recall` elsewhere.
  std::optional<rejection> set_units(own_refund& refund) {
    const auto most = refundable_units(facts_);
    const auto holders = persistence::holders_of(in_, facts_.purchase);
    credits free;
    for (const auto& each : holders)
      if (each.is_buyer || command_.recall) free += each.free;
    free = std::min(free, most);
    refund.units = command_.units.value_or(free);
    if (refund.units.is_zero() || refund.units > free) return not_enough(refund.units, free);
    auto missing = refund.units;
    for (const auto& each : holders) {
      const auto part = std::min(missing, each.free);
      if (!each.is_buyer && !part.is_zero()) recalled_.emplace_back(each.account, part);
      missing -= part;
    }
    return std::nullopt;
  }

  static rejection not_enough(credits wanted, credits free) {
    rejection why(errc::insufficient_credits, "So many units of the purchase are not free.");
    why.blocker = blocked_by::balance;
    why.requested = wanted;
    why.available = why.would_allow = free;
    return why;
  }

  void recall(const own_refund& refund, const lot_id& root, const account_id& from, credits units) {
    if (!persistence::hold_entity(in_, command_.tenant, from)) return;
    instruction asked;
    asked.id = inbox_id{core_.new_id()};
    asked.account = from;
    asked.kind = inbox_kind::recall;
    asked.wanted = units;
    asked.roots = {root};
    asked.to = facts_.purchase.account;
    asked.carrier = inbox_id{core_.new_id()};
    asked.requested_by = command_.requested_by;
    asked.request_id = command_.request_id;
    asked.reference = refund.refund_id;
    persistence::instruct(in_, facts_.purchase, refund.refund_id, "recall", asked);
    accounts_.push_back(from);
  }

  pg::transaction& in_;
  const desk_core& core_;
  const refund_purchase& command_;
  reversal_facts facts_;
  std::vector<std::pair<account_id, credits>> recalled_;

public:
  std::optional<rejection> refused_;
  bool replayed_ = false;            // it was begun before
  std::vector<account_id> accounts_; // told to give units back
};

struct begun {
  std::string refund_id; // empty: refused
  rejection refused;
  std::vector<account_id> accounts;
  bool replayed = false;
};

void answer_with(
    desk_core& core,
    const tenant_id& tenant,
    const std::string& id,
    bool replayed,
    answer_of<refund_view> answer
) {
  core.in_transaction<refund_view>(
      tenant,
      std::move(answer),
      [tenant, id, replayed](pg::transaction& in) -> result<refund_view> {
        auto view = persistence::find_refund(in, {tenant, id});
        if (!view) return errc::purchase_unknown;
        view->replayed = replayed;
        return std::move(*view);
      }
  );
}

} // namespace

void settle_reversals(
    desk_core& core, const tenant_id& tenant, const std::string& purchase_id, std::function<void()> done
) {
  std::make_shared<settling>(core, tenant, purchase_id, std::move(done))->step();
}

void keep_reversal(pg::transaction& in, const payment_record& record, const payment_news& news) {
  if (news.what != payment_news::kind::refund && news.what != payment_news::kind::dispute) return;
  auto of = record; // whose payment may be another one by now, or may not be known yet
  of.payment_id = news.payment_id;
  const auto facts = persistence::reversal_facts_of(in, of);
  if (news.what == payment_news::kind::refund) {
    const auto before = std::ranges::find(facts.seen, news.object_id, &seen_refund::object_id);
    persistence::save_seen(in, of, after(before == facts.seen.end() ? seen_refund{} : *before, news));
    return;
  }
  const auto before = std::ranges::find(facts.disputes, news.object_id, &seen_dispute::dispute_id);
  persistence::save_seen(in, of, after(before == facts.disputes.end() ? seen_dispute{} : *before, news));
}

void refund(desk_core& core, refund_purchase command, answer_of<refund_view> answer) {
  const auto tenant = command.tenant;
  const auto purchase = command.purchase_id;
  core.in_transaction<begun>(
      tenant,
      [&core, tenant, purchase, answer = std::move(answer)](const result<begun>& what) {
        if (!what) return answer(what.why());
        if (what->refund_id.empty()) return answer(what->refused);
        for (const auto& account : what->accounts)
          core.tell_of_inbox(account);
        settle_reversals(
            core,
            tenant,
            purchase,
            [&core, tenant, id = what->refund_id, replayed = what->replayed, answer] {
              answer_with(core, tenant, id, replayed, answer);
            }
        );
      },
      [&core, command = std::move(command)](pg::transaction& in) -> result<begun> {
        refunding now(in, core, command);
        auto id = now.begin();
        if (!id) return id.why();
        return begun{
            std::move(*id), now.refused_.value_or(rejection()), std::move(now.accounts_), now.replayed_};
      }
  );
}

} // namespace tessera
