#include "http/routes/credits/receipt_pdf.hpp"

#include <gmock/gmock.h>

#include <string>
#include <string_view>
#include <zlib.h>

namespace tessera::http {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr auto nowhere = "/nowhere"; // no font: the text stands in the document as it is

purchase_view a_purchase() {
  purchase_view purchase;
  purchase.purchase_id = "pur-1";
  purchase.status = "completed";
  purchase.package_id = "basic-1000";
  purchase.package_name = "Basic";
  purchase.amount = credits{1000};
  purchase.amount_minor = 5000;
  purchase.currency = "USD";
  purchase.payment_method = "stripe";
  purchase.entity = {entity_type::organization, "org-123"};
  purchase.entity_name = "Acme";
  purchase.tenant_name = "Demo";
  purchase.seller_name = "Credits & Co";
  purchase.billing_address = R"({"street":"123 Business St","city":"Bangalore","country":"India"})";
  return purchase;
}

std::string inflated(std::string_view packed) {
  std::string text(1 << 20, '\0');
  auto size = static_cast<uLongf>(text.size());
  const auto* bytes = reinterpret_cast<const Bytef*>(packed.data());
  if (uncompress(reinterpret_cast<Bytef*>(text.data()), &size, bytes, packed.size()) != Z_OK) return {};
  text.resize(size);
  return text;
}

/// Strings with their escaped characters in place.
std::string unescaped(const std::string& drawn) {
  std::string text;
  for (std::size_t i = 0; i < drawn.size(); ++i) {
    const bool is_octal =
        drawn[i] == '\\' && i + 3 < drawn.size() && drawn[i + 1] >= '0' && drawn[i + 1] <= '3';
    text += is_octal ? static_cast<char>(std::stoi(drawn.substr(i + 1, 3), nullptr, 8)) : drawn[i];
    if (is_octal) i += 3;
  }
  return text;
}

/// What is drawn on all pages.
std::string drawn_on(const std::string& pdf) {
  std::string all;
  for (auto at = pdf.find("stream\r\n"); at != pdf.npos; at = pdf.find("stream\r\n", at + 1)) {
    const auto begin = at + 8;
    all += inflated(std::string_view(pdf).substr(begin, pdf.find("endstream", begin) - begin));
  }
  return all;
}

std::size_t pages_of(const std::string& pdf) {
  std::size_t count = 0;
  for (auto at = pdf.find("/Type /Page\n"); at != pdf.npos; at = pdf.find("/Type /Page\n", at + 1))
    ++count;
  return count;
}

} // namespace

TEST(ReceiptPdfTest, SaysWhatWasBoughtAndForHowMuch) {
  const auto pdf = receipt_pdf(a_purchase(), nowhere);
  EXPECT_THAT(pdf, StartsWith("%PDF-"));
  EXPECT_THAT(pdf, EndsWith("%%EOF\n"));
  EXPECT_EQ(1u, pages_of(pdf));
  const auto drawn = unescaped(drawn_on(pdf));
  for (const auto* part :
       {"(Receipt)",
        "(Credits & Co)",
        "(pur-1)",
        "(Basic (basic-1000))",
        "(123 Business St)",
        "(India)",
        "(50.00 USD)"})
    EXPECT_THAT(drawn, HasSubstr(part));
}

TEST(ReceiptPdfTest, ShowsEachCurrencyWithItsDecimals) {
  auto purchase = a_purchase();
  purchase.currency = "JPY";
  EXPECT_THAT(drawn_on(receipt_pdf(purchase, nowhere)), HasSubstr("(5000 JPY)"));
  purchase.currency = "KWD";
  EXPECT_THAT(drawn_on(receipt_pdf(purchase, nowhere)), HasSubstr("(5.000 KWD)"));
}

TEST(ReceiptPdfTest, IsAnInvoiceWhileItIsToBePaid) {
  auto purchase = a_purchase();
  purchase.status = "pending";
  purchase.payment_method = "invoice";
  const auto drawn = drawn_on(receipt_pdf(purchase, nowhere));
  EXPECT_THAT(drawn, HasSubstr("(Invoice)"));
  EXPECT_THAT(drawn, HasSubstr("Not completed yet"));
}

TEST(ReceiptPdfTest, NothingThatPeopleHaveTypedBecomesPartOfTheDocument) {
  auto purchase = a_purchase();
  purchase.entity_name = ") Tj ET (\\ endstream";
  purchase.purchase_id = "pur-1) /Evil (";
  const auto pdf = receipt_pdf(purchase, nowhere);
  EXPECT_THAT(drawn_on(pdf), HasSubstr("\\051 Tj ET \\050\\134 endstream"));
  EXPECT_THAT(pdf, Not(HasSubstr(") /Evil (")));
}

TEST(ReceiptPdfTest, WritesEveryNameWhereThereIsAFont) {
  auto purchase = a_purchase();
  purchase.entity_name = "Café ₹ Bengalūru";
  const auto pdf = receipt_pdf(purchase);
  EXPECT_GT(pdf.size(), 20'000u) << "without its font";
  EXPECT_EQ(pdf, receipt_pdf(purchase)); // the same bytes
  EXPECT_NE(pdf, receipt_pdf(a_purchase()));
  EXPECT_THAT(unescaped(drawn_on(receipt_pdf(purchase, nowhere))), HasSubstr("(Caf\xe9 ? Bengal?ru"));
}

TEST(ReceiptPdfTest, GoesOnOnAnotherPageAndWrapsWhatIsLong) {
  auto purchase = a_purchase();
  purchase.entity_name = std::string(3'000, 'W') + std::string(3'000, ' ') + "end";
  const auto pdf = receipt_pdf(purchase, nowhere);
  EXPECT_GT(pages_of(pdf), 1u);
  EXPECT_THAT(unescaped(drawn_on(pdf)), HasSubstr("end (org-123)"));
}

} // namespace tessera::http
