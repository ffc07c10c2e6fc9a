#include "http/auth/same_origin.hpp"

#include <gtest/gtest.h>

#include <string>

namespace tessera::http {

namespace {

constexpr auto base = "https://credits.example.com";

struct call {
  const char* site = nullptr; // null: the header is not there
  const char* origin = nullptr;
  const char* host = "credits.example.com";
  const char* method = "POST";
};

bool may_pass(const call& made, std::string_view public_base_url = base) {
  request asked;
  asked.method = made.method;
  if (made.host) asked.headers.emplace_back("Host", made.host);
  if (made.site) asked.headers.emplace_back("Sec-Fetch-Site", made.site);
  if (made.origin) asked.headers.emplace_back("Origin", made.origin);
  const auto refused = why_cross_origin(asked, public_base_url);
  if (!refused) return true;
  EXPECT_EQ(refused->status, 403u);
  EXPECT_EQ(refused->code, "cross_origin_request");
  return false;
}

} // namespace

TEST(SameOriginTest, TheBrowserSaysWhoCalls) {
  EXPECT_TRUE(may_pass({.site = "same-origin"}));
  EXPECT_TRUE(may_pass({.site = "same-origin", .origin = "https://other.name"}));
  for (const auto* site : {"cross-site", "same-site", "none", "", "Same-Origin", "same-origin, same-origin"})
    EXPECT_FALSE(may_pass({.site = site, .origin = base})) << site;
}

TEST(SameOriginTest, OfAnOldOneTheOriginTells) {
  EXPECT_TRUE(may_pass({.origin = base}));
  EXPECT_TRUE(may_pass({.origin = base, .host = "10.0.0.7:8080"})); // behind a proxy
  EXPECT_TRUE(may_pass({.origin = "https://credits.company.com", .host = "credits.company.com"}));
  EXPECT_TRUE(may_pass({.origin = "https://10.0.0.7:8443", .host = "10.0.0.7:8443"}));
  for (const auto* origin :
       {"https://evil.example",
        "https://credits.example.com.evil.io",
        "https://credits.example.com:8443",
        "https://credits.example.com/",
        "https://evil@credits.example.com",
        "http://credits.example.com", // what anybody on the way can answer
        "credits.example.com",
        "://credits.example.com",
        "ftp://credits.example.com",
        "https://",
        "null",
        ""})
    EXPECT_FALSE(may_pass({.origin = origin})) << origin;
}

TEST(SameOriginTest, WhoDoesNotSayWhereItComesFromIsRefused) {
  EXPECT_FALSE(may_pass({}));
  EXPECT_FALSE(may_pass({.host = nullptr}));
  EXPECT_FALSE(may_pass({.origin = "https://", .host = nullptr}, ""));
  EXPECT_FALSE(may_pass({.origin = "null", .host = "null"}, ""));
}

TEST(SameOriginTest, WithoutAPublicAddressTheHostIsOurs) {
  for (const auto* url : {"", "http://127.0.0.1:8080"}) {
    EXPECT_TRUE(may_pass({.origin = "http://127.0.0.1:8080", .host = "127.0.0.1:8080"}, url));
    EXPECT_TRUE(may_pass({.origin = "https://credits.example.com"}, url));
    EXPECT_FALSE(may_pass({.origin = "https://evil.example"}, url));
  }
}

TEST(SameOriginTest, ThePathOfThePublicAddressIsNotOfItsOrigin) {
  const call ours{.origin = base, .host = "backend"};
  EXPECT_TRUE(may_pass(ours, "https://credits.example.com/tessera"));
  EXPECT_FALSE(may_pass(ours, "https://credits.example.com.evil.io/tessera"));
}

TEST(SameOriginTest, WhatOnlyReadsMayComeFromAnywhere) {
  for (const auto* method : {"GET", "HEAD", "OPTIONS"})
    EXPECT_TRUE(may_pass({.site = "cross-site", .method = method})) << method;
  for (const auto* method : {"POST", "PUT", "DELETE", "PATCH"})
    EXPECT_FALSE(may_pass({.site = "cross-site", .method = method})) << method;
}

} // namespace tessera::http
