// From a link for many to an invitation in the spool, in a real browser.
#include "tests/api/invitation_world.hpp"
#include "tests/support/process.hpp"

#include <gmock/gmock.h>

namespace tessera::test {

namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr milliseconds browser_patience{150'000};

class JoinPageTest : public testing::Test {
protected:
  static invitation_world& world() {
    static invitation_world one;
    return one;
  }
  /// The address of a link's page.
  static std::string link_to(const std::string& more = {}) {
    const auto made = world().client_of("admin").post(
        "/api/invitation-links",
        R"({"entityAssignments":[{"entityType":"location","entityId":"loc-1","role":"viewer"}])" + more + "}"
    );
    EXPECT_EQ(made.status(), 201) << made.response.body;
    return text_at(made.response.body, "/joinUrl");
  }
  /// What the browser says came of it.
  static std::string browse(const std::string& link, const std::string& act, const std::string& address) {
    const auto script = std::string(TESSERA_NODE) + "/pages/join_in_browser.mjs";
    const auto done =
        run({.command = {"/usr/bin/env", "node", script, link, act, address},
             .environment = {},
             .output_file = {}},
            browser_patience);
    EXPECT_TRUE(done.ok()) << done.output;
    return done.output;
  }
  /// The token stands nowhere that others see, and nobody but us is asked.
  static void expect_no_token_left(const std::string& said) {
    EXPECT_EQ(text_at(said, "/addressBar"), world().service.base_url() + "/join");
    EXPECT_THAT(text_at(said, "/leftOver"), Not(HasSubstr("tsl_")));
    const auto requests = items_at(said, "/requests");
    ASSERT_GE(requests.size(), 4u) << said; // the page, its style, its script, the look-up
    for (std::size_t i = 0; i < requests.size(); ++i) {
      const auto url = text_at(requests[i], "/url");
      EXPECT_THAT(url.substr(0, url.find('#')), StartsWith(world().service.base_url() + "/"));
      EXPECT_THAT(url.substr(0, url.find('#')), Not(HasSubstr("tsl_")));
      EXPECT_EQ(text_at(requests[i], "/referer"), "");
    }
  }
  std::string invitations() const {
    return world().sql("SELECT count(*) FROM user_invitations WHERE email = '" + email + "'");
  }

  const std::string email = world().address();
};

} // namespace

TEST_F(JoinPageTest, W25W28OpeningALinkChangesNothingAndLeavesNoToken) {
  const auto link = link_to();
  const auto before = world().sql("SELECT count(*) FROM user_invitations");

  const auto said = browse(link, "look", email);

  EXPECT_THAT(text_at(said, "/title"), StartsWith("Join "));
  EXPECT_EQ(size_at(said, "/complaints"), 0u) << said;
  expect_no_token_left(said);
  EXPECT_EQ(world().sql("SELECT count(*) FROM user_invitations"), before);
}

TEST_F(JoinPageTest, WhoeverJoinsGetsTheMail) {
  const auto said = browse(link_to(), "join", email);

  EXPECT_THAT(text_at(said, "/status"), HasSubstr("Look into your mail"));
  EXPECT_EQ(text_at(said, "/error"), "");
  EXPECT_EQ(size_at(said, "/complaints"), 0u) << said;
  expect_no_token_left(said);
  EXPECT_EQ(invitations(), "1");
  EXPECT_TRUE(wait_until(milliseconds{20'000}, [&] {
    return world().sql(
               "SELECT count(*) FROM notifications WHERE status = 'sent' AND recipient = '" + email + "'"
           ) == "1";
  }));
}

TEST_F(JoinPageTest, SaysWhyAnAddressCanNotJoin) {
  const auto said = browse(link_to(R"(,"allowedEmailDomains":["elsewhere.test"])"), "join", email);

  EXPECT_THAT(text_at(said, "/error"), HasSubstr("An address of this domain can't join"));
  expect_no_token_left(said);
  EXPECT_EQ(invitations(), "0");
}

} // namespace tessera::test
