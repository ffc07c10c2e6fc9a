#include "tools/paysim/payments/refunds.hpp"

#include "tools/paysim/api/api_error.hpp"
#include "tools/paysim/payments/amounts.hpp"
#include "tools/paysim/payments/test_methods.hpp"

namespace tessera::paysim {

namespace {

std::int64_t unrefunded(const document& charge) {
  return number_of(charge, "amount_captured") - number_of(charge, "amount_refunded");
}

void check(sandbox& account, const document& charge, std::int64_t amount) {
  const std::string id{text_of(charge, "id")};
  if (text_of(charge, "status") != "succeeded" || !is_set(charge, "captured"))
    throw state_error("charge_not_refundable", "Charge " + id + " was not paid: there is nothing to refund.");
  if (unrefunded(charge) == 0)
    throw state_error("charge_already_refunded", "Charge " + id + " has already been refunded.");
  if (is_set(charge, "disputed"))
    for (const auto& dispute : account.documents.all("dispute"))
      if (text_of(*dispute, "charge") == id && !is_set(*dispute, "is_charge_refundable") &&
          text_of(*dispute, "status") != "won")
        throw state_error(
            "charge_disputed", "Charge " + id + " has been charged back; cannot issue a refund."
        );
  if (amount <= unrefunded(charge)) return;
  const auto currency = text_of(charge, "currency");
  throw state_error(
      "",
      "Refund amount (" + amount_text(amount, currency) + ") is greater than unrefunded amount on charge (" +
          amount_text(unrefunded(charge), currency) + ")",
      "amount"
  );
}

void count(document& charge, std::int64_t change) {
  charge["amount_refunded"] = number_of(charge, "amount_refunded") + change;
  charge["refunded"] = unrefunded(charge) == 0;
}

void tell_of_change(sandbox& account, const document& refund, const document& before) {
  account.emit("refund.updated", refund, before);
  account.emit("charge.refund.updated", refund, before);
}

void settle(sandbox& account, document& refund, refund_outcome outcome) {
  if (outcome == refund_outcome::succeeds_later && text_of(refund, "status") == "pending") {
    refund["status"] = "succeeded";
    tell_of_change(account, refund, {{"status", "pending"}});
  }
  if (outcome == refund_outcome::fails_later && text_of(refund, "status") == "succeeded")
    fail_refund(account, refund, "expired_or_canceled_card");
}

} // namespace

document& make_refund(
    sandbox& account, document& charge, std::int64_t amount, std::string_view reason, document metadata
) {
  check(account, charge, amount);
  const auto outcome = find_test_method(text_of(charge, "_behaves"))->refunds;
  const auto before = charge.at("amount_refunded");
  auto& refund = account.documents.add({
      {"id", account.make_id("re")},
      {"object", "refund"},
      {"amount", amount},
      {"balance_transaction", nullptr},
      {"charge", charge.at("id")},
      {"created", account.now()},
      {"currency", charge.at("currency")},
      {"customer", charge.at("customer")},
      {"customer_account", nullptr},
      {"destination_details",
       {{"card", {{"reference_status", "pending"}, {"type", "refund"}}}, {"type", "card"}}},
      {"metadata", std::move(metadata)},
      {"payment_intent", charge.at("payment_intent")},
      {"payment_method", charge.at("payment_method")},
      {"reason", text_or_null(reason)},
      {"receipt_number", nullptr},
      {"source_transfer_reversal", nullptr},
      {"status", outcome == refund_outcome::succeeds_later ? "pending" : "succeeded"},
      {"transfer_reversal", nullptr},
  });
  if (outcome == refund_outcome::succeeds_later) refund["pending_reason"] = "processing";
  count(charge, amount);
  account.emit("refund.created", refund);
  account.emit("charge.refunded", charge, {{"amount_refunded", before}});
  await_outcome_of_refund(account, refund);
  return refund;
}

void await_outcome_of_refund(sandbox& account, const document& refund) {
  const auto& charge = account.get("charge", text_of(refund, "charge"), "charge");
  const auto outcome = find_test_method(text_of(charge, "_behaves"))->refunds;
  if (outcome == refund_outcome::succeeds) return;
  const std::string id{text_of(refund, "id")};
  account.clock.after(account.options.settle_after_ms, [&account, outcome, id] {
    if (auto* late = account.documents.find("refund", id)) settle(account, *late, outcome);
  });
}

void fail_refund(sandbox& account, document& refund, std::string_view reason) {
  const auto status = std::string{text_of(refund, "status")};
  if (status != "succeeded" && status != "pending")
    throw state_error("", "The refund has the status " + status + " and can't fail.");
  auto& charge = account.get("charge", text_of(refund, "charge"), "charge");
  refund["status"] = "failed";
  refund["failure_reason"] = reason;
  count(charge, -number_of(refund, "amount"));
  account.emit("refund.failed", refund, {{"status", status}});
  tell_of_change(account, refund, {{"status", status}});
}

} // namespace tessera::paysim
