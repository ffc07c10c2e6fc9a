#include "tools/paysim/api/lists.hpp"
#include "tools/paysim/resources/resources.hpp"

namespace tessera::paysim {

namespace {

json::value list(const call& of) {
  const auto customer = of.params.text("customer");
  const auto intent = of.params.text("payment_intent");
  return answer_list(of, "charge", [&](const document& each) {
    return (!customer || text_of(each, "customer") == *customer) &&
           (!intent || text_of(each, "payment_intent") == *intent);
  });
}

json::value update(const call& of) {
  auto& charge = of.account.get("charge", of.ids.front(), "charge", 404);
  auto changed = charge;
  of.params.copy_texts(changed, {"description", "receipt_email"});
  of.params.merge_metadata(changed);
  of.params.done();
  charge = std::move(changed);
  of.account.emit("charge.updated", charge);
  return charge;
}

} // namespace

endpoint_table charge_endpoints() {
  return {
      {"GET", "/v1/charges", list},
      {"GET", "/v1/charges/:id", retrieving("charge", "charge")},
      {"POST", "/v1/charges/:id", update},
      {"GET", "/v1/balance_transactions/:id", retrieving("balance_transaction")},
  };
}

} // namespace tessera::paysim
