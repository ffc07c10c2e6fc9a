#pragma once

#include "actors/providers/outgoing.hpp"
#include "messages/payments.hpp"

#include <string>
#include <string_view>

/// What we ask of Stripe. Pure: requests are made here and sent elsewhere. Every one that changes something
/// has a key of ours, so that it may be sent again and happens once.
namespace tessera {

struct stripe_options {
  std::string api_base; // without a slash at the end
  std::string secret_key;
  std::string return_base; // of the pages to which a payer comes back; likewise, kept with the purchase
  /// Keys of test accounts begin with `sk_test_`; those of live ones say so.
  bool is_live() const { return secret_key.starts_with("sk_live_") || secret_key.starts_with("rk_live_"); }
};

/// The version whose shapes we read and write.
inline constexpr std::string_view stripe_version = "2026-10-28.endive";

class stripe_requests {
public:
  explicit stripe_requests(stripe_options options) : options_(std::move(options)) {}

  /// Charges the method at once, without anybody there. `amount`: as the provider wants it.
  outgoing_request charge(
      const payment_record& purchase, const std::string& tenant, const saved_method& with, std::int64_t amount
  ) const;
  /// A page on which it can be paid for a day. `customer` may be empty.
  outgoing_request checkout(
      const payment_record& purchase,
      const std::string& tenant,
      const std::string& customer,
      const std::string& return_base,
      std::int64_t amount
  ) const;
  /// Ends an attempt that a page takes the place of: nobody can pay it any more.
  outgoing_request cancel(const payment_record& purchase, const std::string& payment_id) const;
  outgoing_request read_payment(const std::string& payment_id) const;
  /// Payments of the customer that were begun since then (seconds since 1970), the newest first; of those
  /// before `before`, where a page ended.
  outgoing_request
  payments_of(const std::string& customer, std::int64_t since, const std::string& before) const;
  outgoing_request read_session(const std::string& session_id) const;
  /// Nobody can pay on the page any more. Refused where somebody has.
  outgoing_request expire(const std::string& session_id) const;

  outgoing_request
  new_customer(const std::string& tenant, const account_id& account, const entity_ref& entity) const;
  outgoing_request
  attach(const std::string& method_id, const std::string& customer, const std::string& key) const;
  outgoing_request detach(const std::string& method_id) const;

  /// Part of what was paid, or all of it, back to where it came from.
  outgoing_request refund(
      const payment_record& purchase,
      const std::string& tenant,
      const std::string& refund_id,
      std::int64_t amount
  ) const;
  /// All refunds of a payment, the newest first.
  outgoing_request refunds_of(const std::string& payment_id) const;
  /// The newest events first, before that one when it names one.
  outgoing_request events(std::int64_t since, const std::string& before) const;

private:
  outgoing_request get(const std::string& path) const;
  outgoing_request post(const std::string& path, std::string body, std::string_view key) const;

  stripe_options options_;
};

} // namespace tessera
