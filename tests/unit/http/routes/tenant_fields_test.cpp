#include "http/routes/directory/tenant_fields.hpp"

#include <gtest/gtest.h>

namespace tessera::http {
namespace {

tenant_edit read(const std::string& body, bool* is_valid = nullptr) {
  json::reader reader(body);
  auto fields = reader.object();
  auto edit = read_tenant_edit(fields);
  const auto wrong = reader.refusal();
  if (is_valid) *is_valid = !wrong;
  return edit;
}

bool is_valid(const std::string& body) {
  bool valid = false;
  read(body, &valid);
  return valid;
}

tenant_view a_tenant() {
  tenant_view tenant;
  tenant.plan = "free";
  tenant.currency = "USD";
  tenant.branding.display_name = "Acme";
  tenant.policies.seat_limit = 5;
  return tenant;
}

TEST(TenantFieldsTest, WhatIsLeftOutStays) {
  const auto edit = read(R"({"branding":{"fromName":"Mail"},"policies":{"quietHours":{"to":"07:00"}}})");
  const auto after = apply(edit, a_tenant(), false);
  ASSERT_TRUE(after.ok());
  EXPECT_EQ(after->branding->display_name, "Acme");
  EXPECT_EQ(after->branding->from_name, "Mail");
  EXPECT_EQ(after->policies->quiet.from, "21:00");
  EXPECT_EQ(after->policies->quiet.to, "07:00");
  EXPECT_EQ(after->policies->seat_limit, 5);
}

TEST(TenantFieldsTest, WhatMakesCreditsIsTheOperators) {
  for (const auto* body :
       {R"({"plan":"enterprise"})",
        R"({"currency":"EUR"})",
        R"({"policies":{"managesCredits":true}})",
        R"({"policies":{"seatLimit":null}})"}) {
    const auto edit = read(body);
    EXPECT_EQ(apply(edit, a_tenant(), false).code(), errc::insufficient_role) << body;
    EXPECT_TRUE(apply(edit, a_tenant(), true).ok()) << body;
  }
}

TEST(TenantFieldsTest, WhatIsTheSameIsNoChange) {
  const auto edit =
      read(R"({"plan":"free","currency":"usd","policies":{"managesCredits":false,"seatLimit":5}})");
  EXPECT_TRUE(apply(edit, a_tenant(), false).ok()) << "what was read can be sent back";
}

TEST(TenantFieldsTest, AddressesDomainsAndTimesAreChecked) {
  const auto branding = [](const std::string& name, const std::string& text) {
    return is_valid(R"({"branding":{")" + name + R"(":")" + text + "\"}}");
  };
  EXPECT_TRUE(branding("logoUrl", "https://a.example/logo.png?x=1"));
  for (const auto* bad : {"javascript:alert(1)", "//a.example", "https://", "ftp://a.example", "https://a b"})
    EXPECT_FALSE(branding("logoUrl", bad)) << bad;
  EXPECT_TRUE(branding("publicBaseUrl", "https://a.example:8443"));
  for (const auto* bad : {"https://a.example/", "https://a.example/x", "https://a.example?x"})
    EXPECT_FALSE(branding("publicBaseUrl", bad)) << bad;
  const auto domain = [](const std::string& text) {
    return is_valid(R"({"policies":{"allowedEmailDomains":[")" + text + "\"]}}");
  };
  for (const auto* good : {"a.example", "xn--a-b.example", "a-b.c.example"})
    EXPECT_TRUE(domain(good)) << good;
  for (const auto* bad :
       {"example", ".example", "a..example", "a.example.", "-a.example", "A.example", "a@b.example"})
    EXPECT_FALSE(domain(bad)) << bad;
  const auto time = [](const std::string& text) {
    return is_valid(R"({"policies":{"quietHours":{"from":")" + text + "\"}}}");
  };
  EXPECT_TRUE(time("00:00"));
  EXPECT_TRUE(time("23:59"));
  for (const auto* bad : {"24:00", "12:60", "1:00", "12.00", "ab:cd"})
    EXPECT_FALSE(time(bad)) << bad;
}

} // namespace
} // namespace tessera::http
