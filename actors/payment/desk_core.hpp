#pragma once

#include "actors/database/answer.hpp"
#include "actors/database/workers.hpp"
#include "actors/payment/desk.hpp"
#include "actors/payment/stripe_objects.hpp"
#include "actors/payment/stripe_requests.hpp"
#include "actors/providers/http_client.hpp"
#include "actors/support/clock.hpp"
#include "messages/payments.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace tessera {

// INTERNAL: what the parts of the payment desk share.
struct desk_core : std::enable_shared_from_this<desk_core> {
  desk_core(payment_desk_options chosen, http_client& client, const clock& now, payment_desk::nudge tell);

  /// A transaction of the tenant; of nobody, when it is none.
  template <class Answer, class UseCase>
  void in_transaction(const tenant_id& tenant, answer_of<Answer> answer, UseCase use_case) {
    rows.submit<Answer>(
        tenant, std::move(answer), std::move(use_case), rows.options().max_queued, workers::from_now(patience)
    );
  }
  uuid new_id() const;
  void tell_of_inbox(const account_id& account) const { tell(account, {}); }

  /// When it is looked after again that has been so many times.
  std::chrono::milliseconds pause_before_check(int checks) const;

  static constexpr std::chrono::milliseconds patience{5'000}; // with the queue: nobody else waits in it

  payment_desk_options options;
  stripe_requests stripe;
  http_client& provider;
  const clock& time;
  payment_desk::nudge tell;
  workers rows;
};

/// What news made of a purchase.
struct news_taken {
  payment_record record;
  bool settled_now = false;
  std::string quarantined;
};
/// Applies news to a record that is held by this transaction.
news_taken
take_news(pg::transaction& in, const desk_core& core, payment_record record, const payment_news& news);

/// What news changed, for what follows a purchase.
struct purchase_turn {
  bool was_open = false; // before the news it waited to be paid
  bool settled_now = false;
  bool reviewed_now = false; // people have to look at what was paid
};

/// Has a purchase paid: reads it, asks the provider, and takes the answer in.
void pay(desk_core& core, const pay_purchase& which, answer_of<payment_state> answer);
/// Asks the provider what became of a purchase, or goes on with it.
void look_after(desk_core& core, const tenant_id& tenant, const std::string& purchase_id);
/// Does what is to be done about money that went back, as far as that goes at once; then calls `done`.
void settle_reversals(
    desk_core& core, const tenant_id& tenant, const std::string& purchase_id, std::function<void()> done
);
/// Keeps what news say of a refund or a dispute of a purchase that is held by this transaction.
void keep_reversal(pg::transaction& in, const payment_record& record, const payment_news& news);
/// Gives money and credits back: see `refund_purchase`.
void refund(desk_core& core, refund_purchase command, answer_of<refund_view> answer);

/// Takes in an event that was kept.
void take_event(desk_core& core, const std::string& event_id);

} // namespace tessera
