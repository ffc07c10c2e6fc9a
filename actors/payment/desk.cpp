#include "actors/payment/desk.hpp"

#include "actors/domain/payment_rules.hpp"
#include "actors/domain/plans.hpp"
#include "actors/payment/desk_core.hpp"
#include "actors/payment/desk_rounds.hpp"
#include "actors/payment/methods.hpp"
#include "actors/payment/once.hpp"
#include "actors/payment/reviewing.hpp"
#include "actors/payment/side_thread.hpp"
#include "actors/payment/topping_up.hpp"
#include "actors/support/crash_point.hpp"
#include "persistence/stores/auto_topup_store.hpp"
#include "persistence/stores/call_keys.hpp"
#include "persistence/stores/fraud_store.hpp"
#include "persistence/stores/payment_method_store.hpp"
#include "persistence/stores/payment_store.hpp"
#include "persistence/stores/plan_store.hpp"
#include "persistence/stores/provider_event_store.hpp"
#include "persistence/stores/purchase_view_store.hpp"

#include <spdlog/spdlog.h>

#include <exception>
#include <utility>

namespace tessera {

namespace {

const tenant_id nobody{};
constexpr std::size_t most_documents = 64; // that wait

payment_news news_of_payment(const payment_record& record) {
  payment_news news;
  news.what = payment_news::kind::succeeded;
  news.amount_minor = record.amount_minor;
  news.currency = record.currency;
  return news;
}

/// An invoice is paid once: whoever says so again is told the same.
result<payment_marked> mark(pg::transaction& in, const desk_core& core, const mark_paid& command) {
  auto held = persistence::hold_payment(in, command.tenant, command.purchase_id);
  if (!held) return errc::purchase_unknown;
  const auto first = persistence::begin_call(in, command.tenant, command.idempotency);
  if (!first) return first.why();
  const payment_marked marked{held->account, first->has_value()};
  if (marked.replayed) return marked;
  // Another amount that was paid by card is enough when a person says so.
  const bool is_accepted = held->method == "stripe" && may_be_accepted(*held);
  if (held->method != "invoice" && !is_accepted && !was_accepted(*held)) return errc::purchase_not_payable;
  persistence::finish_call(in, command.idempotency, command.purchase_id);
  if (held->settled) return marked;
  if (held->status != "pending" && !is_accepted) return errc::purchase_not_payable;
  const auto news = news_of_payment(*held);
  const auto taken = take_news(in, core, std::move(*held), news);
  persistence::note_settler(in, command);
  return taken.settled_now ? result<payment_marked>(marked)
                           : result<payment_marked>(errc::purchase_not_payable);
}

result<purchase_document>
document_in(const purchase_view& purchase, const std::function<std::string(const purchase_view&)>& word) {
  try {
    return purchase_document{word(purchase)};
  } catch (const std::exception& why) {
    spdlog::error("a document of {} could not be made: {}", purchase.purchase_id, why.what());
    return errc::internal;
  }
}

} // namespace

class payment_desk::implementation {
public:
  implementation(payment_desk_options options, http_client& provider, const clock& time, nudge tell)
      : documents("payments-pdf", most_documents),
        shared(std::make_shared<desk_core>(std::move(options), provider, time, std::move(tell))),
        core(*shared), rounds(core) {}

