#include "http/auth/base64url.hpp"
#include "http/auth/tokens/compact.hpp"
#include "http/auth/tokens/public_key.hpp"
#include "http/auth/tokens/signing_key.hpp"
#include "tests/unit/http/auth/tokens/token_forge.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tessera::http {

namespace {

using testing::HasSubstr;

std::string set_of(const std::string& jwk) {
  return R"({"keys":[)" + jwk + "]}";
}

bool verifies(const public_key& key, const std::string& token) {
  const auto read = read_compact(token);
  return read && key.verify(read->signed_text, read->signature);
}

} // namespace

// RFC 8037 A.4.
TEST(PublicKeyTest, VerifiesTheExampleOfEdDsa) {
  const auto keys =
      read_key_set(set_of(R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})"
      ));
  ASSERT_EQ(1u, keys.size());
  const std::string token =
      "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
      "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
  EXPECT_TRUE(verifies(keys[0], token));
  auto other = token;
  other[30] = other[30] == 'A' ? 'B' : 'A';
  EXPECT_FALSE(verifies(keys[0], other));
}

// RFC 7515 A.3.
TEST(PublicKeyTest, VerifiesTheExampleOfEs256) {
  const auto keys =
      read_key_set(set_of(R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
                          R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})"));
  ASSERT_EQ(1u, keys.size());
  EXPECT_TRUE(verifies(
      keys[0],
      "eyJhbGciOiJFUzI1NiJ9."
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
      "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
  ));
  EXPECT_FALSE(keys[0].verify("text", std::string(64, '\0'))); // all zero
  EXPECT_FALSE(keys[0].verify("text", std::string(63, '\1')));
}

// RFC 8037 A.3.
TEST(SigningKeyTest, IsNamedByItsThumbprint) {
  const auto keys = read_signing_keys("-----BEGIN PRIVATE KEY-----\n"
                                      "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
                                      "-----END PRIVATE KEY-----\n");
  ASSERT_EQ(1u, keys.size());
  EXPECT_EQ("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", keys[0].id());
  EXPECT_THAT(keys[0].jwk(), HasSubstr(R"("x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")"));
}

TEST(SigningKeyTest, WhatItSignsItsPublicHalfVerifies) {
  const auto made = signing_key::make();
  const auto keys = read_key_set(set_of(made.jwk()));
  ASSERT_EQ(1u, keys.size());
  EXPECT_EQ(made.id(), keys[0].id());
  EXPECT_TRUE(keys[0].verify("text", made.sign("text")));
  EXPECT_FALSE(keys[0].verify("other text", made.sign("text")));
  EXPECT_EQ(made.id(), read_signing_keys(made.pem()).front().id());
}

TEST(SigningKeyTest, AlsoOfP256) {
  // openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256
  const auto keys = read_signing_keys("-----BEGIN PRIVATE KEY-----\n"
                                      "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgza/TX7OSYEWAU2Mm\n"
                                      "1S8MUhy7H2qm+QEIDII2tanPvcWhRANCAASt/MwO97ipq/E04vGtSVfBOTInYtK0\n"
                                      "sI3DaFoWv3tafjRZ7v1t9zx15/jkQtRpx5XEQk6XkSsmLwEpc1Haejd8\n"
                                      "-----END PRIVATE KEY-----\n");
  ASSERT_EQ(1u, keys.size());
  EXPECT_EQ(signing_algorithm::es256, keys[0].algorithm());
  for (int i = 0; i < 50; ++i) // numbers that begin with zeros are padded
    ASSERT_TRUE(read_key_set(set_of(keys[0].jwk())).front().verify("text", keys[0].sign("text")));
}

TEST(SigningKeyTest, RefusesOtherKinds) {
  EXPECT_THROW(read_signing_keys("no key"), std::runtime_error);
  EXPECT_THROW(read_signing_keys(rsa_issuer().public_pem()), std::runtime_error);
}

TEST(PublicKeyTest, VerifiesRs256OfStrongKeysOnly) {
  const rsa_issuer strong;
  const auto keys = read_key_set(set_of(strong.jwk("a")));
  ASSERT_EQ(1u, keys.size());
  EXPECT_EQ(signing_algorithm::rs256, keys[0].algorithm());
  EXPECT_TRUE(keys[0].verify("text", strong.sign("text")));
  EXPECT_FALSE(keys[0].verify("text", strong.sign("texts")));
  EXPECT_THROW(read_key_set(set_of(rsa_issuer(1024).jwk("a"))), std::runtime_error);
}

TEST(PublicKeyTest, LeavesKeysForOtherThingsOut) {
  const auto key = rsa_issuer().jwk("a");
  const auto with = [&](const std::string& more) {
    return set_of(key.substr(0, key.size() - 1) + more + "}");
  };
  EXPECT_EQ(1u, read_key_set(with(R"(,"use":"sig","alg":"RS256")")).size());
  EXPECT_EQ(0u, read_key_set(with(R"(,"use":"enc")")).size());
  EXPECT_EQ(0u, read_key_set(with(R"(,"alg":"RS512")")).size());
  EXPECT_EQ(0u, read_key_set(set_of(R"({"kty":"oct","k":"AAAA"})")).size());
}

TEST(PublicKeyTest, RefusesBrokenSets) {
  for (const std::string& text :
       {std::string("[]"),
        std::string(R"({"keys":{}})"),
        set_of("1"),
        set_of(R"({"kty":"OKP","crv":"Ed25519","x":"AA=="})"),
        set_of(R"({"kty":"OKP","crv":"Ed25519","x":"AAAA"})"),
        // not on the curve
        set_of(R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
               R"("y":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"})")})
    EXPECT_THROW(read_key_set(text), std::runtime_error) << text;
}

TEST(FindKeyTest, TakesTheNamedOneOrTheOnlyOne) {
  const rsa_issuer first;
  const rsa_issuer second;
  const auto both = read_key_set(R"({"keys":[)" + first.jwk("a") + "," + second.jwk("b") + "]}");
  EXPECT_EQ("b", find_key(both, "b", signing_algorithm::rs256)->id());
  EXPECT_EQ(nullptr, find_key(both, "c", signing_algorithm::rs256));
  EXPECT_EQ(nullptr, find_key(both, "b", signing_algorithm::es256)); // the key says how it signs
  EXPECT_EQ(nullptr, find_key(both, std::nullopt, signing_algorithm::rs256));
  const auto one = read_key_set(set_of(first.jwk("a")));
  EXPECT_EQ("a", find_key(one, std::nullopt, signing_algorithm::rs256)->id());
}

TEST(Base64UrlTest, HasOneSpelling) {
  EXPECT_EQ("AQID_w", encode_base64url("\x01\x02\x03\xff"));
  EXPECT_EQ("\x01\x02\x03\xff", decode_base64url("AQID_w"));
  for (const auto* text : {"AQID_w==", "AQID/w", "AQID_x", "AQID_", "A", "AQ ID", "AQID_w\n"})
    EXPECT_EQ(std::nullopt, decode_base64url(text)) << text;
}

} // namespace tessera::http
