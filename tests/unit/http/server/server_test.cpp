#include "http/server/server.hpp"
#include "server_fixture.hpp"

#include <sys/resource.h>
#include <thread>

namespace tessera::http::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST_F(ServerTest, AnswersOneRequestAfterTheOtherOnAConnection) {
  start();
  auto client = connect();
  for (int turn = 0; turn < 100; ++turn) {
    const auto answer = client.send(get("/hello")).read();
    ASSERT_EQ(answer.status, 200);
    ASSERT_EQ(answer.body, "hello");
  }
  EXPECT_EQ(statistics().connections_accepted, 1u);
  EXPECT_EQ(statistics().requests, 100u);
  EXPECT_EQ(statistics().requests_by_class[2], 100u);
}

TEST_F(ServerTest, ShowsTheRouteTheRequest) {
  start();
  auto client = connect();
  const std::string parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

  const auto answer = client.send(get("/about/x/y?q=1", "traceparent: " + parent + "\r\n")).read();

  EXPECT_EQ(answer.body, "GET /about/x/y?q=1||x|y|" + parent + "|127.0.0.1");
}

TEST_F(ServerTest, EchoesAUsableRequestIdAndMakesOneOtherwise) {
  start();
  auto client = connect();
  EXPECT_EQ(client.send(get("/hello", "X-Request-Id: mine-1\r\n")).read().headers["x-request-id"], "mine-1");
  EXPECT_EQ(
      client.send(get("/hello", "X-Request-Id: not mine\r\n")).read().headers["x-request-id"].size(), 36u
  );
  EXPECT_EQ(client.send(get("/hello")).read().headers["x-request-id"].size(), 36u);
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  start();
  auto client = connect();
  std::string all;
  for (int turn = 0; turn < 200; ++turn)
    all += post("/echo", std::to_string(turn)) + get("/hello");

  client.send(all);

  for (int turn = 0; turn < 200; ++turn) {
    ASSERT_EQ(client.read().body, std::to_string(turn));
    ASSERT_EQ(client.read().body, "hello");
  }
}

TEST_F(ServerTest, AnswersPipelinedRequestsBehindOneThatIsAnsweredLater) {
  start();
  auto client = connect();
  client.send(get("/later") + get("/hello"));
  await_waiting(1);

  release();

  EXPECT_EQ(client.read().body, "late");
  EXPECT_EQ(client.read().body, "hello");
}

TEST_F(ServerTest, ReadsARequestThatComesByteByByte) {
  start();
  auto client = connect();
  client.send_byte_by_byte(post("/echo", "body") + get("/hello"));
  EXPECT_EQ(client.read().body, "body");
  EXPECT_EQ(client.read().body, "hello");
}

TEST_F(ServerTest, ReadsChunkedBodies) {
  start();
  auto client = connect();
  const std::string head = "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  client.send(head + "5\r\nhello\r\n0\r\n\r\n" + get("/hello"));
  EXPECT_EQ(client.read().body, "hello");
  EXPECT_EQ(client.read().body, "hello");

  client.send_byte_by_byte(head + "1\r\nh\r\nA\r\n0123456789\r\n0\r\nX-T: 1\r\n\r\n" + get("/hello"));
  EXPECT_EQ(client.read().body, "h0123456789");
  EXPECT_EQ(client.read().body, "hello");

  EXPECT_EQ(client.send(head + "5\r\nhelloX\r\n0\r\n\r\n").read().status, 400);
  EXPECT_TRUE(client.ended());
}

