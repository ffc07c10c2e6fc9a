#include "http/auth/tokens/external_issuers.hpp"
#include "tests/unit/http/auth/tokens/token_forge.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tessera::http {

namespace {

using testing::HasSubstr;

const tenant_id acme{*uuid::parse("019b0000-0000-7000-8000-000000000001")};

std::optional<tenant_id> tenant_named(const std::string& name) {
  return name == "acme" ? std::optional(acme) : std::nullopt;
}

/// What is wrong with a file of that text; empty: nothing.
std::string complaint_about(const std::string& text) {
  const scratch_directory files;
  try {
    read_issuers(files.write("issuers.json", text), tenant_named);
    return {};
  } catch (const std::runtime_error& why) {
    return why.what();
  }
}

constexpr auto good =
    R"({"iss":"https://id.example","aud":"a","jwksFile":"k.json","algs":["RS256"],"tenantId":"acme"})";

} // namespace

TEST(ExternalIssuersTest, ReadsWhoIsBelieved) {
  const scratch_directory files;
  const auto issuers = read_issuers(files.write("issuers.json", "[" + std::string(good) + "]"), tenant_named);
  ASSERT_EQ(1u, issuers.size());
  EXPECT_EQ("https://id.example", issuers[0].issuer);
  EXPECT_EQ("a", issuers[0].audience);
  EXPECT_EQ(acme, issuers[0].tenant);
  EXPECT_EQ(files.path("k.json"), issuers[0].key_file);        // beside the file that names it
  EXPECT_THROW(external_issuers{issuers}, std::runtime_error); // which is not there
}

TEST(ExternalIssuersTest, KnowsWhoseKeysAreFetched) {
  const scratch_directory files;
  const auto read = read_issuers(
      files.write(
          "issuers.json",
          R"([{"iss":"https://id.example","aud":"a","jwksUrl":"https://id.example/k","algs":["RS256"],"tenantId":"acme"}])"
      ),
      tenant_named
  );
  external_issuers issuers{read};
  ASSERT_EQ(1u, issuers.with_key_url().size());
  EXPECT_EQ("https://id.example/k", issuers.with_key_url()[0].key_url);
  EXPECT_EQ("", issuers.with_key_url()[0].key_file);
  issuers.reload(); // there is no file
  EXPECT_TRUE(issuers.find("https://id.example")->keys->empty());
}

TEST(ExternalIssuersTest, SaysWhatIsWrong) {
  const struct {
    const char* name;
    std::string text;
    const char* complaint;
  } files[] = {
      {"no JSON", "[", "JSON"},
      {"no array", "{}", "array"},
      {"keys without TLS",
       R"([{"iss":"i","aud":"a","jwksUrl":"http://x/k","algs":["RS256"],"tenantId":"acme"}])",
       "/0/jwksUrl: Must be an https:// address"},
      {"keys in a file with an address",
       R"([{"iss":"i","aud":"a","jwksUrl":"file:///k","algs":["RS256"],"tenantId":"acme"}])",
       "/0/jwksUrl: Must be an https:// address"},
      {"keys in two places",
       R"([{"iss":"i","aud":"a","jwksUrl":"https://x/k","jwksFile":"k","algs":["RS256"],"tenantId":"acme"}])",
       "/0/jwksFile"},
      {"no keys", R"([{"iss":"i","aud":"a","algs":["RS256"],"tenantId":"acme"}])", "jwksFile"},
      {"HS256",
       R"([{"iss":"i","aud":"a","jwksFile":"k","algs":["HS256"],"tenantId":"acme"}])",
       "RS256, ES256 or EdDSA"},
      {"no algorithm", R"([{"iss":"i","aud":"a","jwksFile":"k","algs":[],"tenantId":"acme"}])", "algs"},
      {"unknown field",
       R"([{"iss":"i","aud":"a","jwksFile":"k","algs":["RS256"],"tenantId":"acme","x":1}])",
       "/0/x"},
      {"unknown tenant",
       R"([{"iss":"i","aud":"a","jwksFile":"k","algs":["RS256"],"tenantId":"other"}])",
       "no tenant other"},
      {"twice", "[" + std::string(good) + "," + good + "]", "twice"},
  };
  for (const auto& one : files)
    EXPECT_THAT(complaint_about(one.text), HasSubstr(one.complaint)) << one.name;
}

} // namespace tessera::http
