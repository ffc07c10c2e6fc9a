#include "http/routes/directory/tenant_fields.hpp"

#include <gtest/gtest.h>

#include <set>

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

TEST(TenantFieldsTest, EditsAreTheSameThatSayTheSame) {
  const auto said = [](const std::string& body) { return read(body).said.text(); };
  EXPECT_EQ(
      said(R"({"name":"A","currency":"eur","policies":{"seatLimit":null,"peerOrgAdmins":true}})"),
      said(R"({ "policies":{"peerOrgAdmins":true, "seatLimit":null}, "currency":"EUR", "name":"\u0041"})")
  );
  std::set<std::string> all;
  const char* const table[] = {
      "{}",
      R"({"name":"UTC"})",
      R"({"timezone":"UTC"})",
      R"({"currency":"EUR"})",
      R"({"plan":"free"})",
      R"({"branding":{"displayName":"A"}})",
      R"({"branding":{"displayName":null}})",
      R"({"branding":{"fromName":"A"}})",
      R"({"branding":{"logoUrl":"https://a.example/x"}})",
      R"({"branding":{"primaryColor":"#123456"}})",
      R"({"branding":{"publicBaseUrl":"https://a.example"}})",
      R"({"policies":{"managesCredits":true}})",
      R"({"policies":{"managesCredits":false}})",
      R"({"policies":{"approveTenantAdmin":true}})",
      R"({"policies":{"allowedEmailDomains":[]}})",
      R"({"policies":{"allowedEmailDomains":["a.example","b.example"]}})",
      R"({"policies":{"allowedEmailDomains":["b.example"]}})",
      R"({"policies":{"seatLimit":null}})",
      R"({"policies":{"seatLimit":1}})",
      R"({"policies":{"peerOrgAdmins":true}})",
      R"({"policies":{"floatingUsers":true}})",
      R"({"policies":{"onInviterChange":"cancel"}})",
      R"({"policies":{"onInviterChange":"transfer"}})",
      R"({"policies":{"exposeTokenToInviter":true}})",
      R"({"policies":{"smsCountries":["DE"]}})",
      R"({"policies":{"quietHours":{"from":"20:00"}}})",
      R"({"policies":{"quietHours":{"to":"20:00"}}})",
      R"({"policies":{"quietHours":{"invitations":true}}})",
  };
  for (const auto* body : table) {
    ASSERT_TRUE(is_valid(body)) << body;
    EXPECT_TRUE(all.insert(said(body)).second) << body;
  }
}

TEST(TenantFieldsTest, ApprovalIsTheTenantsToAskForAndTheOperatorsToEnd) {
  const auto on = read(R"({"policies":{"approveTenantAdmin":true}})");
  const auto off = read(R"({"policies":{"approveTenantAdmin":false}})");
  EXPECT_TRUE(apply(on, a_tenant(), false).ok());
  EXPECT_TRUE(apply(off, a_tenant(), false).ok()) << "it is off";
  auto asking = a_tenant();
  asking.policies.approve_tenant_admin = true;
  EXPECT_EQ(apply(off, asking, false).code(), errc::insufficient_role);
  EXPECT_TRUE(apply(off, asking, true).ok());
  EXPECT_TRUE(apply(on, asking, false).ok());
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
