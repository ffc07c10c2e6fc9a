#pragma once

#include "messages/entries.hpp"
#include "messages/idempotency.hpp"
#include "messages/types/credits.hpp"
#include "messages/types/entity.hpp"
#include "messages/types/ids.hpp"
#include "messages/types/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// Paying for credits through a provider, and what becomes of the money afterwards.
namespace tessera {

/// What a provider says about the payment of a purchase: in an answer, an event, or when it is asked again.
/// Fields that it did not say are empty.
struct payment_news {
  enum class kind : std::uint8_t {
    nothing,   // nothing that changes a purchase
    waiting,   // for the payer, or for a method that takes its time
    succeeded, // the money is there
    failed,    // this attempt
    canceled,  // the payment
    expired,   // the page on which it could be paid
    refunded,  // `refunded_minor` of its charge so far
    refund,    // one refund as it is now
    dispute,   // one dispute as it is now
  };
  kind what = kind::nothing;
  std::string purchase_id; // as the provider was told
  std::string tenant;      // likewise
  std::string payment_id;
  std::string session_id;
  std::string charge_id;
  std::int64_t amount_minor = 0; // ours: see `provider_amount`
  std::string currency;          // upper case
  bool live = false;

  std::string checkout_url;
  std::string client_secret;
  std::string failure_code;
  std::string failure_message; // for people

  std::int64_t refunded_minor = 0;
  std::string object_id;  // of a refund or a dispute
  std::string refund_id;  // ours, of a refund that we asked for
  std::string state;      // of a refund or a dispute, the provider's word
  std::string event_kind; // funds_withdrawn, funds_reinstated and the like; empty: none
};

/// How far a purchase that is paid with money has come.
struct payment_record {
  std::string purchase_id;
  tenant_id tenant;
  account_id account;
  std::string method; // stripe, invoice, test
  std::string origin; // what made it: auto_topup, plan; empty: somebody who is there
  std::string status;
  bool settled = false;     // an inbox row brings the credits
  bool absorbed = false;    // they are there
  std::string refused_code; // the account refused them
  credits bought;
  std::int64_t amount_minor = 0;
  std::string currency;
  std::string package_name;
  std::string stripe_price_id;
  int validity_days = 0;

  std::string payment_id;
  std::string session_id;
  std::string charge_id;
  std::string checkout_url;
  std::string client_secret;
  std::string failure_code;
  std::string failure_message;
  std::int64_t paid_minor = 0;        // by `payment_id`, where that is not `amount_minor`; 0: it is
  std::int64_t refund_seen_minor = 0; // the most that its charge ever had refunded
  time_point created_at;
  int checks = 0; // how often the provider was asked what became of it
};

/// What became of paying for a purchase. Answered by result<payment_state>.
struct pay_purchase {
  tenant_id tenant;
  std::string purchase_id;
};
struct payment_state {
  account_id account;
  std::string status;       // of the purchase
  bool settled = false;     // the credits are on their way
  bool unavailable = false; // the provider did not answer: it is asked again later
};

/// A way to pay that is kept with the provider for an entity.
struct saved_method {
  std::string method_id; // the provider's
  std::string customer_id;
  entity_ref entity;
  std::string kind; // card
  std::string brand;
  std::string last4;
  int exp_month = 0;
  int exp_year = 0;
  bool is_default = false;
  time_point created_at;
};

/// Keeps a method with the provider for an entity. Answered by result<saved_method>.
struct attach_method {
  tenant_id tenant;
  account_id account;
  entity_ref entity;
  std::string method_id;
  bool make_default = true;
  std::optional<idempotency_key> idempotency;
};

/// Those of the entity. Answered by result<method_list>.
struct list_methods {
  tenant_id tenant;
  account_id account;
};
struct method_list {
  std::vector<saved_method> methods;
};

/// Whose it is. Answered by result<saved_method>. Rejections: payment_method_unknown.
struct method_query {
  tenant_id tenant;
  std::string method_id;
};

/// Lets go of it. Makes a method_removed. Rejections: payment_method_unknown.
struct detach_method {
  tenant_id tenant;
  std::string method_id;
};
struct method_removed {
  std::string method_id;
};

/// Something that a provider tells, signed; kept before anything else happens. Answered by
/// result<event_kept>.
struct provider_event {
  std::string event_id;
  std::string type;
  std::string payload; // JSON, as it was signed
  bool live = false;
};
struct event_kept {
  bool fresh = false; // false: it was here before
};

/// The operator says that an invoice was paid. Answered by result<payment_marked>. Rejections:
/// purchase_unknown, purchase_not_payable, idempotency_key_reused.
struct mark_paid {
  tenant_id tenant;
  std::string purchase_id;
  std::string reference; // of the payment, for people
  principal requested_by;
  std::optional<idempotency_key> idempotency;
};
struct payment_marked {
  account_id account;
  bool replayed = false;
};

/// Gives money and credits back. Answered by result<refund_view>. Rejections: purchase_unknown,
/// purchase_not_refundable, insufficient_credits, amount_out_of_range, idempotency_key_reused.
struct refund_purchase {
  tenant_id tenant;
  std::string purchase_id;
  std::optional<credits> units; // nothing: all that can be refunded
  bool recall = false;          // also units that were allocated onward
  std::string reason;
  std::optional<idempotency_key> idempotency;
  principal requested_by;
  std::string request_id;
};
/// Answered by result<refund_view>.
struct refund_query {
  tenant_id tenant;
  std::string refund_id;
};
struct refund_view {
  std::string refund_id;
  std::string purchase_id;
  std::string status; // pending, succeeded, failed
  credits units;
  std::int64_t amount_minor = 0;
  std::string currency;
  std::string reason;
  std::string failure_code;
  std::string failure_message;
  credits available;  // the buyer's, now
  account_id account; // the buyer's
  time_point created_at;
  bool replayed = false;
};

} // namespace tessera
