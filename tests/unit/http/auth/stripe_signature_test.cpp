#include "http/auth/stripe_signature.hpp"
#include "tests/support/stripe_signing.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace tessera::http {

namespace {

constexpr std::int64_t now = 1'764'500'000;
const std::string body = R"({"id":"evt_1"})";
const std::vector<std::string> secrets{"whsec_new", "whsec_old"};

std::string v1(const std::string& secret, std::int64_t time, const std::string& of = body) {
  return test::stripe_v1(of, secret, time);
}

std::string header(const std::string& secret, std::int64_t time = now) {
  return "t=" + std::to_string(time) + ",v1=" + v1(secret, time);
}

signature verdict(const std::string& of, const std::string& text = body) {
  return verify_stripe_signature(text, of, secrets, now);
}

} // namespace

// Made by another program: printf '1764500000.{"id":"evt_1"}' | openssl dgst -sha256 -hmac whsec_new
TEST(StripeSignatureTest, IsThatOfOthers) {
  EXPECT_EQ("d92903b9567a36d40b87058606a7e798b28fba5696910548ef6f3d412415d36b", v1("whsec_new", now));
}

TEST(StripeSignatureTest, AnySecretMaySign) {
  EXPECT_EQ(signature::good, verdict(header("whsec_new")));
  EXPECT_EQ(signature::good, verdict(header("whsec_old")));
  EXPECT_EQ(signature::good, verdict(header("whsec_new") + ",v1=" + v1("whsec_old", now)));
  EXPECT_EQ(
      signature::good,
      verdict(
          "t=" + std::to_string(now) + ",v1=" + v1("another", now) + ",v1=" + v1("whsec_old", now) + ",v0=1"
      )
  );
}

TEST(StripeSignatureTest, NobodyElseMay) {
  EXPECT_EQ(signature::no_match, verdict(header("another")));
  EXPECT_EQ(signature::no_match, verdict(header("")));
  EXPECT_EQ(signature::no_match, verdict(header("whsec_new"), body + " "));
  EXPECT_EQ(signature::no_match, verify_stripe_signature(body, header("whsec_new"), {}, now));
  const std::vector<std::string> empty{""};
  EXPECT_EQ(signature::no_match, verify_stripe_signature(body, header(""), empty, now));
}

TEST(StripeSignatureTest, IsNoOlderAndNoYoungerThanFiveMinutes) {
  for (const std::int64_t off : {-300, -1, 0, 1, 300})
    EXPECT_EQ(signature::good, verdict(header("whsec_new", now + off))) << off;
  for (const std::int64_t off : {-301, 301, -1'000'000})
    EXPECT_EQ(signature::too_old, verdict(header("whsec_new", now + off))) << off;
}

TEST(StripeSignatureTest, WithoutTimeOrV1ThereIsNone) {
  const auto time = "t=" + std::to_string(now);
  const auto mac = v1("whsec_new", now);
  for (const auto& none :
       {std::string(),
        std::string("x"),
        time,
        time + ",v1=",
        time + ",v0=" + mac,
        "v1=" + mac,
        "t=,v1=" + mac,
        "t=-5,v1=" + mac,
        "t=1e9,v1=" + mac,
        time + ",v1=" + mac.substr(1),
        time + ",v1=" + mac + "0",
        time + ",v1=" + std::string(64, 'z')})
    EXPECT_EQ(signature::malformed, verdict(none)) << none;
}

} // namespace tessera::http
