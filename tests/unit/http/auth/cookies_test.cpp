#include "http/auth/cookies.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tessera::http {

namespace {

/// `absent`, `flawed`, or the value of our cookie in these headers.
std::string shown(const std::vector<std::string>& headers) {
  request asked;
  asked.headers.emplace_back("Accept", "*/*");
  for (const auto& one : headers)
    asked.headers.emplace_back("cookie", one);
  const auto found = find_cookie(asked, access_cookie);
  if (!found.is_there) return "absent";
  return found.value.empty() ? "flawed" : std::string(found.value);
}

} // namespace

TEST(CookiesTest, OursIsFoundAmongOthers) {
  const std::string ours = "__Host-tessera-access=a.b-c_d";
  for (const auto& header :
       {ours,
        "theme=dark; " + ours + "; __Host-tessera-refresh=tsr_x",
        "theme=dark;" + ours,
        ours + ";",
        " \t" + ours + " ;;; = ; nonsense; \"=\"; a=b=c",
        "a=\"; " + ours + "; b=\""})
    EXPECT_EQ(shown({header}), "a.b-c_d") << header;
  EXPECT_EQ(shown({"theme=dark", ours}), "a.b-c_d");
  EXPECT_EQ(shown({"__Host-tessera-access=YQ=="}), "YQ==");
}

TEST(CookiesTest, OtherNamesAreOthers) {
  for (const std::string header :
       {"",
        ";",
        "tessera-access=x",
        "__host-tessera-access=x",
        "__Host-tessera-access2=x",
        "a__Host-tessera-access=x",
        "__Host-tessera-refresh=x",
        "a=__Host-tessera-access",
        "a=b, __Host-tessera-access=x"})
    EXPECT_EQ(shown({header}), "absent") << header;
  EXPECT_EQ(shown({}), "absent");
}

TEST(CookiesTest, WhatWeHaveNotSetHasNoValue) {
  for (const std::string header :
       {"__Host-tessera-access",
        "__Host-tessera-access=",
        "__Host-tessera-access= ",
        "__Host-tessera-access=\"x\"",
        "__Host-tessera-access=a b",
        "__Host-tessera-access=a,b",
        "__Host-tessera-access=a\\b",
        "__Host-tessera-access=\xc3\xa9"})
    EXPECT_EQ(shown({header}), "flawed") << header;
  EXPECT_EQ(shown({"__Host-tessera-access=" + std::string(4'096, 'x')}), std::string(4'096, 'x'));
  EXPECT_EQ(shown({"__Host-tessera-access=" + std::string(4'097, 'x')}), "flawed");
}

TEST(CookiesTest, OneThatIsThereTwiceHasNoValue) {
  const std::string one = "__Host-tessera-access=x";
  EXPECT_EQ(shown({one + "; " + one}), "flawed");
  EXPECT_EQ(shown({one, one}), "flawed");
  EXPECT_EQ(shown({one + "; " + one + "; " + one}), "flawed");
  EXPECT_EQ(shown({one + "; __Host-tessera-access"}), "flawed");
}

TEST(CookiesTest, WhoSendsAuthorizationShowsNone) {
  for (const auto* value : {"Bearer x", "Basic dTpw", ""}) {
    request asked;
    asked.headers = {{"Cookie", "__Host-tessera-access=x"}, {"authorization", value}};
    EXPECT_FALSE(find_cookie(asked, access_cookie).is_there) << value;
  }
}

TEST(CookiesTest, ABrowserKeepsThemFromScriptsAndOtherSites) {
  const auto [name, text] = set_cookie(access_cookie, "a.b.c", std::chrono::seconds{900});
  EXPECT_EQ(name, "Set-Cookie");
  EXPECT_EQ(text, "__Host-tessera-access=a.b.c; Max-Age=900; Path=/; Secure; HttpOnly; SameSite=Strict");
  EXPECT_EQ(
      clear_cookie(refresh_cookie).second,
      "__Host-tessera-refresh=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Strict"
  );
}

} // namespace tessera::http
