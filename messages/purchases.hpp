#pragma once

#include "messages/accounts.hpp"
#include "messages/idempotency.hpp"
#include "messages/tree_part.hpp"
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
  std::int64_t version = 1; // rises with every edit

  friend bool operator==(const credit_package&, const credit_package&) = default;
};

/// Answered by result<package_list>.
enum class package_filter : std::uint8_t { on_sale, ended, all };
struct list_packages {
  tenant_id tenant;
  package_filter which = package_filter::on_sale;
};
struct package_list {
  std::vector<credit_package> packages;
};

/// Answered by result<credit_package>. Rejections: package_unknown.
struct package_query {
  tenant_id tenant;
  std::string package_id;
};

/// What an operator says about a package; what is absent stays as it is. A price may be named in major units,
/// in minor units, or in both when they agree.
struct package_terms {
  std::optional<std::string> name;
  std::optional<credits> amount;
  std::string price; // major units, decimal text as it was sent; empty: absent
  std::optional<std::int64_t> price_minor;
  std::optional<std::string> currency; // ISO 4217, one that we know
  std::optional<int> validity_days;
  std::optional<std::string> discount; // percent, decimal text
  std::optional<std::vector<std::string>> features;
  std::optional<std::string> stripe_price_id; // empty: none
  std::optional<bool> active;
};

/// Puts a package on sale. Makes a credit_package. Rejections: invalid_price, id_taken.
struct create_package {
  tenant_id tenant;
  std::string package_id;
  package_terms terms;
};

/// Edits a package, or takes it from sale. What was bought before keeps its terms. Makes a credit_package.
/// Rejections: package_unknown, precondition_failed, invalid_price.
struct edit_package {
  tenant_id tenant;
  std::string package_id;
  package_terms terms;
  std::optional<std::vector<std::int64_t>> only_versions; // nothing: whatever version it has
};

/// Buys a package for an account. With the `test` method it is settled at once: the purchase and the inbox
/// row that brings the credits are durable together, and the account must then be told to absorb. Otherwise
/// it waits to be paid (messages/payments.hpp). Answered by result<purchase_accepted>. Rejections:
/// package_unknown, idempotency_key_reused.
struct purchase_credits {
  tenant_id tenant;
  account_id account;
  std::string package_id;
  std::string payment_method;
  std::string billing_address; // JSON text, empty when absent
  std::optional<idempotency_key> idempotency;
  principal requested_by;
  std::string request_id;
  std::string network = {}; // of the caller, for the rules against fraud
};
/// Or not bought: `refused` says why. That answer too is kept under the key.
struct purchase_accepted {
  std::string purchase_id;
  bool replayed = false;
  errc refused = errc::ok; // package_inactive, purchase_limit_reached
  std::string payment_method = {};
};

/// What a purchase came to, read from the ledger: the same answer for ever. Answered by
/// result<purchase_receipt>.
struct purchase_query {
  tenant_id tenant;
  std::string purchase_id;
};
struct purchase_receipt {
  std::string purchase_id;
  std::string status; // as of the purchase
  credits added;      // 0 until it is completed
  credits available;  // the account's, right after; of one that is not completed: now
  std::string expiry_date;
  std::optional<time_point> expires_at;
  std::string refused_code; // why there is no purchase, or why the account could not take it
  bool replayed = false;
  std::string checkout_url = {};    // where the payer goes on, while it is pending
  std::string client_secret = {};   // or with what
  std::string failure_code = {};    // why it was not paid, the provider's word
  std::string failure_message = {}; // the same for people
  bool provider_is_away = false;    // it goes on when the provider answers again
};

/// Where the units of one purchase are now, over the whole tree. Once it is completed, all of them together
/// with those in transit are the credits that were bought (R-C 3.1).
struct purchase_units {
  /// Units that were allocated onward and that another entity has, free or held.
  struct holding {
    entity_ref entity;
    credits units;
  };
  credits free; // the buyer's own
  credits held; // likewise
  credits used;
  credits expired;
  credits refunded;
  credits clawed;
  credits debt_repaid; // of whoever had them
  credits in_transit;  // left one entity and not yet arrived at another
  std::vector<holding> allocated;
};

/// A purchase as callers see it. Price and terms are those of the package when it was bought.
struct purchase_view {
  std::string purchase_id;
  std::string status;
  std::string package_id;
  std::string package_name;
  credits amount;
  std::int64_t amount_minor = 0;
  std::string currency;
  std::string payment_method;
  entity_ref entity;
  std::string entity_name;
  std::string tenant_name;
  std::string seller_name;  // of the tenant's branding; empty: none
  std::string seller_color; // likewise, #rrggbb
  std::string origin;       // what made it: auto_topup, plan; empty: somebody who was there
  std::string expiry_date;
  std::optional<time_point> expires_at;
  std::string billing_address; // JSON text; empty: none
  std::string refused_code;    // of a failed one; so are these
  std::string failure_code;    // of the last attempt to pay, the provider's word
  std::string failure_message; // the same for people
  std::string checkout_url;    // where it can be paid, while it is pending
  std::int64_t refunded_minor = 0;
  time_point created_at;
  std::optional<time_point> completed_at;
  purchase_units units;
};

/// One purchase, if its buyer is within these parts; nothing: any of the tenant. Answered by
/// result<purchase_view>. Rejections: purchase_unknown.
struct find_purchase {
  tenant_id tenant;
  std::string purchase_id;
  std::optional<tree_parts> within;
};

/// A place in the list: after this purchase.
struct purchase_position {
  time_point created_at;
  std::string purchase_id;
};

/// Purchases, newest first. Answered by result<purchase_page>.
struct list_purchases {
  tenant_id tenant;
  std::optional<tree_parts> buyers; // nothing: the whole tenant
  std::optional<std::string> status;
  std::optional<time_point> from; // of creation, inclusive
  std::optional<time_point> to;   // exclusive
  std::optional<purchase_position> after;
  int limit = 50;
};
struct purchase_page {
  std::vector<purchase_view> purchases;
  bool more = false;
};

} // namespace tessera
