#include "tools/paysim/resources/resources.hpp"

#include <algorithm>
#include <iterator>

namespace tessera::paysim {

endpoint_table all_endpoints() {
  endpoint_table all;
  for (auto part :
       {customer_endpoints,
        payment_method_endpoints,
        payment_intent_endpoints,
        setup_intent_endpoints,
        charge_endpoints,
        refund_endpoints,
        dispute_endpoints,
        product_endpoints,
        checkout_endpoints,
        invoice_endpoints,
        event_endpoints,
        webhook_endpoint_endpoints}) {
    auto rows = part();
    std::ranges::move(rows, std::back_inserter(all));
  }
  return all;
}

endpoint retrieving(std::string_view kind, std::string_view param) {
  return [kind, param](const call& of) -> json::value {
    of.params.done();
    return of.account.get(kind, of.ids.front(), std::string{param}, 404);
  };
}

} // namespace tessera::paysim
