#include "actors/providers/fetch.hpp"
#include "tests/support/process.hpp"
#include "tests/support/stub_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <stdexcept>

namespace tessera {

namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

bool go_on() {
  return false;
}

/// Why nothing came; empty: something did.
std::string failure_of(const std::string& url, const fetch_limits& limits = {}) {
  try {
    fetch(url, limits, go_on);
    return {};
  } catch (const std::runtime_error& why) {
    return why.what();
  }
}

} // namespace

TEST(FetchTest, ReturnsWhatStandsThere) {
  test::stub_server there;
  there.answer("/keys", {.body = "0123456789"});
  EXPECT_EQ("0123456789", fetch(there.url("/keys"), {.bytes = 10}, go_on));
  EXPECT_EQ("0123456789", fetch(there.url("/keys?of=acme"), {}, go_on));
  EXPECT_EQ(2, there.asked("/keys"));
}

TEST(FetchTest, SaysWhyNothingCame) {
  test::stub_server there;
  there.answer("/moved", {.status = 302, .headers = {{"Location", there.url("/elsewhere")}}});
  there.answer("/elsewhere", {.body = "keys"});
  there.answer("/broken", {.status = 500, .body = "a secret of theirs"});
  there.answer("/long", {.body = std::string(64 * 1024 + 1, 'x')});
  there.answer("/silent", {.is_silent = true});
  EXPECT_EQ("the answer is 302, not 200", failure_of(there.url("/moved")));
  EXPECT_EQ(0, there.asked("/elsewhere"));
  EXPECT_EQ("the answer is 404, not 200", failure_of(there.url("/missing")));
  EXPECT_EQ("the answer is 500, not 200", failure_of(there.url("/broken")));
  EXPECT_EQ("it is longer than 65536 bytes", failure_of(there.url("/long")));
  EXPECT_THAT(failure_of(there.url("/silent"), {.time = 200ms}), HasSubstr("Timeout"));
  there.set_away(true);
  EXPECT_NE("", failure_of(there.url("/keys")));
}

TEST(FetchTest, EndsWhenItIsTold) {
  test::stub_server there;
  there.answer("/silent", {.is_silent = true});
  const test::deadline until(test::milliseconds{30'000});
  EXPECT_THROW(fetch(there.url("/silent"), {.time = 60s}, [] { return true; }), std::runtime_error);
  EXPECT_FALSE(until.over());
}

TEST(FetchTest, OpensNothingElse) {
  for (const auto* url : {"file:///etc/hostname", "http://192.0.2.1/keys", "ftp://127.0.0.1/keys", ""})
    EXPECT_EQ("nothing is fetched from such an address", failure_of(url)) << url;
}

// A server that signed its certificate itself: OpenSSL's own.
TEST(FetchTest, VerifiesTheCertificate) {
  const auto directory = test::make_temporary_directory();
  const auto port = std::to_string(test::free_port());
  const auto openssl = [](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"/usr/bin/env", "openssl"});
    return test::process_options{.command = std::move(arguments), .environment = {}, .output_file = {}};
  };
  const auto made = test::run(openssl(
      {"req",
       "-x509",
       "-newkey",
       "ec",
       "-pkeyopt",
       "ec_paramgen_curve:P-256",
       "-nodes",
       "-subj",
       "/CN=127.0.0.1",
       "-addext",
       "subjectAltName=IP:127.0.0.1",
       "-keyout",
       directory + "/key.pem",
       "-out",
       directory + "/certificate.pem"}
  ));
  ASSERT_TRUE(made.ok()) << made.output;
  test::process server(openssl(
      {"s_server",
       "-accept",
       "127.0.0.1:" + port,
       "-cert",
       directory + "/certificate.pem",
       "-key",
       directory + "/key.pem",
       "-www"}
  ));
  ASSERT_TRUE(server.wait_for_output("ACCEPT", test::milliseconds{10'000})) << server.output();
  EXPECT_THAT(failure_of("https://127.0.0.1:" + port + "/"), HasSubstr("certificate"));
  std::filesystem::remove_all(directory);
}

} // namespace tessera
