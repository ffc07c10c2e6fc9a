#include "http/auth/base64url.hpp"
#include "http/auth/tokens/access_tokens.hpp"
#include "http/auth/tokens/openssl.hpp"
#include "tests/unit/http/auth/tokens/token_forge.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

namespace tessera::http {

namespace {

using namespace std::chrono_literals;

constexpr std::int64_t start = 1'790'000'000; // seconds
const time_point now = from_microseconds(start * 1'000'000 + 250'000);
const tenant_id tenant{*uuid::parse("019b0000-0000-7000-8000-000000000001")};
const uuid session = *uuid::parse("019b0000-0000-7000-8000-000000000002");

std::string json_of(const std::string& members) {
  return "{" + members + "}";
}

/// Our own tokens, and those of an issuer with an RSA key.
class AccessTokensTest : public testing::Test {
protected:
  std::optional<access_token> verify(const std::string& token, time_point at = now) {
    return tokens.verify(token, at);
  }
  bool is_good(const std::string& token, time_point at = now) { return verify(token, at).has_value(); }

  // Tokens with our own signing key.
  std::string own_header(const std::string& more = {}) const {
    return json_of(R"("alg":"EdDSA","typ":"at+jwt","kid":")" + own_key().id() + "\"" + more);
  }
  static std::string own_claims(const std::string& times, const std::string& more = own_members) {
    return json_of(R"("iss":"tessera","aud":"tessera","sub":"usr-1",)" + times + more);
  }
  std::string own(const std::string& header, const std::string& claims) const {
    return forge(header, claims, [this](std::string_view text) { return own_key().sign(text); });
  }
  signing_key own_key() const { return ring.keys()->front(); }

  // Tokens of the other issuer.
  static std::string other_header(const std::string& more = {}) {
    return json_of(R"("alg":"RS256","kid":"a")" + more);
  }
  static std::string other_claims(const std::string& more = {}) {
    return json_of(
        R"("iss":"https://id.example","aud":["x","tessera-app"],"sub":"s-1","iat":1790000000,"exp":1790000600)" +
        more
    );
  }
  std::string other(const std::string& header, const std::string& claims) const {
    return forge(header, claims, [this](std::string_view text) { return rsa.sign(text); });
  }

  static constexpr auto lasting = R"("iat":1790000000,"iat_us":1790000000000000,"exp":1790000900)";
  static constexpr auto own_members =
      R"(,"tid":"019b0000-0000-7000-8000-000000000001","sid":"019b0000-0000-7000-8000-000000000002")";

  scratch_directory files;
  rsa_issuer rsa;
  key_ring ring{files.path("signing-key.pem")};
  external_issuers issuers{{external_issuer{
      "https://id.example",
      "tessera-app",
      {signing_algorithm::rs256},
      "acme",
      files.write("jwks.json", R"({"keys":[)" + rsa.jwk("a") + "]}"),
      tenant}}};
  access_tokens tokens{{}, ring, issuers};
};

} // namespace

TEST_F(AccessTokensTest, WhatIsIssuedIsGoodUntilItsEnd) {
  const auto token = tokens.issue(tenant, "usr-1", session, now);

  const auto found = verify(token);
  ASSERT_TRUE(found);
  EXPECT_EQ(tenant, found->tenant);
  EXPECT_EQ("usr-1", found->user);
  EXPECT_EQ(session, found->session);
  EXPECT_EQ(now, found->issued_at); // to the microsecond
  EXPECT_EQ(from_microseconds((start + 900) * 1'000'000), found->expires_at);
  EXPECT_EQ("", found->issuer);
  EXPECT_TRUE(is_good(token, now + 899s));
  EXPECT_FALSE(is_good(token, now + 900s)); // a quarter of a second too late
  EXPECT_FALSE(access_tokens({}, ring, issuers).verify(token, now + 900s));
}

TEST_F(AccessTokensTest, TheForgerKnowsTheForm) { // or the refusals below would prove nothing
  EXPECT_TRUE(is_good(own(own_header(), own_claims(lasting))));
  EXPECT_TRUE(is_good(other(other_header(), other_claims())));
  EXPECT_TRUE(is_good(own(own_header(), own_claims(R"("iat":1790000060,"iat_us":1,"exp":1790000900)"))));
}

TEST_F(AccessTokensTest, NamesWhoTheyAreElsewhere) {
  const auto found = verify(other(other_header(), other_claims()));
  ASSERT_TRUE(found);
  EXPECT_EQ(tenant, found->tenant);
  EXPECT_EQ("", found->user);
  EXPECT_TRUE(found->session.is_nil());
  EXPECT_EQ("https://id.example", found->issuer);
  EXPECT_EQ("s-1", found->subject);
  EXPECT_EQ(from_microseconds(start * 1'000'000), found->issued_at); // what it says, and no later
}

TEST_F(AccessTokensTest, KnowsTheAddressThatAnIssuerVouchesFor) {
  const auto person = [&](const std::string& more) {
    return tokens.person_of(other(other_header(), other_claims(more)), now);
  };
  EXPECT_EQ("a@b.example", person(R"(,"email":"a@b.example","email_verified":true)")->email);
  EXPECT_EQ("a@b.example", person(R"(,"email":"a@b.example","email_verified":"true")")->email);
  EXPECT_EQ("", person(R"(,"email":"a@b.example","email_verified":false)")->email);
  EXPECT_EQ("", person(R"(,"email":"a@b.example")")->email);
  EXPECT_EQ(std::nullopt, tokens.person_of(tokens.issue(tenant, "usr-1", session, now), now)); // one of ours
}

// R-R 5 rows 2 to 12, by number.
struct attack {
  const char* name;
  std::string header;
  std::string claims;
};

TEST_F(AccessTokensTest, RefusesWhatSomebodyWroteWithOurKey) {
  const std::string key = R"("kid":")" + own_key().id() + "\"";
  const auto good = own_claims(lasting);
  const auto times = [](const std::string& text) { return own_claims(text); };
  const attack attacks[] = {
      {"2 none", json_of(R"("alg":"none","typ":"at+jwt",)" + key), good},
      {"2 None", json_of(R"("alg":"None","typ":"at+jwt",)" + key), good},
      {"2 nOnE", json_of(R"("alg":"nOnE","typ":"at+jwt",)" + key), good},
      {"2 no algorithm", json_of(R"("typ":"at+jwt",)" + key), good},
      {"4 ES256 where the key is EdDSA", json_of(R"("alg":"ES256","typ":"at+jwt",)" + key), good},
      {"4 the algorithm is no text", json_of(R"("alg":["EdDSA"],"typ":"at+jwt",)" + key), good},
      {"5 expired", own_header(), times(R"("iat":1789990000,"iat_us":1789990000000000,"exp":1790000000)")},
      {"5 exp missing", own_header(), times(R"("iat":1790000000,"iat_us":1790000000000000)")},
      {"5 exp as text", own_header(), times(R"("iat_us":1790000000000000,"exp":"1790000900")")},
      {"5 exp as fraction", own_header(), times(R"("iat_us":1790000000000000,"exp":1790000900.5)")},
      {"5 exp as float", own_header(), times(R"("iat_us":1790000000000000,"exp":1790000900.0)")},
      {"5 exp 1e400", own_header(), times(R"("iat_us":1790000000000000,"exp":1e400)")},
      {"5 exp 1e10", own_header(), times(R"("iat_us":1790000000000000,"exp":1e10)")},
      {"5 exp beyond time", own_header(), times(R"("iat_us":1790000000000000,"exp":9223372036854775807)")},
      {"5 exp negative", own_header(), times(R"("iat_us":1790000000000000,"exp":-1)")},
      {"5 exp twice", own_header(), times(R"("iat_us":1790000000000000,"exp":1,"exp":1790000900)")},
      {"6 not yet", own_header(), own_claims(std::string(lasting) + R"(,"nbf":1790000070)")},
      {"6 nbf as text", own_header(), own_claims(std::string(lasting) + R"(,"nbf":"0")")},
      {"6 iat in the future", own_header(), times(R"("iat":1790000070,"iat_us":1,"exp":1790000900)")},
      {"6 iat negative", own_header(), times(R"("iat":-5,"iat_us":1,"exp":1790000900)")},
      {"6 iat after exp", own_header(), times(R"("iat":1790000050,"iat_us":1,"exp":1790000040)")},
      {"6 begins in more than a minute",
       own_header(),
       times(R"("iat":1790000061,"iat_us":1,"exp":1790000900)")},
      {"6 no iat_us", own_header(), times(R"("iat":1790000000,"exp":1790000900)")},
      {"7 other audience",
       own_header(),
       R"({"iss":"tessera","aud":"other","sub":"usr-1",)" + std::string(lasting) + own_members + "}"},
      {"7 no audience",
       own_header(),
       R"({"iss":"tessera","sub":"usr-1",)" + std::string(lasting) + own_members + "}"},
      {"7 audience of numbers",
       own_header(),
       R"({"iss":"tessera","aud":[1],"sub":"usr-1",)" + std::string(lasting) + own_members + "}"},
      {"7 other issuer",
       own_header(),
       R"({"iss":"other","aud":"tessera","sub":"usr-1",)" + std::string(lasting) + own_members + "}"},
      {"7 no issuer",
       own_header(),
       R"({"aud":"tessera","sub":"usr-1",)" + std::string(lasting) + own_members + "}"},
      {"7 no subject",
       own_header(),
       R"({"iss":"tessera","aud":"tessera",)" + std::string(lasting) + own_members + "}"},
      {"7 empty subject",
       own_header(),
       R"({"iss":"tessera","aud":"tessera","sub":"",)" + std::string(lasting) + own_members + "}"},
      {"7 no tenant", own_header(), own_claims(lasting, R"(,"sid":"019b0000-0000-7000-8000-000000000002")")},
      {"7 no session", own_header(), own_claims(lasting, R"(,"tid":"019b0000-0000-7000-8000-000000000001")")},
      {"8 kid of a path", json_of(R"("alg":"EdDSA","typ":"at+jwt","kid":"../../../../etc/passwd")"), good},
      {"8 kid of SQL", json_of(R"("alg":"EdDSA","typ":"at+jwt","kid":"' OR 1=1 --")"), good},
      {"8 kid of a URL", json_of(R"("alg":"EdDSA","typ":"at+jwt","kid":"http://127.0.0.1:1/k")"), good},
      {"8 kid of 64 KiB",
       json_of(R"("alg":"EdDSA","typ":"at+jwt","kid":")" + std::string(65'536, 'k') + "\""),
       good},
      {"8 kid unknown", json_of(R"("alg":"EdDSA","typ":"at+jwt","kid":"x")"), good},
      {"8 kid is no text", json_of(R"("alg":"EdDSA","typ":"at+jwt","kid":7)"), good},
      {"8 no kid", json_of(R"("alg":"EdDSA","typ":"at+jwt")"), good},
      {"another type", json_of(R"("alg":"EdDSA","typ":"JWT",)" + key), good},
      {"crit", own_header(R"(,"crit":["exp"])"), good},
      {"b64", own_header(R"(,"b64":false,"crit":["b64"])"), good},
      {"the header is no object", "[]", good},
      {"the header is no JSON", R"({"alg":"EdDSA")", good},
      {"alg twice", own_header(R"(,"alg":"none")"), good},
      {"the payload is no object", own_header(), "7"},
      {"the payload is no JSON", own_header(), "{"},
  };
  for (const auto& one : attacks)
    EXPECT_FALSE(is_good(own(one.header, one.claims))) << one.name;
}

TEST_F(AccessTokensTest, RefusesAnotherIssuersTokens) {
  const attack attacks[] = {
      {"3 HS256", json_of(R"("alg":"HS256","kid":"a")"), other_claims()},
      {"4 not its algorithm", json_of(R"("alg":"EdDSA","kid":"a")"), other_claims()},
      {"7 other audience",
       other_header(),
       R"({"iss":"https://id.example","aud":"tessera","sub":"s","iat":1790000000,"exp":1790000600})"},
      {"6 no iat",
       other_header(),
       R"({"iss":"https://id.example","aud":"tessera-app","sub":"s-1","exp":1790000600})"},
      {"7 in our name", other_header(), own_claims(lasting)},
      {"8 unknown key", json_of(R"("alg":"RS256","kid":"b")"), other_claims()},
      {"crit", other_header(R"(,"crit":["x"])"), other_claims()},
  };
  for (const auto& one : attacks)
    EXPECT_FALSE(is_good(other(one.header, one.claims))) << one.name;
}

TEST_F(AccessTokensTest, ThePublicKeyIsNoSecretToSignWith) { // row 3
  for (const auto& secret : {rsa.public_pem(), rsa.jwk("a"), std::string()})
    for (const auto* algorithm : {"HS256", "RS256"})
      EXPECT_FALSE(is_good(forge(
          json_of(R"("alg":")" + std::string(algorithm) + R"(","kid":"a")"),
          other_claims(),
          [&](std::string_view text) { return hmac_sha256(secret, text); }
      )));
}

TEST_F(AccessTokensTest, ATokenDoesNotSayWhereItsKeyIs) { // row 9
  const auto mine = signing_key::make();
  const auto sign = [&](std::string_view text) { return mine.sign(text); };
  const auto jwk = mine.jwk();
  for (const auto& more : std::vector<std::string>{
           std::string(R"(,"jku":"http://127.0.0.1:1/jwks.json")"),
           std::string(R"(,"x5u":"http://127.0.0.1:1/cert.pem")"),
           R"(,"jwk":)" + jwk})
    EXPECT_FALSE(is_good(forge(own_header(more), own_claims(lasting), sign))) << more;
}

TEST_F(AccessTokensTest, EverySignatureHasOneForm) { // row 10
  const auto token = tokens.issue(tenant, "usr-1", session, now);
  ASSERT_TRUE(is_good(token));
  const auto dot = token.rfind('.');
  for (std::size_t at = dot + 1; at < token.size(); at += 7) {
    auto changed = token;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(is_good(changed)) << at;
  }
  // 64 bytes leave four bits of the last letter that mean nothing.
  auto alias = token;
  alias.back() = static_cast<char>(alias.back() + 1);
  for (const auto& other_form :
       {token.substr(0, token.size() - 1),
        token.substr(0, token.size() - 4),
        token.substr(0, dot + 1),
        token.substr(0, dot),
        token + ".",
        token + ".AAAA",
        "." + token,
        token + "=",
        token + "==",
        token + "A",
        token + " ",
        alias,
        std::string(),
        std::string(".."),
        std::string("a.b.c")})
    EXPECT_FALSE(is_good(other_form)) << other_form;
}

TEST_F(AccessTokensTest, LongOnesAreNoTokens) { // row 12
  const auto long_claims =
      own_claims(lasting, std::string(own_members) + R"(,"x":")" + std::string(16'384, 'x') + "\"");
  EXPECT_FALSE(is_good(own(own_header(), long_claims)));
  EXPECT_FALSE(is_good(own(own_header(R"(,"x":")" + std::string(1'100, 'x') + "\""), own_claims(lasting))));
}

TEST_F(AccessTokensTest, SignaturesOfEs256AreTwoNumbers) { // row 11
  const auto key = openssl::shared(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
  const signing_key p256(key);
  write_signing_keys(files.path("p256.pem"), {p256});
  key_ring with_p256(files.path("p256.pem"));
  access_tokens verifier{{}, with_p256, issuers};
  const auto header = json_of(R"("alg":"ES256","typ":"at+jwt","kid":")" + p256.id() + "\"");
  const auto signed_by = [&](const signer& sign) {
    return verifier.verify(forge(header, own_claims(lasting), sign), now).has_value();
  };
  EXPECT_TRUE(signed_by([&](std::string_view text) { return p256.sign(text); }));
  EXPECT_FALSE(signed_by([](std::string_view) { return std::string(64, '\0'); }));
  EXPECT_FALSE(signed_by([](std::string_view) { return std::string(64, '\xff'); }));
  EXPECT_FALSE(signed_by([&](std::string_view text) { return p256.sign(text).substr(0, 63); }));
  EXPECT_FALSE(signed_by([&](std::string_view text) { // DER, as OpenSSL signs
    const openssl::digest_context context(EVP_MD_CTX_new());
    EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get());
    std::string der(80, '\0');
    auto size = der.size();
    EVP_DigestSign(
        context.get(),
        reinterpret_cast<unsigned char*>(der.data()),
        &size,
        openssl::bytes_of(text),
        text.size()
    );
    return der.substr(0, size);
  }));
}

TEST_F(AccessTokensTest, AKeyThatWasRotatedOutVerifiesUntilTheNextRotation) {
  const auto token = tokens.issue(tenant, "usr-1", session, now);
  const auto before = ring.keys()->front().id();
  rotate_signing_keys(files.path("signing-key.pem"));
  access_tokens fresh{{}, ring, issuers}; // remembers nothing
  std::filesystem::last_write_time(
      files.path("signing-key.pem"), std::filesystem::file_time_type::clock::now() + 5s
  );
  ring.reload();

  EXPECT_NE(before, ring.keys()->front().id());
  EXPECT_TRUE(fresh.verify(token, now));
  EXPECT_TRUE(fresh.verify(fresh.issue(tenant, "usr-1", session, now), now));
  EXPECT_THAT(ring.jwk_set(), testing::HasSubstr(before)); // both are published

  rotate_signing_keys(files.path("signing-key.pem"));
  std::filesystem::last_write_time(
      files.path("signing-key.pem"), std::filesystem::file_time_type::clock::now() + 10s
  );
  ring.reload();
  EXPECT_EQ(2u, ring.keys()->size());
  EXPECT_FALSE(access_tokens({}, ring, issuers).verify(token, now));
}

TEST_F(AccessTokensTest, WhatIsRecalledWasVerified) {
  const auto token = tokens.issue(tenant, "usr-1", session, now);
  EXPECT_FALSE(tokens.recall(token, now));
  ASSERT_TRUE(is_good(token));
  const auto found = tokens.recall(token, now + 59s);
  ASSERT_TRUE(found);
  EXPECT_EQ(session, found->session);
  EXPECT_FALSE(tokens.recall(token, now + 61s));
  EXPECT_FALSE(tokens.recall(token + "x", now));
}

TEST_F(AccessTokensTest, AVerifiedTokenIsRememberedForAMinute) {
  const auto token = other(other_header(), other_claims(R"(,"nbf":1789999000)"));
  ASSERT_TRUE(is_good(token));
  // The issuer's keys are others now: what was verified is good for a minute more, not longer.
  const rsa_issuer next;
  files.write("jwks.json", R"({"keys":[)" + next.jwk("b") + "]}");
  std::filesystem::last_write_time(
      files.path("jwks.json"), std::filesystem::file_time_type::clock::now() + 5s
  );
  issuers.reload();
  EXPECT_TRUE(is_good(token, now + 59s));
  EXPECT_FALSE(is_good(token, now + 61s));
  EXPECT_FALSE(access_tokens({}, ring, issuers).verify(token, now));
}

TEST(VerifiedTokensTest, ForgetTheOlderHalf) {
  verified_tokens few(64); // two in each half of a shard
  digest key{};
  const access_token token{tenant, "usr-1", session, now, now + 900s, {}, {}};
  for (std::uint8_t i = 0; i < 5; ++i) {
    key[1] = i;
    few.remember(key, token, now);
  }
  const auto is_known = [&](std::uint8_t i) {
    key[1] = i;
    return few.find(key, now).has_value();
  };
  EXPECT_FALSE(is_known(0));
  EXPECT_FALSE(is_known(1));
  EXPECT_TRUE(is_known(2));
  EXPECT_TRUE(is_known(4));
}

/// An issuer whose keys are fetched, and who was asked for.
class FetchedKeysTest : public AccessTokensTest {
protected:
  FetchedKeysTest() {
    fetched.when_key_is_missing([this](const std::string& issuer) { asked.push_back(issuer); });
  }
  void take(const std::string& key_set) { fetched.take_keys("https://id.example", key_set); }
  bool is_believed(const std::string& header, const std::string& claims) {
    return believing.verify(other(header, claims), now).has_value();
  }

  std::vector<std::string> asked;
  external_issuers fetched{{external_issuer{
      "https://id.example",
      "tessera-app",
      {signing_algorithm::rs256},
      "acme",
      {},
      tenant,
      "https://id.example/keys"}}};
  access_tokens believing{{}, ring, fetched};
};

TEST_F(FetchedKeysTest, AKeyIsAskedForOnceItIsMissed) {
  EXPECT_FALSE(is_believed(other_header(), other_claims()));
  EXPECT_THAT(asked, testing::ElementsAre("https://id.example"));
  take(R"({"keys":[)" + rsa.jwk("a") + "]}");
  EXPECT_TRUE(is_believed(other_header(), other_claims()));
  EXPECT_EQ(1u, asked.size());
}

TEST_F(FetchedKeysTest, WhatIsOfNoUseLeavesTheKeys) {
  take(R"({"keys":[)" + rsa.jwk("a") + "]}");
  for (const auto* useless : {"", "<html>", "{}", R"({"keys":[]})", R"({"keys":[1]})", R"({"keys":{}})"})
    EXPECT_THROW(take(useless), std::runtime_error) << useless;
  EXPECT_TRUE(is_believed(other_header(), other_claims()));
}

TEST_F(FetchedKeysTest, ARotatedKeyIsGoodNoMore) {
  take(R"({"keys":[)" + rsa.jwk("a") + "]}");
  take(R"({"keys":[)" + rsa.jwk("b") + "]}");
  EXPECT_FALSE(is_believed(other_header(), other_claims()));
}

TEST_F(FetchedKeysTest, OnlyATokenThatMissesAKeyAsksForOne) {
  take(R"({"keys":[)" + rsa.jwk("a") + "]}");
  const struct {
    const char* name;
    std::string header;
    std::string claims;
  } tokens_of_others[] = {
      {"another algorithm", json_of(R"("alg":"ES256","kid":"b")"), other_claims()},
      {"another audience",
       json_of(R"("alg":"RS256","kid":"b")"),
       R"({"iss":"https://id.example","aud":"other","sub":"s-1","exp":1790000600})"},
      {"over",
       json_of(R"("alg":"RS256","kid":"b")"),
       R"({"iss":"https://id.example","aud":"tessera-app","sub":"s-1","exp":1789990000})"},
      {"another issuer",
       json_of(R"("alg":"RS256","kid":"b")"),
       R"({"iss":"https://other.example","aud":"tessera-app","sub":"s-1","exp":1790000600})"},
  };
  for (const auto& one : tokens_of_others)
    EXPECT_FALSE(is_believed(one.header, one.claims)) << one.name;
  const auto unsigned_one = forge(other_header(), other_claims(), [](std::string_view) { return "no"; });
  EXPECT_FALSE(believing.verify(unsigned_one, now));
  EXPECT_THAT(asked, testing::IsEmpty());
  // The form is right: with a key that is missing it would have asked. Where a token says its keys are is not
  // read.
  EXPECT_FALSE(
      is_believed(json_of(R"("alg":"RS256","kid":"b","jku":"https://evil.example/keys")"), other_claims())
  );
  EXPECT_THAT(asked, testing::ElementsAre("https://id.example"));
}

} // namespace tessera::http
