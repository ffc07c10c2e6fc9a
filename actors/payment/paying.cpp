// Asking the provider for the money of one purchase. Every step is a row, a question with a key, or an answer
// that is taken in: whoever is killed between two of them is followed by `look_after`.
#include "actors/domain/payment_rules.hpp"
#include "actors/payment/desk_core.hpp"
#include "actors/support/crash_point.hpp"
#include "persistence/stores/payment_method_store.hpp"
#include "persistence/stores/payment_store.hpp"

#include <spdlog/spdlog.h>

#include <memory>
#include <optional>

namespace tessera {

namespace {

using kind = payment_news::kind;
using namespace std::chrono_literals;

// Stripe forgets a key after a day, and then the same question is another payment.
constexpr auto keys_are_known_for = 23h;

/// What paying needs to know.
struct order {
  payment_record record;
  std::string tenant_name;
  persistence::payment_terms terms;
};

payment_state state_of(const payment_record& record, bool unavailable = false) {
  return {record.account, record.status, record.settled, unavailable};
}

bool is_open(const payment_record& record) {
  return record.method == "stripe" && record.status == "pending" && !record.settled;
}

bool was_asked(const payment_record& record) {
  return !record.payment_id.empty() || !record.session_id.empty();
}

payment_news refusal_of(const payment_record& record, std::string code) {
  payment_news news;
  news.what = kind::failed;
  news.state = "final";
  news.purchase_id = record.purchase_id;
  news.failure_message = words_for_decline(code);
  news.failure_code = std::move(code);
  return news;
}

/// One purchase while it is being paid. Lives as long as its callbacks.
class paying : public std::enable_shared_from_this<paying> {
public:
  paying(desk_core& core, order what, answer_of<payment_state> answer)
      : core_(core), order_(std::move(what)), answer_(std::move(answer)) {}

  void begin() {
    const auto& record = order_.record;
    const auto amount = provider_amount(record.amount_minor, record.currency);
    if (!amount || *amount == 0) return take(refusal_of(record, "payment_refused"));
    amount_ = *amount;
    if (!order_.terms.method_id.empty()) return charge();
    is_unattended() ? take(refusal_of(record, "no_payment_method")) : open_page();
  }

private:
  /// Nobody is there who could go to a page.
  bool is_unattended() const { return !order_.record.origin.empty(); }

  void charge() {
    saved_method with;
    with.method_id = order_.terms.method_id;
    with.customer_id = order_.terms.method_customer;
    auto request = core_.stripe.charge(order_.record, order_.tenant_name, with, amount_);
    send(std::move(request), [self = shared_from_this()](const outgoing_outcome& outcome) {
      auto said = read_payment_answer(outcome);
      switch (said.word) {
      case provider_word::yes: return self->take(std::move(said.news));
      case provider_word::declined: return self->take(self->decline(std::move(said)));
      // The bank wants the payer, or the method is gone: they pay on a page.
      case provider_word::authenticate: return self->end_attempt(said.news.payment_id);
      case provider_word::refused: return self->open_page_instead("payment_refused");
      case provider_word::unavailable: return self->give_up(outcome);
      }
    });
  }

  void open_page_instead(const char* of) {
    is_unattended() ? take(refusal_of(order_.record, of)) : open_page();
  }

  /// It could be paid beside the page.
  void end_attempt(const std::string& payment) {
    if (payment.empty()) return open_page_instead("authentication_required");
    send(
        core_.stripe.cancel(order_.record, payment),
        [self = shared_from_this()](const outgoing_outcome& outcome) {
          const auto said = read_payment_answer(outcome);
          if (said.word == provider_word::unavailable) return self->give_up(outcome);
          self->open_page_instead("authentication_required");
        }
    );
  }

  payment_news decline(payment_answer said) const {
    auto news = refusal_of(order_.record, said.code.empty() ? "card_declined" : std::move(said.code));
    news.payment_id = said.news.payment_id;
    return news;
  }

  void open_page() {
    const auto& terms = order_.terms;
    auto request =
        core_.stripe.checkout(order_.record, order_.tenant_name, terms.customer, terms.return_base, amount_);
    send(std::move(request), [self = shared_from_this()](const outgoing_outcome& outcome) {
      auto said = read_session_answer(outcome);
      if (said.word == provider_word::yes) return self->take(std::move(said.news));
      if (said.word == provider_word::unavailable) return self->give_up(outcome);
      spdlog::error("the provider refuses the page of {}: {}", self->order_.record.purchase_id, said.code);
      self->take(refusal_of(self->order_.record, "payment_refused"));
    });
  }

