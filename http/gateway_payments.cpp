// Ways to pay, what is bought by itself, rules against fraud.
#include "http/gateway_implementation.hpp"
#include "http/payments_gateway.hpp"

#include <utility>

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::auto_topup_view>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::fraud_page>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::fraud_rules_view>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::plan_overview>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::purchase_document>)

namespace tessera::http {

void payments_gateway::change(repeatable<detach_method, method_removed> call, callback<kept_answer> done) {
  auto& with = *all_.implementation_;
  with.ask_desk<kept_answer>(std::move(call), with.limit(), errc::outcome_unknown, std::move(done));
}
void payments_gateway::change(repeatable<set_auto_topup, auto_topup_view> call, callback<kept_answer> done) {
  auto& with = *all_.implementation_;
  with.ask_desk<kept_answer>(std::move(call), with.limit(), errc::outcome_unknown, std::move(done));
}
void payments_gateway::change(
    repeatable<set_fraud_rules, fraud_rules_view> call, callback<kept_answer> done
) {
  auto& with = *all_.implementation_;
  with.ask_desk<kept_answer>(std::move(call), with.limit(), errc::outcome_unknown, std::move(done));
}
void payments_gateway::change(repeatable<decide_fraud_flag, fraud_flag> call, callback<kept_answer> done) {
  auto& with = *all_.implementation_;
  with.ask_desk<kept_answer>(std::move(call), with.limit(), errc::outcome_unknown, std::move(done));
}
void payments_gateway::find(document_of_purchase query, callback<purchase_document> done) {
  auto& with = *all_.implementation_;
  with.ask_desk<purchase_document>(
      std::move(query), with.limit(), errc::database_unavailable, std::move(done)
  );
}
void payments_gateway::find(plan_query query, callback<plan_overview> done) {
  auto& with = *all_.implementation_;
  with.ask_desk<plan_overview>(query, with.limit(), errc::database_unavailable, std::move(done));
}
void payments_gateway::find(fraud_rules_query query, callback<fraud_rules_view> done) {
  auto& with = *all_.implementation_;
  with.ask_desk<fraud_rules_view>(query, with.limit(), errc::database_unavailable, std::move(done));
}
void payments_gateway::list(list_fraud_flags query, callback<fraud_page> done) {
  auto& with = *all_.implementation_;
  with.ask_desk<fraud_page>(std::move(query), with.limit(), errc::database_unavailable, std::move(done));
}
void payments_gateway::find(auto_topup_query query, callback<auto_topup_view> done) {
  auto& with = *all_.implementation_;
  with.ask_desk<auto_topup_view>(std::move(query), with.limit(), errc::database_unavailable, std::move(done));
}

} // namespace tessera::http
