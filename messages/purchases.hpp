#pragma once

#include "messages/accounts.hpp"
#include "messages/types/entity.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What is sold, and buying it.
namespace tessera {

/// A number of credits for a price. Discount and features are for people; the price is what is paid.
struct credit_package {
  std::string id;
  std::string name;
  credits amount;
  std::int64_t price_minor = 0;
  std::string currency; // ISO 4217
  int validity_days = 0;
  std::string discount; // percent, decimal text
  std::vector<std::string> features;
  std::string stripe_price_id;
  bool active = true;
};

/// Answered by result<package_list>.
struct list_packages {
  tenant_id tenant;
};
struct package_list {
  std::vector<credit_package> packages;
};

/// Buys a package for an account with the `test` method: settles at once. The purchase and the inbox row that
/// brings the credits are durable together; the account must then be told to absorb. Answered by
/// result<purchase_accepted>. Rejections: package_unknown, package_inactive, idempotency_key_reused.
struct purchase_credits {
  tenant_id tenant;
  account_id account;
  std::string package_id;
  std::string payment_method;
  std::string billing_address; // JSON text, empty when absent
  std::optional<idempotency_key> idempotency;
  principal requested_by;
  std::string request_id;
};
struct purchase_accepted {
  std::string purchase_id;
  bool replayed = false;
};

/// What a purchase came to, read from the ledger: the same answer for ever. Answered by
/// result<purchase_receipt>.
struct purchase_query {
  tenant_id tenant;
  std::string purchase_id;
};
struct purchase_receipt {
  std::string purchase_id;
  std::string status; // completed, pending, failed
  credits added;      // 0 until it is completed
  credits available;  // the account's, right after
  std::string expiry_date;
  std::optional<time_point> expires_at;
  std::string refused_code; // why the account could not take it
  bool replayed = false;
};

} // namespace tessera
