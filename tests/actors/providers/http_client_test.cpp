#include "actors/providers/http_client.hpp"
#include "tests/support/stub_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

namespace tessera {

namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

std::future<outgoing_outcome> begin(http_client& client, outgoing_request request) {
  auto promise = std::make_shared<std::promise<outgoing_outcome>>();
  client.send(std::move(request), [promise](outgoing_outcome outcome) {
    promise->set_value(std::move(outcome));
  });
  return promise->get_future();
}

outgoing_outcome send(http_client& client, outgoing_request request) {
  auto coming = begin(client, std::move(request));
  if (coming.wait_for(20s) != std::future_status::ready) throw std::runtime_error("no outcome");
  return coming.get();
}

} // namespace

TEST(HttpClientTest, SendsWhatItIsGivenAndReturnsTheAnswer) {
  test::stub_server there;
  there.answer("/v1/things", {.status = 402, .body = "{}", .headers = {{"Request-Id", " req_1 "}}});
  http_client client;
  const auto outcome = send(
      client,
      {.method = "POST",
       .url = there.url("/v1/things"),
       .headers = {{"Idempotency-Key", "k-1"}, {"Authorization", "Bearer sk"}},
       .body = "a=1"}
  );
  EXPECT_TRUE(outcome.answered());
  EXPECT_FALSE(outcome.succeeded());
  EXPECT_EQ(402, outcome.answer.status);
  EXPECT_EQ("{}", outcome.answer.body);
  EXPECT_EQ("req_1", outcome.answer.header("request-id"));
  EXPECT_THAT(there.last_head(), HasSubstr("POST /v1/things HTTP/1.1"));
  EXPECT_THAT(there.last_head(), HasSubstr("Idempotency-Key: k-1"));
  EXPECT_THAT(there.last_head(), HasSubstr("Content-Length: 3"));
}

TEST(HttpClientTest, SendsTheOtherMethods) {
  test::stub_server there;
  there.answer("/it", {});
  http_client client;
  for (const auto* method : {"GET", "DELETE", "PUT"}) {
    EXPECT_EQ(200, send(client, {.method = method, .url = there.url("/it")}).answer.status);
    EXPECT_THAT(there.last_head(), HasSubstr(std::string(method) + " /it HTTP/1.1"));
  }
}

TEST(HttpClientTest, SendsAgainWhatMayArriveTwice) {
  test::stub_server there;
  there.answer_in_turn("/busy", {{.status = 503}, {.status = 409}, {.status = 200, .body = "done"}});
  http_client client;
  const auto outcome = send(client, {.url = there.url("/busy"), .attempts = 4});
  EXPECT_EQ("done", outcome.answer.body);
  EXPECT_EQ(3, outcome.attempts);
  EXPECT_EQ(3, there.asked("/busy"));
}

TEST(HttpClientTest, SendsOnceWhatMayNot) {
  test::stub_server there;
  there.answer("/busy", {.status = 503});
  http_client client;
  EXPECT_EQ(503, send(client, {.url = there.url("/busy")}).answer.status);
  EXPECT_EQ(1, there.asked("/busy"));
}

TEST(HttpClientTest, SaysWhyThereIsNoAnswer) {
  test::stub_server there;
  there.answer("/silent", {.is_silent = true});
  there.answer("/long", {.body = std::string(101, 'x')});
  there.answer("/moved", {.status = 302, .headers = {{"Location", there.url("/long")}}});
  http_client client;
  EXPECT_EQ(
      outgoing_failure::timed_out, send(client, {.url = there.url("/silent"), .attempt_limit = 200ms}).failure
  );
  EXPECT_EQ(outgoing_failure::too_long, send(client, {.url = there.url("/long"), .most_bytes = 100}).failure);
  EXPECT_EQ(302, send(client, {.url = there.url("/moved")}).answer.status);
  const auto nobody = "http://127.0.0.1:" + std::to_string(test::free_port());
  EXPECT_EQ(outgoing_failure::not_connected, send(client, {.url = nobody}).failure);
  there.set_away(true);
  EXPECT_EQ(outgoing_failure::lost, send(client, {.url = there.url("/long")}).failure);
}

TEST(HttpClientTest, OpensNothingThatItShouldNot) {
  test::stub_server there;
  there.answer("/inside", {});
  http_client client;
  for (const auto* url :
       {"file:///etc/hostname", "http://192.0.2.1/", "ftp://127.0.0.1/", "", "https://a@b/"})
    EXPECT_EQ(outgoing_failure::refused_address, send(client, {.url = url}).failure) << url;
  EXPECT_EQ(
      outgoing_failure::refused_address,
      send(client, {.url = there.url("/inside"), .public_addresses_only = true}).failure
  );
  EXPECT_EQ(0, there.asked("/inside"));
}

// What resolves to this machine is refused when the connection is made, whatever the name says.
TEST(HttpClientTest, ANameDoesNotHideAnAddress) {
  http_client client;
  const auto port = std::to_string(test::free_port());
  EXPECT_EQ(
      outgoing_failure::refused_address,
      send(client, {.url = "https://localhost:" + port + "/", .public_addresses_only = true}).failure
  );
}

TEST(HttpClientTest, ManyAreUnderWayAtOnce) {
  test::stub_server there;
  there.answer("/silent", {.is_silent = true});
  http_client client;
  const test::deadline until(test::milliseconds{10'000});
  std::vector<std::future<outgoing_outcome>> coming;
  for (int i = 0; i < 30; ++i)
    coming.push_back(begin(client, {.url = there.url("/silent"), .attempt_limit = 500ms}));
  for (auto& one : coming)
    EXPECT_EQ(outgoing_failure::timed_out, one.get().failure);
  EXPECT_FALSE(until.over());
}

TEST(HttpClientTest, WhatHasNoAnswerAtTheEndIsStopped) {
  test::stub_server there;
  there.answer("/silent", {.is_silent = true});
  there.answer("/busy", {.status = 503, .headers = {{"Retry-After", "20"}}});
  std::vector<std::future<outgoing_outcome>> coming;
  {
    http_client client;
    coming.push_back(begin(client, {.url = there.url("/silent")}));
    coming.push_back(begin(client, {.url = there.url("/busy"), .attempts = 2}));
    ASSERT_TRUE(test::wait_until(test::milliseconds{10'000}, [&] {
      return there.asked("/busy") == 1 && there.asked("/silent") == 1;
    }));
  }
  for (auto& one : coming)
    EXPECT_EQ(outgoing_failure::stopped, one.get().failure);
}

TEST(HttpClientTest, TakesOnlyAsMuchAsItCanHold) {
  test::stub_server there;
  there.answer("/silent", {.is_silent = true});
  http_client client({.max_queued = 1});
  auto first = begin(client, {.url = there.url("/silent"), .attempt_limit = 2s});
  EXPECT_EQ(outgoing_failure::stopped, send(client, {.url = there.url("/silent")}).failure);
  EXPECT_EQ(outgoing_failure::timed_out, first.get().failure);
  EXPECT_EQ(2u, client.statistics().failures.load());
}

} // namespace tessera