  side_thread documents; // answers of the core go on there: it outlives the core
  std::shared_ptr<desk_core> shared;
  desk_core& core;
  desk_rounds rounds;
};

payment_desk::payment_desk(payment_desk_options options, http_client& provider, const clock& time, nudge tell)
    : implementation_(std::make_unique<implementation>(std::move(options), provider, time, std::move(tell))) {
}
payment_desk::~payment_desk() = default;

bool payment_desk::takes_stripe() const {
  return !implementation_->core.options.stripe.secret_key.empty();
}

void payment_desk::run(pay_purchase command, answer_of<payment_state> answer) {
  pay(implementation_->core, command, std::move(answer));
}

void payment_desk::run(provider_event event, answer_of<event_kept> answer) {
  auto& core = implementation_->core;
  auto read = read_event(std::move(event.payload));
  if (!read) return answer(errc::event_unreadable);
  core.in_transaction<event_kept>(
      nobody,
      [&core, answer, id = read->event_id](result<event_kept> kept) {
        crash_point("event_kept");
        const bool fresh = kept && kept->fresh;
        answer(std::move(kept));
        if (fresh) take_event(core, id);
      },
      [event = std::move(*read)](pg::transaction& in) {
        return result<event_kept>(event_kept{persistence::keep_event(in, event)});
      }
  );
}

void payment_desk::run(refund_purchase command, answer_of<refund_view> answer) {
  refund(implementation_->core, std::move(command), std::move(answer));
}

void payment_desk::run(mark_paid command, answer_of<payment_marked> answer) {
  auto& core = implementation_->core;
  const auto tenant = command.tenant;
  core.in_transaction<payment_marked>(
      tenant,
      std::move(answer),
      [&core, command = std::move(command)](pg::transaction& in) { return mark(in, core, command); }
  );
}

void payment_desk::run(attach_method command, answer_of<saved_method> answer) {
  attach(implementation_->core, std::move(command), std::move(answer));
}

void payment_desk::run(repeatable<detach_method, method_removed> call, answer_of<kept_answer> answer) {
  detach(implementation_->core, std::move(call), std::move(answer));
}

void payment_desk::run(repeatable<set_auto_topup, auto_topup_view> call, answer_of<kept_answer> answer) {
  const auto tenant = call.command.tenant;
  implementation_->core.in_transaction<kept_answer>(
      tenant,
      std::move(answer),
      [call = std::move(call)](pg::transaction& in) { return once(in, call, set_terms); }
  );
}

void payment_desk::run(auto_topup_query query, answer_of<auto_topup_view> answer) {
  const auto tenant = query.tenant;
  implementation_->core.in_transaction<auto_topup_view>(
      tenant,
      std::move(answer),
      [query = std::move(query)](pg::transaction& in) {
        return result<auto_topup_view>(persistence::find_auto_topup(in, query));
      }
  );
}

/// Read in a transaction, written outside of it on a thread of its own: whoever has documents made keeps no
/// payment waiting.
void payment_desk::run(document_of_purchase query, answer_of<purchase_document> answer) {
  const auto tenant = query.which.tenant;
  implementation_->core.in_transaction<purchase_view>(
      tenant,
      [&documents = implementation_->documents, word = query.word, answer](result<purchase_view> found) {
        if (!found) return answer(found.why());
        const bool is_queued = documents.run([word, answer, purchase = std::move(*found)] {
          answer(document_in(purchase, word));
        });
        if (!is_queued) answer(errc::overloaded);
      },
      [which = std::move(query.which)](pg::transaction& in) { return persistence::purchase_of(in, which); }
  );
}

void payment_desk::run(plan_query query, answer_of<plan_overview> answer) {
  implementation_->core
      .in_transaction<plan_overview>(query.tenant, std::move(answer), [query](pg::transaction& in) {
        const auto plans = subscription_plans();
        return result<plan_overview>(plan_overview{
            {plans.begin(), plans.end()}, persistence::plan_standing_of(in, query.tenant)});
      });
}

void payment_desk::run(fraud_rules_query query, answer_of<fraud_rules_view> answer) {
  implementation_->core.in_transaction<fraud_rules_view>(
      query.tenant, std::move(answer), [query](pg::transaction& in) { return rules_now(in, query.tenant); }
  );
}

void payment_desk::run(repeatable<set_fraud_rules, fraud_rules_view> call, answer_of<kept_answer> answer) {
  const auto tenant = call.command.tenant;
  implementation_->core.in_transaction<kept_answer>(
      tenant,
      std::move(answer),
      [call = std::move(call)](pg::transaction& in) { return once(in, call, set_rules); }
  );
}

void payment_desk::run(list_fraud_flags query, answer_of<fraud_page> answer) {
  const auto tenant = query.tenant;
  implementation_->core
      .in_transaction<fraud_page>(tenant, std::move(answer), [query = std::move(query)](pg::transaction& in) {
        return result<fraud_page>(persistence::flags_of(in, query));
      });
}

void payment_desk::run(repeatable<decide_fraud_flag, fraud_flag> call, answer_of<kept_answer> answer) {
  decide(implementation_->core, std::move(call), std::move(answer));
}

void payment_desk::run(list_methods query, answer_of<method_list> answer) {
  implementation_->core.in_transaction<method_list>(
      query.tenant,
      std::move(answer),
      [query](pg::transaction& in) { return result<method_list>(persistence::methods_of(in, query)); }
  );
}

void payment_desk::run(method_query query, answer_of<saved_method> answer) {
  const auto tenant = query.tenant;
  implementation_->core.in_transaction<saved_method>(
      tenant,
      std::move(answer),
      [query = std::move(query)](pg::transaction& in) -> result<saved_method> {
        auto found = persistence::find_method(in, query);
        if (!found) return errc::payment_method_unknown;
        return std::move(*found);
      }
  );
}

} // namespace tessera
