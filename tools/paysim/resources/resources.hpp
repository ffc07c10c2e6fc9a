#pragma once

#include "tools/paysim/api/endpoint.hpp"

namespace tessera::paysim {

endpoint_table customer_endpoints();
endpoint_table payment_method_endpoints();
endpoint_table payment_intent_endpoints();
endpoint_table setup_intent_endpoints();
endpoint_table charge_endpoints();
endpoint_table refund_endpoints();
endpoint_table dispute_endpoints();
endpoint_table product_endpoints();
endpoint_table checkout_endpoints();
endpoint_table invoice_endpoints();
endpoint_table event_endpoints();
endpoint_table webhook_endpoint_endpoints();

endpoint_table all_endpoints();

/// A GET of one object by the id in the path; `param` is what an unknown id is called.
endpoint retrieving(std::string_view kind, std::string_view param = "id");

} // namespace tessera::paysim