  template <class Then> void send(outgoing_request request, Then then) {
    crash_point("before_provider");
    core_.provider.send(std::move(request), [then = std::move(then)](const outgoing_outcome& outcome) {
      crash_point("after_provider");
      then(outcome);
    });
  }

  /// The row knows that it is to be looked after.
  void give_up(const outgoing_outcome& outcome) {
    spdlog::warn(
        "the provider did not take the payment of {}: {}",
        order_.record.purchase_id,
        outcome.answered() ? "status " + std::to_string(outcome.answer.status) : outcome.why
    );
    answer_(state_of(order_.record, true));
  }

  void take(payment_news news) {
    const auto& record = order_.record;
    core_.in_transaction<payment_state>(
        record.tenant,
        [self = shared_from_this()](result<payment_state> state) {
          crash_point("after_payment_taken");
          if (state && state->settled) self->core_.tell_of_inbox(state->account);
          self->answer_(std::move(state));
        },
        [&core = core_, news, tenant = record.tenant, id = record.purchase_id](pg::transaction& in
        ) -> result<payment_state> {
          auto held = persistence::hold_payment(in, tenant, id);
          if (!held) return errc::purchase_unknown;
          return state_of(take_news(in, core, std::move(*held), news).record);
        }
    );
  }

  desk_core& core_;
  order order_;
  answer_of<payment_state> answer_;
  std::int64_t amount_ = 0;
};

result<order> read_order(
    pg::transaction& in, const desk_core& core, const tenant_id& tenant, const std::string& purchase_id
) {
  auto held = persistence::hold_payment(in, tenant, purchase_id);
  if (!held) return errc::purchase_unknown;
  order what;
  what.tenant_name = persistence::name_of_tenant(in, tenant);
  if (is_open(*held)) {
    persistence::payment_terms now;
    if (auto method = persistence::paying_method(in, tenant, held->account)) {
      now.method_id = std::move(method->method_id);
      now.method_customer = std::move(method->customer_id);
    }
    now.customer = persistence::customer_of(in, tenant, held->account);
    now.return_base = core.options.stripe.return_base;
    what.terms = persistence::keep_terms(in, purchase_id, now);
  }
  what.record = std::move(*held);
  return what;
}

void begin_unseen(desk_core& core, order what) {
  std::make_shared<paying>(core, std::move(what), [](const result<payment_state>&) {})->begin();
}

/// Of one that is open. It may have waited for a review before anybody was asked.
bool is_key_known(const desk_core& core, const order& what) {
  return core.time.now() - what.terms.asked_at <= keys_are_known_for;
}

/// Takes in what the provider says of a purchase that is looked after.
void take_looked_up(desk_core& core, const payment_record& record, payment_news news) {
  core.in_transaction<payment_state>(
      record.tenant,
      [&core](const result<payment_state>& state) {
        if (state && state->settled) core.tell_of_inbox(state->account);
      },
      [&core, news = std::move(news), tenant = record.tenant, id = record.purchase_id](pg::transaction& in
      ) -> result<payment_state> {
        auto held = persistence::hold_payment(in, tenant, id);
        if (!held) return errc::purchase_unknown;
        ++held->checks;
        return state_of(take_news(in, core, std::move(*held), news).record);
      }
  );
}

/// What the provider says of a purchase that it has heard of.
void ask_again(desk_core& core, order what) {
  const auto& record = what.record;
  const bool by_page = !record.session_id.empty();
  auto question =
      by_page ? core.stripe.read_session(record.session_id) : core.stripe.read_payment(record.payment_id);
  core.provider.send(std::move(question), [&core, by_page, what](const outgoing_outcome& outcome) {
    auto said = by_page ? read_session_answer(outcome) : read_payment_answer(outcome);
    if (said.word != provider_word::yes) return;
    // Whoever was to open the page did not come to it.
    if (page_follows(what.record, said.news)) {
      if (is_key_known(core, what)) return begin_unseen(core, what);
      said.news.state = "final";
    }
    take_looked_up(core, what.record, std::move(said.news));
  });
}

/// Something else has paid: nobody is to pay on the page as well. One on which somebody did is over anyway.
void end_page(desk_core& core, const payment_record& record) {
  core.provider.send(
      core.stripe.expire(record.session_id),
      [&core, tenant = record.tenant, id = record.purchase_id](const outgoing_outcome& outcome) {
        const bool is_away = read_session_answer(outcome).word == provider_word::unavailable;
        settle_reversals(core, tenant, id, [&core, tenant, id, is_away] {
          core.in_transaction<bool>(
              tenant,
              [](const result<bool>&) {},
              [id, is_away](pg::transaction& in) {
                if (is_away)
                  persistence::check_payment_again(in, id, 30s);
                else
                  persistence::forget_page(in, id);
                return result<bool>(true);
              }
          );
        });
      }
  );
}

bool has_page_left(const payment_record& record) {
  return record.settled && !record.session_id.empty() && !record.checkout_url.empty();
}

/// Nobody can have been asked any more, and nobody will be.
void end_unasked(desk_core& core, const payment_record& record) {
  payment_news news;
  news.what = kind::expired;
  core.in_transaction<payment_state>(
      record.tenant,
      [](const result<payment_state>&) {},
      [&core, news, tenant = record.tenant, id = record.purchase_id](pg::transaction& in
      ) -> result<payment_state> {
        auto held = persistence::hold_payment(in, tenant, id);
        if (!held) return errc::purchase_unknown;
        return state_of(take_news(in, core, std::move(*held), news).record);
      }
  );
}

constexpr int most_pages = 100; // of a hundred payments

/// The provider may have charged the card though nobody heard of it, and a key is good for a day only:
/// nothing is given up before its own list says that there is no such payment.
void look_for_payment(desk_core& core, const order& what, const std::string& before, int pages) {
  const auto since = to_microseconds(what.terms.asked_at - 10min) / 1'000'000;
  core.provider.send(
      core.stripe.payments_of(what.terms.method_customer, since, before),
      [&core, what, pages](const outgoing_outcome& outcome) {
        auto found = read_payment_list(outcome, what.record.purchase_id);
        if (!found.good) { // it is asked again, unless there is no such customer
          const auto code = read_object_answer(outcome).code;
          spdlog::error(
              "the provider's payments of {} can't be read: status {} {}",
              what.record.purchase_id,
              outcome.answer.status,
              code
          );
          return code == "resource_missing" ? end_unasked(core, what.record) : void();
        }
        if (found.news) {
          found.news->state = "final"; // its key is forgotten: no page follows
          return take_looked_up(core, what.record, std::move(*found.news));
        }
        if (!found.more) return end_unasked(core, what.record);
        if (pages < most_pages) return look_for_payment(core, what, found.last, pages + 1);
        spdlog::error("payment of {} is not found among {} pages", what.record.purchase_id, most_pages);
      }
  );
}

} // namespace

void pay(desk_core& core, const pay_purchase& which, answer_of<payment_state> answer) {
  core.in_transaction<order>(
      which.tenant,
      [&core, answer](result<order> what) {
        if (!what) return answer(what.why());
        const auto& record = what->record;
        if (!is_open(record) || was_asked(record)) return answer(state_of(record));
        std::make_shared<paying>(core, std::move(*what), answer)->begin();
      },
      [&core, which](pg::transaction& in) { return read_order(in, core, which.tenant, which.purchase_id); }
  );
}

void look_after(desk_core& core, const tenant_id& tenant, const std::string& purchase_id) {
  core.in_transaction<order>(
      tenant,
      [&core](result<order> what) {
        if (!what) return;
        const auto& record = what->record;
        if (has_page_left(record)) return end_page(core, record);
        if (record.settled) return settle_reversals(core, record.tenant, record.purchase_id, [] {});
        if (!is_open(record)) return;
        if (was_asked(record)) return ask_again(core, std::move(*what));
        const bool was_charged_maybe = !what->terms.method_customer.empty();
        if (!is_key_known(core, *what))
          return was_charged_maybe ? look_for_payment(core, *what, {}, 0) : end_unasked(core, record);
        begin_unseen(core, std::move(*what));
      },
      [&core, tenant, purchase_id](pg::transaction& in) {
        auto what = read_order(in, core, tenant, purchase_id);
        if (what && !is_open(what->record) && !what->record.settled)
          persistence::check_payment_again(in, purchase_id, std::nullopt);
        return what;
      }
  );
}

} // namespace tessera
