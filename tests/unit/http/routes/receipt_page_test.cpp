#include "http/routes/credits/billing_address.hpp"
#include "http/routes/credits/receipt_page.hpp"
#include "http/routing/html_text.hpp"

#include <gmock/gmock.h>

namespace tessera::http {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

purchase_view a_purchase() {
  purchase_view purchase;
  purchase.purchase_id = "pur-1";
  purchase.status = "completed";
  purchase.package_id = "basic-1000";
  purchase.package_name = "Basic";
  purchase.amount = credits{1000};
  purchase.amount_minor = 5000;
  purchase.currency = "USD";
  purchase.payment_method = "test";
  purchase.entity = {entity_type::organization, "org-123"};
  purchase.entity_name = "Acme";
  purchase.tenant_name = "Demo";
  purchase.expiry_date = "2027-01-01";
  return purchase;
}

TEST(ReceiptPageTest, SaysWhatWasBoughtAndForHowMuch) {
  const auto page = receipt_page(a_purchase());
  for (const auto* part :
       {"pur-1",
        "Basic (basic-1000)",
        "Acme (org-123)",
        "1000",
        "50.00 USD",
        "2027-01-01",
        "no money was moved"})
    EXPECT_THAT(page, HasSubstr(part));
  EXPECT_THAT(page, Not(HasSubstr("Billing address")));
}

TEST(ReceiptPageTest, ShowsEachCurrencyWithItsDecimals) {
  auto purchase = a_purchase();
  purchase.currency = "JPY";
  EXPECT_THAT(receipt_page(purchase), HasSubstr(">5000 JPY<"));
  purchase.currency = "KWD";
  EXPECT_THAT(receipt_page(purchase), HasSubstr(">5.000 KWD<"));
}

TEST(ReceiptPageTest, EscapesWhateverPeopleHaveTyped) {
  constexpr auto evil = "<script>alert('\"&')</script>";
  auto purchase = a_purchase();
  purchase.package_name = purchase.entity_name = purchase.tenant_name = evil;
  purchase.billing_address = R"({"street":"<script>alert('\"&')</script>","city":"<b>"})";
  const auto page = receipt_page(purchase);
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, Not(HasSubstr("<b>")));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert(&#39;&quot;&amp;&#39;)&lt;/script&gt;"));
}

TEST(ReceiptPageTest, DoesNotCallAPendingPurchasePaid) {
  auto purchase = a_purchase();
  purchase.status = "pending";
  EXPECT_THAT(receipt_page(purchase), HasSubstr("Not completed yet"));
  purchase.status = "failed";
  EXPECT_THAT(receipt_page(purchase), HasSubstr("no credits were given"));
}

TEST(HtmlTextTest, LeavesPlainTextAsItIs) {
  std::string out;
  append_html(out, "123 Business St, Bengal\xc5\xab ru");
  EXPECT_EQ(out, "123 Business St, Bengal\xc5\xab ru");
}

std::string stored_of(std::string_view body, std::optional<problem>& wrong) {
  json::reader reader(body);
  auto fields = reader.object();
  auto stored = read_billing_address(fields);
  wrong = reader.refusal();
  return stored;
}

TEST(BillingAddressTest, IsStoredInOneOrderAndPrintedLikeOnAnEnvelope) {
  std::optional<problem> wrong;
  const auto stored = stored_of(
      R"({"billingAddress":{"zipCode":"560001","country":"India","city":"Bangalore","street":"123 Business St"}})",
      wrong
  );
  EXPECT_FALSE(wrong);
  EXPECT_EQ(
      stored, R"({"street":"123 Business St","city":"Bangalore","zipCode":"560001","country":"India"})"
  );
  EXPECT_THAT(address_lines(stored), ElementsAre("123 Business St", "560001 Bangalore", "India"));
  EXPECT_THAT(address_lines(""), IsEmpty());
}

struct bad_address {
  const char* address;
  unsigned status;
  const char* code;
  const char* pointer;
};

TEST(BillingAddressTest, IsRefusedForAReason) {
  const bad_address table[] = {
      {"[]", 400, "invalid_type", "/billingAddress"},
      {"\"x\"", 400, "invalid_type", "/billingAddress"},
      {"{}", 422, "validation_failed", "/billingAddress"},
      {R"({"street":1})", 400, "invalid_type", "/billingAddress/street"},
      {R"({"street":""})", 422, "validation_failed", "/billingAddress/street"},
      {R"({"street":"a\nb"})", 422, "validation_failed", "/billingAddress/street"},
      {R"({"street":"a","planet":"b"})", 422, "unknown_field", "/billingAddress/planet"},
  };
  for (const auto& row : table) {
    std::optional<problem> wrong;
    stored_of(std::string(R"({"billingAddress":)") + row.address + "}", wrong);
    ASSERT_TRUE(wrong) << row.address;
    EXPECT_EQ(wrong->status, row.status) << row.address;
    EXPECT_EQ(wrong->code, row.code) << row.address;
    EXPECT_EQ(wrong->errors.at(0).pointer, row.pointer) << row.address;
  }
}

} // namespace
} // namespace tessera::http
