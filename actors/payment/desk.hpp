#pragma once

#include "actors/database/answer.hpp"
#include "actors/payment/stripe_requests.hpp"
#include "messages/auto_topups.hpp"
#include "messages/fraud.hpp"
#include "messages/payments.hpp"
#include "messages/plans.hpp"
#include "messages/purchase_documents.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace tessera {

class clock;
class http_client;

struct payment_desk_options {
  std::string database_url;              // a login that may become tessera_api
  stripe_options stripe;                 // without a key nothing is asked of Stripe
  std::chrono::milliseconds poll{1'000}; // how often it looks for what is to be done
  std::chrono::milliseconds check_after{
      60'000}; // when it asks what became of a payment; then 10 and 60 times that
  std::chrono::milliseconds events_every{60'000}; // how often it asks for events that never arrived
};

/// Where purchases are paid (decision 0046): asks the provider, takes in what it tells, and looks after what
/// got no answer, whoever died on the way. Everything it knows stands in rows, so any node goes on where
/// another stopped. Answers on threads of its own; failures as those of `database`.
class payment_desk {
public:
  /// Told which accounts have something in their inbox; from any thread. `then`, if there is one, is called
  /// once the account has looked, or nobody knows; on any thread.
  using nudge = std::function<void(const account_id&, std::function<void()> then)>;

  payment_desk(payment_desk_options options, http_client& provider, const clock& time, nudge tell);
  ~payment_desk();
  payment_desk(const payment_desk&) = delete;

  bool takes_stripe() const;

  /// Has it paid, as far as that goes without the payer. Says how it stands.
  void run(pay_purchase command, answer_of<payment_state> answer);
  /// Keeps what the provider told; what comes of it comes later.
  void run(provider_event event, answer_of<event_kept> answer);
  void run(refund_purchase command, answer_of<refund_view> answer);
  void run(mark_paid command, answer_of<payment_marked> answer);
  void run(attach_method command, answer_of<saved_method> answer);
  void run(list_methods query, answer_of<method_list> answer);
  void run(method_query query, answer_of<saved_method> answer);
  void run(repeatable<detach_method, method_removed> call, answer_of<kept_answer> answer);

  // What is bought by itself.
  void run(repeatable<set_auto_topup, auto_topup_view> call, answer_of<kept_answer> answer);
  void run(auto_topup_query query, answer_of<auto_topup_view> answer);

  void run(plan_query query, answer_of<plan_overview> answer);
  void run(document_of_purchase query, answer_of<purchase_document> answer);

  // What rules against fraud have flagged.
  void run(fraud_rules_query query, answer_of<fraud_rules_view> answer);
  void run(repeatable<set_fraud_rules, fraud_rules_view> call, answer_of<kept_answer> answer);
  void run(list_fraud_flags query, answer_of<fraud_page> answer);
  void run(repeatable<decide_fraud_flag, fraud_flag> call, answer_of<kept_answer> answer);

private:
  class implementation;
  std::unique_ptr<implementation> implementation_;
};

} // namespace tessera
