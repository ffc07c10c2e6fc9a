#include "tools/paysim/payments/decision.hpp"

#include <algorithm>

namespace tessera::paysim {

namespace {

bool is_one_of(std::string_view status, std::initializer_list<std::string_view> of) {
  return std::ranges::find(of, status) != of.end();
}

bool needs_payer(const test_method& method, const attempt_terms& terms, bool is_setup) {
  if (terms.is_authenticated) return false;
  if (method.asks == authentication::always) return true;
  return method.asks == authentication::until_set_up && (is_setup || !terms.was_set_up);
}

} // namespace

verdict decide(const test_method& method, const attempt_terms& terms, bool is_setup) {
  if (needs_payer(method, terms, is_setup))
    return terms.is_off_session || !terms.may_ask ? verdict::fails_for_want_of_payer : verdict::asks_payer;
  if (is_setup) return method.attaches ? verdict::succeeds : verdict::fails;
  if (method.is_delayed) return verdict::outcome_comes_later;
  return method.code.empty() ? verdict::succeeds : verdict::fails;
}

bool may_confirm(std::string_view status) {
  return is_one_of(status, {"requires_payment_method", "requires_confirmation", "requires_action"});
}

bool may_capture(std::string_view status) {
  return status == "requires_capture";
}

bool may_cancel(std::string_view status) {
  return may_confirm(status) || may_capture(status);
}

bool may_update(std::string_view status) {
  return may_confirm(status);
}

} // namespace tessera::paysim
