// Takes the place of http/gateway_payments.cpp, as silent_gateway.cpp does of http/gateway.cpp.
#include "http/payments_gateway.hpp"
#include "tests/fuzz/examined.hpp"
#include "tests/fuzz/route_world.hpp"

namespace tessera::http {

namespace {

template <class Command, class Answer> void hear(const Command& command, const callback<Answer>& done) {
  fuzz::examine(command);
  fuzz::behind().heard += fuzz::mark_of(command);
  done(fuzz::behind().answer);
}

/// Of a change the command inside.
template <class Command, class Made>
void hear_change(const repeatable<Command, Made>& call, const callback<kept_answer>& done) {
  fuzz::examine(call.command);
  hear(call, done);
}

} // namespace

void payments_gateway::change(repeatable<detach_method, method_removed> call, callback<kept_answer> done) {
  hear_change(call, done);
}
void payments_gateway::change(repeatable<set_auto_topup, auto_topup_view> call, callback<kept_answer> done) {
  hear_change(call, done);
}
void payments_gateway::change(
    repeatable<set_fraud_rules, fraud_rules_view> call, callback<kept_answer> done
) {
  hear_change(call, done);
}
void payments_gateway::change(repeatable<decide_fraud_flag, fraud_flag> call, callback<kept_answer> done) {
  hear_change(call, done);
}
void payments_gateway::find(auto_topup_query query, callback<auto_topup_view> done) {
  hear(query, done);
}
void payments_gateway::find(fraud_rules_query query, callback<fraud_rules_view> done) {
  hear(query, done);
}
void payments_gateway::find(plan_query query, callback<plan_overview> done) {
  hear(query, done);
}
void payments_gateway::find(document_of_purchase query, callback<purchase_document> done) {
  hear(query, done);
}
void payments_gateway::list(list_fraud_flags query, callback<fraud_page> done) {
  hear(query, done);
}

} // namespace tessera::http