TEST_F(ServerTest, ReadsBodiesUpToTheLimitOfTheRoute) {
  start();
  auto client = connect();
  const std::string large(4 * 1024 * 1024, 'b');
  EXPECT_EQ(client.send(post("/upload", large)).read().body, large);
  EXPECT_EQ(client.send(post("/echo", large.substr(0, 64 * 1024))).read().body.size(), 64u * 1024);

  const auto answer = client.send(post("/json", std::string(1'001, ' '))).read();

  EXPECT_EQ(answer.status, 413);
  EXPECT_THAT(answer.body, HasSubstr("body_too_large"));
}

TEST_F(ServerTest, RefusesABodyThatIsTooLargeBeforeItComes) {
  start();
  auto client = connect();
  client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999\r\n\r\n");
  const auto answer = client.read();
  EXPECT_EQ(answer.status, 413);
  EXPECT_EQ(answer.headers.at("connection"), "close");
  EXPECT_TRUE(client.ended());
}

TEST_F(ServerTest, RefusesChunksAboveTheLimit) {
  start();
  auto client = connect();
  client.send(
      "POST /json HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
  );
  client.send("3e9\r\n");
  EXPECT_EQ(client.read().status, 413);
  EXPECT_TRUE(client.ended());
}

TEST_F(ServerTest, BoundsTheMemoryOfLargeBodies) {
  start({.max_large_body_bytes = 3 * 1024 * 1024});
  auto client = connect();
  const auto answer =
      client.send("POST /upload HTTP/1.1\r\nHost: h\r\nContent-Length: 4000000\r\n\r\n").read();
  EXPECT_EQ(answer.status, 503);
  EXPECT_TRUE(answer.headers.contains("retry-after"));

  auto second = connect();
  EXPECT_EQ(second.send(post("/upload", std::string(1'000'000, 'x'))).read().status, 200);
  EXPECT_EQ(second.send(post("/upload", std::string(1'000'000, 'x'))).read().status, 200);
}

TEST_F(ServerTest, BoundsTheMemoryOfAnswersThatNobodyReads) {
  start({.max_large_body_bytes = 20 * 1024 * 1024});
  auto silent = connect();
  silent.send(get("/big", "Connection: close\r\n"));
  ASSERT_EQ(silent.read(false).status, 200); // it has begun, and the rest fills the socket

  const auto refused = connect().send(get("/big")).read();
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.headers.at("connection"), "close");
  EXPECT_THAT(refused.body, testing::HasSubstr("overloaded"));
  EXPECT_EQ(connect().send(get("/hello")).read().status, 200);

  EXPECT_GT(silent.read_to_end().size(), 15u * 1024 * 1024);
  EXPECT_EQ(connect().send(get("/big")).read().status, 200);
}

TEST_F(ServerTest, AChangeWhoseAnswerHasNoRoomIsUnknown) {
  start({.max_large_body_bytes = 1'500'000});
  const auto refused = connect().send(post("/upload", std::string(1'000'000, 'x'))).read();
  EXPECT_EQ(refused.status, 503);
  EXPECT_THAT(refused.body, testing::HasSubstr("outcome_unknown"));
}

TEST_F(ServerTest, TellsAClientThatWaitsToSendItsBody) {
  start();
  auto client = connect();
  client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read().status, 100);
  EXPECT_EQ(client.send("body").read().body, "body");
}

TEST_F(ServerTest, TellsAClientNotToSendABodyThatWouldBeRefused) {
  start();
  auto client = connect();
  client.send("POST /nowhere HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read().status, 404);
  EXPECT_TRUE(client.ended());
}

TEST_F(ServerTest, AnswersHeadAsGetWithoutBody) {
  start();
  auto client = connect();
  const auto answer = client.send("HEAD /hello HTTP/1.1\r\nHost: h\r\n\r\n").read(false);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.at("content-length"), "5");
  EXPECT_EQ(client.send(get("/hello")).read().body, "hello");
}

TEST_F(ServerTest, RefusesUnknownPathsMethodsAndTypes) {
  start();
  auto client = connect();
  EXPECT_EQ(client.send(get("/nowhere")).read().status, 404);
  EXPECT_EQ(client.send(get("/hello/")).read().status, 404);
  EXPECT_EQ(client.send(post("/nowhere", "{}")).read().status, 404);
  EXPECT_EQ(client.send("OPTIONS /nowhere HTTP/1.1\r\nHost: h\r\n\r\n").read().status, 404);
  EXPECT_EQ(client.send("TRACE /nowhere HTTP/1.1\r\nHost: h\r\n\r\n").read().status, 501);
  const auto other_method = client.send("PUT /hello HTTP/1.1\r\nHost: h\r\n\r\n").read();
  EXPECT_EQ(other_method.status, 405);
  EXPECT_EQ(other_method.headers.at("allow"), "GET, HEAD");
  const auto options = client.send("OPTIONS /hello HTTP/1.1\r\nHost: h\r\n\r\n").read(false);
  EXPECT_EQ(options.status, 204);
  EXPECT_EQ(options.headers.at("allow"), "GET, HEAD");
  client.send("POST /json HTTP/1.1\r\nHost: h\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}");
  const auto answer = client.read();
  EXPECT_EQ(answer.status, 415);
  EXPECT_EQ(answer.headers.at("content-type"), "application/problem+json");
  EXPECT_THAT(answer.body, HasSubstr("\"success\":false"));
  // All of these were read to their end: the connection is as good as before.
  EXPECT_EQ(client.send(get("/hello")).read().status, 200);
}

TEST_F(ServerTest, AnswersNothingBehindARefusedRequest) {
  start();
  for (const std::string refused :
       {"POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nContent-Length: 4\r\n\r\nbody",
        "GET /hello HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}",
        "GET /hello HTTP/1.1\r\n\r\n"}) {
    auto client = connect();
    const auto all = client.send(refused + get("/hello") + get("/hello")).read_to_end();
    EXPECT_THAT(all, StartsWith("HTTP/1.1 400 ")) << refused;
    EXPECT_EQ(all.find("HTTP/1.1 ", 1), std::string::npos) << all;
  }
  EXPECT_EQ(statistics().framing_refused, 4u);
}

TEST_F(ServerTest, AnswersHeaderBlocksThatAreTooLargeOrMany) {
  start();
  auto large = connect();
  EXPECT_EQ(large.send(get("/hello", "X-A: " + std::string(100'000, 'a') + "\r\n")).read().status, 431);
  auto many = connect();
  std::string headers;
  for (int at = 0; at < 64; ++at)
    headers += "X-" + std::to_string(at) + ": a\r\n";
  EXPECT_EQ(many.send(get("/hello", headers)).read().status, 431);
  EXPECT_TRUE(many.ended());
}

TEST_F(ServerTest, AnswersAClientThatHasEndedSending) {
  start();
  auto client = connect();
  client.send(get("/hello") + get("/later")).end_sending();
  EXPECT_EQ(client.read().body, "hello");
  await_waiting(1);
  release();
  EXPECT_EQ(client.read().body, "late");
  EXPECT_TRUE(client.ended());
}

TEST_F(ServerTest, ShrugsOffClientsThatComeAndGo) {
  start();
  for (int turn = 0; turn < 50; ++turn) {
    connect();
    connect().reset();
    auto half = connect();
    half.send("GET /hel").reset();
    auto gone = connect();
    gone.send(get("/later"));
    await_waiting(1);
    gone.reset();
    release();
  }
  EXPECT_EQ(connect().send(get("/hello")).read().status, 200);
}

TEST_F(ServerTest, ClosesWhenTheClientAsksForIt) {
  start();
  auto client = connect();
  const auto answer = client.send(get("/hello", "Connection: close\r\n")).read();
  EXPECT_EQ(answer.headers.at("connection"), "close");
  EXPECT_TRUE(client.ended());

  auto old = connect();
  EXPECT_THAT(old.send("GET /hello HTTP/1.0\r\n\r\n").read_to_end(), HasSubstr("Connection: close"));

  auto old_but_kept = connect();
  old_but_kept.send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(old_but_kept.read().headers.at("connection"), "keep-alive");
  EXPECT_EQ(old_but_kept.send(get("/hello")).read().status, 200);
}

TEST_F(ServerTest, AnswersForARouteThatDoesNot) {
  start();
  auto client = connect();
  const auto dropped = client.send(get("/dropped", "X-Request-Id: r-1\r\n")).read();
  EXPECT_EQ(dropped.status, 500);
  EXPECT_THAT(dropped.body, HasSubstr("\"requestId\":\"r-1\""));
  EXPECT_EQ(client.send(get("/throwing")).read().status, 500);
  EXPECT_EQ(client.send(get("/twice")).read().body, "first");
  EXPECT_EQ(client.send(get("/hello")).read().body, "hello");
}

TEST_F(ServerTest, TakesAnAnswerFromAnotherThread) {
  std::optional<responder> kept;
  std::mutex mutex;
  std::condition_variable arrived;
  server other{
      {.port = 0},
      {{"GET",
        "/",
        [&](request&, const responder& respond) {
          const std::lock_guard lock{mutex};
          kept = respond;
          arrived.notify_all();
        }}},
  };
  other.start();
  raw_client client{other.port()};
  client.send(get("/"));
  std::unique_lock lock{mutex};
  ASSERT_TRUE(arrived.wait_for(lock, std::chrono::seconds{10}, [&] { return kept.has_value(); }));

  (*std::exchange(kept, std::nullopt))({.body = "from outside"});

  EXPECT_EQ(client.read().body, "from outside");
}

TEST_F(ServerTest, WritesAnAnswerThatIsLargerThanTheSocketTakes) {
  start();
  auto client = connect();
  EXPECT_EQ(client.send(get("/big") + get("/hello")).read().body.size(), 16u * 1024 * 1024);
  EXPECT_EQ(client.read().body, "hello");
}

TEST_F(ServerTest, KeepsAConnectionOnItsLoop) {
  start({.threads = 3});
  std::vector<raw_client> clients;
  for (int at = 0; at < 6; ++at)
    clients.push_back(connect());
  for (auto& client : clients)
    client.send(get("/later"));
  await_waiting(6);
  release();
  for (auto& client : clients)
    EXPECT_EQ(client.read().body, "late");
  EXPECT_EQ(loops_.size(), 3u);
}

TEST_F(ServerTest, HoldsAThousandIdleConnections) {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = std::min<rlim_t>(files.rlim_max, 4'096);
  setrlimit(RLIMIT_NOFILE, &files);
  if (files.rlim_cur < 2'100) GTEST_SKIP() << "too few file descriptors";
  start();
  std::vector<raw_client> clients;
  for (int at = 0; at < 1'000; ++at)
    clients.push_back(connect());
  for (auto& client : clients)
    ASSERT_EQ(client.send(get("/hello")).read().status, 200);
  EXPECT_EQ(statistics().connections_open, 1'000);
  stop();
  EXPECT_EQ(statistics().connections_open, 0);
}

TEST_F(ServerTest, ClosesConnectionsAboveTheLimitAtOnce) {
  start({.max_connections = 2});
  auto first = connect();
  auto second = connect();
  EXPECT_EQ(first.send(get("/hello")).read().status, 200);
  EXPECT_EQ(second.send(get("/hello")).read().status, 200);
  EXPECT_TRUE(connect().ended());
  EXPECT_EQ(statistics().connections_refused, 1u);
}

TEST_F(ServerTest, DoesNotStartOnAnAddressInUse) {
  start();
  server second{{.port = server_->port()}, {}};
  EXPECT_THROW(second.start(), std::system_error);
  server nowhere{{.address = "no address", .port = 0}, {}};
  EXPECT_THROW(nowhere.start(), std::system_error);
}

TEST_F(ServerTest, RunsPeriodicJobsAndShowsTheLoop) {
  std::mutex mutex;
  std::condition_variable ticked;
  int ticks = 0;
  bool on_loop = true;
  server other{{.port = 0}, {}, [&](io_loop& loop) {
                 loop.every(std::chrono::milliseconds{1}, [&] {
                   const std::lock_guard lock{mutex};
                   on_loop = on_loop && server::current() == &loop;
                   if (++ticks == 3) throw std::runtime_error{"a periodic job survives this"};
                   ticked.notify_all();
                 });
               }};
  other.start();
  std::unique_lock lock{mutex};
  EXPECT_TRUE(ticked.wait_for(lock, std::chrono::seconds{10}, [&] { return ticks >= 5; }));
  EXPECT_TRUE(on_loop);
  EXPECT_EQ(server::current(), nullptr);
  lock.unlock();
  other.stop();
}

} // namespace
} // namespace tessera::http::test
