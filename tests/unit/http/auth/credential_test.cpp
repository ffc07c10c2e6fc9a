#include "actors/support/sha256.hpp"
#include "http/auth/credential.hpp"
#include "http/routing/problem.hpp"

#include <gtest/gtest.h>

namespace tessera::http {

namespace {

using namespace std::chrono_literals;

constexpr std::string_view operator_key = "operator-key-of-the-tests";
const time_point now{std::chrono::sys_days{std::chrono::March / 1 / 2026}};

/// Knows one tenant.
class one_tenant final : public directory_view {
public:
  explicit one_tenant(std::shared_ptr<const tenant_snapshot> tenant) : tenant_(std::move(tenant)) {}

  std::optional<authenticated_key> find_key(const digest& sha256) const override {
    for (const auto& [hash, key] : tenant_->keys)
      if (hash == sha256) return authenticated_key{tenant_, &key};
    return std::nullopt;
  }
  std::shared_ptr<const tenant_snapshot> find_tenant(const tenant_id& tenant) const override {
    return tenant == tenant_->tenant ? tenant_ : nullptr;
  }
  std::shared_ptr<const tenant_snapshot> find_tenant_named(std::string_view id) const override {
    return id == tenant_->id ? tenant_ : nullptr;
  }

private:
  std::shared_ptr<const tenant_snapshot> tenant_;
};

/// Takes one text for a token.
class one_token final : public token_verifier {
public:
  std::optional<access_token> recall(std::string_view, time_point) override {
    return remembers ? std::optional(token) : std::nullopt;
  }
  std::optional<access_token> verify(std::string_view bearer, time_point) override {
    ++verified;
    return bearer == "the.access.token" ? std::optional(token) : std::nullopt;
  }
  access_token token;
  bool remembers = false;
  int verified = 0;
};

class CredentialTest : public testing::Test {
protected:
  CredentialTest() {
    made->tenant.value.bytes[15] = 1;
    made->id = "acme";
    made->keys = {
        {sha256::local()("tsk_valid"), {"key-1", 1, {}, "", now + 1s}},
        {sha256::local()("tsk_over"), {"key-2", 1, {}, "", now}},
    };
    made->users = {{"usr-1", user_role::user, {}, {}, now - 1h}};
    made->identities = {{"https://issuer", "subject-1", "usr-1"}};
    session.bytes[0] = 7;
    verifier.token = {made->tenant, "usr-1", session, now - 1min, now + 14min, {}, {}};
    options.operator_key_sha256 = sha256::local()(operator_key);
    options.verifier = &verifier;
    options.now = [] { return now; };
  }

  /// `problem status`, `unknown`, or who it is.
  std::string shown(const std::string& bearer, const std::string& tenant = {}, act what = act::read_balance) {
    request asked;
    asked.headers.emplace_back("Authorization", bearer);
    if (!tenant.empty()) asked.headers.emplace_back("X-Tenant", tenant);
    return whose(asked, what);
  }
  std::string whose(const request& asked, act what = act::read_balance) {
    const auto read = read_credential(asked, options, what);
    if (read.refused) return std::to_string(read.refused->status);
    const auto found = identify(*read.found, one_tenant(made), now);
    if (!found) return "unknown " + std::to_string(unknown_credential(*read.found).status);
    if (found->refused) return std::to_string(found->refused->status);
    if (found->rights.key()) return found->rights.key()->id;
    if (found->rights.user()) return found->rights.user()->id;
    return found->tenant ? "operator of " + found->tenant->id : "operator";
  }
  std::string operators(const std::string& tenant, act what = act::read_balance) {
    return shown("Bearer " + std::string(operator_key), tenant, what);
  }
  std::string token() { return shown("Bearer the.access.token"); }
  /// What the browser of one of our pages shows.
  static request with_cookie(std::string_view value, std::string_view method = "POST") {
    request asked;
    asked.method = method;
    asked.headers = {{"Cookie", value}, {"Sec-Fetch-Site", "same-origin"}};
    return asked;
  }

