#pragma once

#include "http/gateway.hpp"
#include "messages/auto_topups.hpp"
#include "messages/fraud.hpp"
#include "messages/idempotency.hpp"
#include "messages/plans.hpp"
#include "messages/purchase_documents.hpp"

namespace tessera::http {

/// The part of the gateway that is about ways to pay, what is bought by itself, and rules against fraud.
class payments_gateway {
public:
  explicit payments_gateway(gateway& all) : all_(all) {}

  // Changes without a money effect: the first answer is kept under the call's key.
  void change(repeatable<detach_method, method_removed> call, callback<kept_answer> done);
  void change(repeatable<set_auto_topup, auto_topup_view> call, callback<kept_answer> done);
  void change(repeatable<set_fraud_rules, fraud_rules_view> call, callback<kept_answer> done);
  void change(repeatable<decide_fraud_flag, fraud_flag> call, callback<kept_answer> done);
  void find(auto_topup_query query, callback<auto_topup_view> done);
  void find(plan_query query, callback<plan_overview> done);
  void find(document_of_purchase query, callback<purchase_document> done);
  void find(fraud_rules_query query, callback<fraud_rules_view> done);
  void list(list_fraud_flags query, callback<fraud_page> done);

private:
  gateway& all_;
};

} // namespace tessera::http
