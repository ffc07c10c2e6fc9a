#include "http/routes/credits/receipt_lines.hpp"

#include "http/routes/credits/billing_address.hpp"
#include "messages/types/money.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

namespace tessera::http {

namespace {

std::string_view standing_of(const purchase_view& purchase) {
  if (purchase.status == "completed" && purchase.payment_method == "test")
    return "Paid with the test method: no money was moved.";
  if (purchase.status == "pending") return "Not completed yet: the credits have not arrived.";
  if (purchase.status == "review" && purchase.failure_code == "fraud_review")
    return "Under review: nothing was paid yet.";
  if (purchase.status == "review") return "Under review: what was paid is looked at.";
  if (purchase.status == "failed") return "Failed: no credits were given.";
  if (purchase.status == "canceled" || purchase.status == "expired")
    return "Not paid: no credits were given.";
  return {};
}

std::string name_and_id(const std::string& name, const std::string& id) {
  return name.empty() || name == id ? id : name + " (" + id + ")";
}

bool is_color(std::string_view text) {
  return text.size() == 7 && text.front() == '#' &&
         std::all_of(text.begin() + 1, text.end(), [](unsigned char c) { return std::isxdigit(c) != 0; });
}

} // namespace

receipt receipt_of(const purchase_view& purchase) {
  receipt made;
  const bool is_to_be_paid = purchase.payment_method == "invoice" && purchase.status == "pending";
  made.title = is_to_be_paid ? "Invoice" : "Receipt";
  made.seller = purchase.seller_name;
  if (is_color(purchase.seller_color)) made.color = purchase.seller_color;
  made.standing = standing_of(purchase);
  const auto add = [&made](std::string_view name, std::string value, bool total = false) {
    made.lines.push_back({name, {std::move(value)}, total});
  };
  add("Number", purchase.purchase_id);
  add("Date", to_rfc3339(purchase.created_at).substr(0, 10) + " (UTC)");
  add("Status", purchase.status);
  add("Customer", purchase.tenant_name);
  add("For", name_and_id(purchase.entity_name, purchase.entity.id));
  if (auto address = address_lines(purchase.billing_address); !address.empty())
    made.lines.push_back({"Billing address", std::move(address)});
  add("Package", name_and_id(purchase.package_name, purchase.package_id));
  add("Credits", std::to_string(purchase.amount.value()));
  if (!purchase.expiry_date.empty()) add("Valid through", purchase.expiry_date);
  add("Payment method", purchase.payment_method);
  add("Amount", amount_text(purchase.amount_minor, purchase.currency) + " " + purchase.currency, true);
  return made;
}

} // namespace tessera::http