  std::shared_ptr<tenant_snapshot> made = std::make_shared<tenant_snapshot>();
  uuid session;
  one_token verifier;
  entrance_options options;
};

TEST_F(CredentialTest, KeysAreThoseOfTheDirectoryUntilTheyAreOver) {
  EXPECT_EQ(shown("Bearer tsk_valid"), "key-1");
  EXPECT_EQ(shown("bearer tsk_valid"), "key-1");
  EXPECT_EQ(shown("Bearer tsk_over"), "401");
  EXPECT_EQ(shown("Bearer tsk_nobodys"), "unknown 401");
  for (const auto* wrong : {"", "Bearer", "Bearer ", "Basic tsk_valid", "tsk_valid", "Bearer  tsk_valid"})
    EXPECT_EQ(shown(wrong), "401") << wrong;
}

TEST_F(CredentialTest, TheOperatorNamesATenantWhereThereIsOne) {
  EXPECT_EQ(operators("acme"), "operator of acme");
  EXPECT_EQ(operators(""), "400");
  EXPECT_EQ(operators("no tenant"), "400");
  EXPECT_EQ(operators("nobody"), "unknown 404");
  EXPECT_EQ(operators("", act::manage_tenants), "operator");
  EXPECT_EQ(operators("acme", act::manage_tenants), "operator");
  options.operator_key_sha256.reset();
  EXPECT_EQ(operators("acme"), "401");
}

TEST_F(CredentialTest, ATokenIsItsUsersWhileTheSessionLasts) {
  EXPECT_EQ(token(), "usr-1");
  made->ended_sessions = {session};
  EXPECT_EQ(token(), "401");
}

TEST_F(CredentialTest, TokensOfBeforeAreOver) {
  made->users[0].tokens_from = verifier.token.issued_at;
  EXPECT_EQ(token(), "usr-1");
  made->users[0].tokens_from += 1us;
  EXPECT_EQ(token(), "401");
}

TEST_F(CredentialTest, AUserWhoIsNotThereMayHaveComeAMomentAgo) {
  made->users.clear();
  EXPECT_EQ(token(), "unknown 401");
  verifier.token.tenant.value.bytes[15] = 2;
  EXPECT_EQ(token(), "unknown 401");
}

TEST_F(CredentialTest, SomebodyOfAnExternalIssuerIsFoundByTheirIdentity) {
  verifier.token.user.clear();
  verifier.token.session = {};
  verifier.token.issuer = "https://issuer";
  verifier.token.subject = "subject-1";
  EXPECT_EQ(token(), "usr-1");
  verifier.token.subject = "subject-2";
  EXPECT_EQ(token(), "unknown 401");
}

TEST_F(CredentialTest, WithoutAVerifierThereAreNoTokens) {
  options.verifier = nullptr;
  EXPECT_EQ(token(), "401");
  EXPECT_EQ(shown("Bearer tsk_valid"), "key-1");
}

TEST_F(CredentialTest, ACookieHoldsAnAccessTokenOfOurs) {
  const auto good = with_cookie("__Host-tessera-access=the.access.token");
  EXPECT_EQ(whose(good), "usr-1");
  for (const auto* wrong :
       {"__Host-tessera-access=another.access.token",
        "__Host-tessera-access=tsk_valid",
        "__Host-tessera-access=operator-key-of-the-tests",
        "__Host-tessera-access=",
        "__Host-tessera-access=the.access.token; __Host-tessera-access=the.access.token",
        "__Host-tessera-refresh=the.access.token",
        "tessera-access=the.access.token"})
    EXPECT_EQ(whose(with_cookie(wrong)), "401") << wrong;
  made->ended_sessions = {session};
  EXPECT_EQ(whose(good), "401");
  made->ended_sessions.clear();
  options.verifier = nullptr;
  EXPECT_EQ(whose(good), "401");
}

TEST_F(CredentialTest, AnExternalTokenIsNotKeptInACookie) {
  verifier.token.user.clear();
  verifier.token.issuer = "https://issuer";
  verifier.token.subject = "subject-1";
  EXPECT_EQ(token(), "usr-1");
  EXPECT_EQ(whose(with_cookie("__Host-tessera-access=the.access.token")), "401");
}

TEST_F(CredentialTest, ACookieChangesNothingForAnotherSite) {
  auto asked = with_cookie("__Host-tessera-access=the.access.token");
  asked.headers.back().second = "cross-site";
  EXPECT_EQ(whose(asked), "403");
  asked.headers.pop_back();
  EXPECT_EQ(whose(asked), "403");
  options.public_base_url = "https://credits.example";
  asked.headers.emplace_back("Origin", "https://credits.example");
  EXPECT_EQ(whose(asked), "usr-1");
  asked = with_cookie("__Host-tessera-access=the.access.token", "GET");
  asked.headers.pop_back();
  EXPECT_EQ(whose(asked), "usr-1");
}

TEST_F(CredentialTest, AuthorizationGoesBeforeTheCookie) {
  auto asked = with_cookie("__Host-tessera-access=the.access.token");
  asked.headers.back().second = "cross-site";
  asked.headers.emplace_back("Authorization", "Bearer tsk_valid");
  EXPECT_EQ(whose(asked), "key-1"); // no browser adds that by itself
  for (const auto* wrong : {"Bearer tsk_over", "Bearer nonsense", "Basic dTpw", ""}) {
    asked.headers.back().second = wrong;
    EXPECT_EQ(whose(asked), "401") << wrong;
  }
}

/// Verifying a signature is work that strangers could have us do.
TEST_F(CredentialTest, NoSignatureIsVerifiedForAnAddressThatMayNotTryMore) {
  call_limits calls({.key_per_second = 0, .user_per_minute = 0, .unauthenticated_per_minute = 2, .scale = 1});
  options.calls = &calls;
  const auto stranger = *parse_ip_address("192.0.2.1");
  const auto ask = [&](const std::string& address, const char* header, const char* value) {
    request asked;
    asked.remote_address = address;
    asked.headers = {{header, value}, {"Sec-Fetch-Site", "same-origin"}};
    return whose(asked);
  };
  EXPECT_EQ(ask("192.0.2.1", "Authorization", "Bearer the.access.token"), "usr-1");
  EXPECT_EQ(ask("192.0.2.1", "Authorization", "Bearer another.token"), "401");
  EXPECT_EQ(verifier.verified, 2);
  for (int i = 0; i < 2; ++i)
    calls.call_of_nobody(stranger, 0); // as the door counts what it turns away
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(ask("192.0.2.1", "Authorization", "Bearer the.access.token"), "429");
    EXPECT_EQ(ask("192.0.2.1", "Cookie", "__Host-tessera-access=the.access.token"), "429");
  }
  EXPECT_EQ(verifier.verified, 2);
  EXPECT_EQ(ask("192.0.2.2", "Authorization", "Bearer the.access.token"), "usr-1"); // elsewhere
  EXPECT_EQ(verifier.verified, 3);
  verifier.remembers = true; // who was let in a moment ago stays
  EXPECT_EQ(ask("192.0.2.1", "Authorization", "Bearer the.access.token"), "usr-1");
  EXPECT_EQ(ask("192.0.2.1", "Authorization", "Bearer tsk_valid"), "key-1"); // no signature
  EXPECT_EQ(verifier.verified, 3);
}

TEST_F(CredentialTest, TheDirectoryIsAskedForWhatIsMissing) {
  EXPECT_EQ(question_of(shown_key{sha256::local()("x")}).key_sha256, sha256::local()("x"));
  EXPECT_EQ(question_of(shown_operator_key{"acme"}).tenant, "acme");
  EXPECT_EQ(question_of(verifier.token).id, made->tenant);
}

} // namespace

} // namespace tessera::http
