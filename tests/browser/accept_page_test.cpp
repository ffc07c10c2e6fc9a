// From the mail in the spool to an account that works, in a real browser.
#include "tests/api/invitation_world.hpp"
#include "tests/support/process.hpp"

#include <gmock/gmock.h>

#include <filesystem>

namespace tessera::test {

namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr milliseconds browser_patience{150'000};
constexpr auto password = "SecurePass123!";

class AcceptPageTest : public testing::Test {
protected:
  static invitation_world& world() {
    static invitation_world one;
    return one;
  }

  /// The file of the only mail to that address, once it is there.
  std::string mail_to(const std::string& address) const {
    std::string file;
    const auto look = [&] {
      std::error_code none;
      for (const auto& each : std::filesystem::directory_iterator(world().service.spool(), none))
        if (each.path().extension() == ".eml" &&
            read_file(each.path().string()).find("\r\nTo: " + address + "\r\n") != std::string::npos)
          file = each.path().string();
      return !file.empty();
    };
    EXPECT_TRUE(wait_until(milliseconds{20'000}, look)) << "no mail to " << address;
    return file;
  }
  /// What the browser says came of it.
  static std::string browse(const std::string& mail, const std::string& act) {
    const auto script = std::string(TESSERA_NODE) + "/pages/accept_in_browser.mjs";
    const auto done =
        run({.command = {"/usr/bin/env", "node", script, mail, act, password},
             .environment = {},
             .output_file = {}},
            browser_patience);
    EXPECT_TRUE(done.ok()) << done.output;
    return done.output;
  }
  static void expect_no_token_left(const std::string& said) {
    EXPECT_EQ(text_at(said, "/addressBar"), world().service.base_url() + "/accept-invitation");
    EXPECT_THAT(text_at(said, "/leftOver"), Not(HasSubstr("tsi_")));
    EXPECT_EQ(size_at(said, "/complaints"), 0u) << said;
  }
  /// Of what was asked for, all of us; the token stands in the address of the page alone, and is no referrer.
  static void expect_requests_to_us_alone(const std::string& said) {
    const auto requests = items_at(said, "/requests");
    ASSERT_GE(requests.size(), 4u) << said; // the page, its style, its script, the look-up
    for (std::size_t i = 0; i < requests.size(); ++i) {
      EXPECT_THAT(text_at(requests[i], "/url"), StartsWith(world().service.base_url() + "/"));
      if (i > 0) {
        EXPECT_THAT(text_at(requests[i], "/url"), Not(HasSubstr("tsi_")));
      }
      EXPECT_EQ(text_at(requests[i], "/referer"), "");
    }
  }

  const std::string email = world().address();
};

} // namespace

TEST_F(AcceptPageTest, W25W28TheLinkOfTheMailOpensAndNothingIsConsumed) {
  const auto made = world().invited(email);
  const auto mail = mail_to(email);

  for (int i = 0; i < 2; ++i) {
    const auto said = browse(mail, "look");
    EXPECT_THAT(text_at(said, "/title"), StartsWith("Join "));
    expect_no_token_left(said);
    expect_requests_to_us_alone(said);
    const auto path = text_at(said, "/link").substr(world().service.base_url().size());
    EXPECT_EQ(world().service.client().get(path).status(), 200); // as a scanner does
  }

  EXPECT_EQ(world().status_of(made.id), "pending");
  EXPECT_EQ(world().sql("SELECT count(*) FROM users WHERE email = '" + email + "'"), "0");
}

TEST_F(AcceptPageTest, SubmittingItMakesAnAccountThatWorks) {
  const auto made = world().invited(email, R"(,"applicationAccess":["crm"])");

  const auto said = browse(mail_to(email), "accept");

  EXPECT_THAT(text_at(said, "/status"), HasSubstr("Your account is ready"));
  expect_no_token_left(said);
  expect_requests_to_us_alone(said);
  EXPECT_EQ(world().status_of(made.id), "accepted");
  const auto me = world().service.client(world().access_token(email, password)).get("/api/auth/me");
  ASSERT_EQ(me.status(), 200) << me.response.body;
  EXPECT_THAT(me.response.body, HasSubstr("loc-1"));
  EXPECT_EQ(world().sql("SELECT email_verified_at IS NOT NULL FROM users WHERE email = '" + email + "'"), "t")
      << "the token of the mail proves the address";
}

} // namespace tessera::test
