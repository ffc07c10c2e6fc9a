// Takes the place of http/gateway.cpp in the executables of the fuzz targets: there are no actors and no
// database. What is asked for is examined and noted, and every answer is the one that `behind` says.
#include "http/gateway.hpp"
#include "tests/fuzz/examined.hpp"
#include "tests/fuzz/route_world.hpp"

namespace tessera::fuzz {

behind_gateway& behind() {
  static behind_gateway one;
  return one;
}

namespace {

template <class Command, class Answer> void hear(const Command& command, const http::callback<Answer>& done) {
  examine(command);
  behind().heard += mark_of(command);
  done(behind().answer);
}

/// Of a change the command inside.
template <class Command, class Made>
void hear_change(const repeatable<Command, Made>& call, const http::callback<kept_answer>& done) {
  examine(call.command);
  hear(call, done);
}

} // namespace

} // namespace tessera::fuzz

namespace tessera::http {

using fuzz::hear;
using fuzz::hear_change;

class gateway::implementation {};

gateway::gateway(neighbours, std::chrono::milliseconds)
    : implementation_(std::make_unique<implementation>()) {}
gateway::~gateway() = default;
void gateway::attach(io_loop&) {}

void gateway::consume(std::vector<consume_credits> spends, batch_callback done) {
  fuzz::examine(spends);
  for (const auto& spend : spends)
    fuzz::behind().heard += fuzz::mark_of(spend);
  done(std::vector<result<consume_receipt>>(spends.size(), result<consume_receipt>(fuzz::behind().answer)));
}
void gateway::allocate(allocate_credits command, tenant_id, callback<allocation_outcome> done) {
  hear(command, done);
}
void gateway::mark(mark_paid command, callback<purchase_receipt> done) {
  hear(command, done);
}
void gateway::refund(refund_purchase command, callback<refund_view> done) {
  hear(command, done);
}
void gateway::receive(provider_event event, callback<event_kept> done) {
  hear(event, done);
}
void gateway::attach(attach_method command, callback<saved_method> done) {
  hear(command, done);
}
void gateway::find(method_query query, callback<saved_method> done) {
  hear(query, done);
}
void gateway::list(list_methods query, callback<method_list> done) {
  hear(query, done);
}
void gateway::hold(hold_credits command, tenant_id, callback<hold_view> done) {
  hear(command, done);
}
void gateway::capture(capture_hold command, tenant_id, callback<hold_view> done) {
  hear(command, done);
}
void gateway::release(release_hold command, tenant_id, callback<hold_view> done) {
  hear(command, done);
}
void gateway::grant(grant_credits command, callback<grant_receipt> done) {
  hear(command, done);
}
void gateway::reverse(reverse_spend command, reversible_query which, callback<reversal_receipt> done) {
  fuzz::examine(which);
  hear(command, done);
}
void gateway::simulate(simulated_command command, tenant_id, callback<simulation> done) {
  std::visit([](const auto& each) { fuzz::examine(each); }, command);
  done(fuzz::behind().answer);
}
void gateway::simulate(reverse_spend command, reversible_query which, callback<simulation> done) {
  fuzz::examine(which);
  hear(command, done);
}
void gateway::find(validity_query query, callback<validity> done) {
  hear(query, done);
}
void gateway::freeze(change_freeze command, callback<freeze_receipt> done) {
  hear(command, done);
}
void gateway::remove(
    repeatable<delete_entity, entity_deleted> call, const way_up&, callback<kept_answer> done
) {
  hear_change(call, done);
}
void gateway::compare(std::string, std::string, callback<password_verdict> done) {
  done(password_verdict{true, {}});
}
void gateway::hash(std::string, callback<std::string> done) {
  done(std::string("$argon2id$"));
}
void gateway::find(find_candidate query, callback<sign_in_candidate> done) {
  hear(query, callback<sign_in_candidate>([](const auto&) {}));
  done(sign_in_candidate{tenant_id{{{9}}}, "usr-1", "$argon2id$"});
}
void gateway::note(api_key_used) {}
const directory_view& gateway::tenants() const {
  return *fuzz::behind().tenants;
}
void gateway::refresh_directory(directory_question, std::function<void(bool)> done) {
  done(true);
}

void gateway::consume(consume_credits command, callback<consume_receipt> done) {
  hear(command, done);
}
void gateway::consume(consume_atomically batch, callback<atomic_receipt> done) {
  hear(batch, done);
}
void gateway::balance(balance_query query, callback<balance_view> done) {
  hear(query, done);
}
void gateway::balance(past_balance_query query, callback<balance_view> done) {
  hear(query, done);
}
void gateway::rollup(rollup_query query, callback<balance_rollup> done) {
  hear(query, done);
}
void gateway::purchase(purchase_credits command, callback<purchase_receipt> done) {
  hear(command, done);
}
void gateway::find(hold_query query, callback<hold_view> done) {
  hear(query, done);
}
void gateway::list(list_holds query, callback<hold_page> done) {
  hear(query, done);
}
void gateway::find(allocation_query query, callback<allocation> done) {
  hear(query, done);
}
void gateway::list(list_allocations query, callback<allocation_page> done) {
  hear(query, done);
}
void gateway::list(list_packages query, callback<package_list> done) {
  hear(query, done);
}
void gateway::list(list_purchases query, callback<purchase_page> done) {
  hear(query, done);
}
void gateway::list(list_transactions query, callback<transaction_page> done) {
  hear(query, done);
}
void gateway::add_up(usage_query query, callback<usage_report> done) {
  hear(query, done);
}
void gateway::find(package_query query, callback<credit_package> done) {
  hear(query, done);
}
void gateway::find(find_purchase query, callback<purchase_view> done) {
  hear(query, done);
}
void gateway::change(repeatable<create_entity, entity_created> call, callback<kept_answer> done) {
  hear_change(call, done);
}
void gateway::change(repeatable<create_application, application_created> call, callback<kept_answer> done) {
  hear_change(call, done);
}
void gateway::change(repeatable<create_package, credit_package> call, callback<kept_answer> done) {
  hear_change(call, done);
}
void gateway::change(repeatable<edit_package, credit_package> call, callback<kept_answer> done) {
  hear_change(call, done);
}
void gateway::open(open_session command, callback<session_opened> done) {
  hear(command, done);
}
void gateway::renew(renew_session command, callback<session_opened> done) {
  hear(command, done);
}
void gateway::end(end_session command, callback<session_ended> done) {
  hear(command, done);
}
void gateway::link(link_identity command, callback<identity_linked> done) {
  hear(command, done);
}
void gateway::find(profile_query query, callback<user_profile> done) {
  hear(query, done);
}
void gateway::change(repeatable<edit_entity, entity_view> call, callback<kept_answer> done) {
  hear_change(call, done);
}
void gateway::change(repeatable<delete_entity, entity_deleted> call, callback<kept_answer> done) {
  hear_change(call, done);
}
void gateway::change(repeatable<edit_application, application_view> call, callback<kept_answer> done) {
  hear_change(call, done);
}
void gateway::change(repeatable<delete_application, application_deleted> call, callback<kept_answer> done) {
  hear_change(call, done);
}
void gateway::change(repeatable<upsert_directory, directory_upserted> call, callback<kept_answer> done) {
  hear_change(call, done);
}
void gateway::change(repeatable<create_api_key, api_key_created> call, callback<kept_answer> done) {
  hear_change(call, done);
}
void gateway::change(repeatable<edit_api_key, api_key_view> call, callback<kept_answer> done) {
  hear_change(call, done);
}
void gateway::change(repeatable<revoke_api_key, api_key_revoked> call, callback<kept_answer> done) {
  hear_change(call, done);
}
void gateway::change(repeatable<edit_user, user_view> call, callback<kept_answer> done) {
  hear_change(call, done);
}
void gateway::change(repeatable<remove_user, user_removed> call, callback<kept_answer> done) {
  hear_change(call, done);
}
void gateway::change(repeatable<create_tenant, tenant_created> call, callback<kept_answer> done) {
  hear_change(call, done);
}
void gateway::change(repeatable<edit_tenant, tenant_view> call, callback<kept_answer> done) {
  hear_change(call, done);
}
void gateway::find(entity_query query, callback<entity_view> done) {
  hear(query, done);
}
void gateway::find(application_query query, callback<application_view> done) {
  hear(query, done);
}
void gateway::find(api_key_query query, callback<api_key_view> done) {
  hear(query, done);
}
void gateway::find(user_query query, callback<user_view> done) {
  hear(query, done);
}
void gateway::find(tenant_query query, callback<tenant_view> done) {
  hear(query, done);
}
void gateway::find(kept_answer_query query, callback<kept_answer> done) {
  hear(query, done);
}
void gateway::list(list_entities query, callback<entity_page> done) {
  hear(query, done);
}
void gateway::list(list_applications query, callback<application_page> done) {
  hear(query, done);
}
void gateway::list(read_directory query, callback<directory_page> done) {
  hear(query, done);
}
void gateway::list(list_api_keys query, callback<api_key_page> done) {
  hear(query, done);
}
void gateway::list(list_users query, callback<user_page> done) {
  hear(query, done);
}
void gateway::list(list_tenants query, callback<tenant_page> done) {
  hear(query, done);
}

} // namespace tessera::http
