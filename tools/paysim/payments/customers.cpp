#include "tools/paysim/payments/customers.hpp"

namespace tessera::paysim {

document new_customer(sandbox& account) {
  return {
      {"id", account.make_id("cus").substr(0, 18)},
      {"object", "customer"},
      {"address", nullptr},
      {"balance", 0},
      {"created", account.now()},
      {"currency", nullptr},
      {"customer_account", nullptr},
      {"default_source", nullptr},
      {"delinquent", false},
      {"description", nullptr},
      {"discount", nullptr},
      {"email", nullptr},
      {"invoice_prefix", account.luck.letters(8)},
      {"invoice_settings",
       {{"custom_fields", nullptr},
        {"default_payment_method", nullptr},
        {"footer", nullptr},
        {"rendering_options", nullptr}}},
      {"livemode", false},
      {"metadata", document{}},
      {"name", nullptr},
      {"next_invoice_sequence", 1},
      {"phone", nullptr},
      {"preferred_locales", json::array{}},
      {"shipping", nullptr},
      {"tax_exempt", "none"},
      {"test_clock", nullptr},
  };
}

} // namespace tessera::paysim
