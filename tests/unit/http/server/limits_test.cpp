#include "server_fixture.hpp"

#include <future>
#include <sys/resource.h>
#include <unistd.h>

namespace tessera::http::test {
namespace {

using std::chrono::milliseconds;

server_options with_short_times() {
  return {
      .header_timeout = milliseconds{60},
      .idle_timeout = milliseconds{60},
      .drain_timeout = milliseconds{100}};
}

TEST_F(ServerTest, ClosesSilentlyOnAClientThatNeverSpoke) {
  start(with_short_times());
  EXPECT_EQ(connect().read_to_end(), "");
}

TEST_F(ServerTest, TellsAClientThatItsHeaderTakesTooLong) {
  start(with_short_times());
  auto client = connect();
  const auto answer = client.send("GET /hello HTTP/1.1\r\nHos").read();
  EXPECT_EQ(answer.status, 408);
  EXPECT_EQ(answer.headers.at("connection"), "close");
  EXPECT_TRUE(client.ended());
}

TEST_F(ServerTest, ClosesAConnectionThatIsIdleBetweenRequests) {
  start({.idle_timeout = milliseconds{60}});
  auto client = connect();
  EXPECT_EQ(client.send(get("/hello")).read().status, 200);
  EXPECT_EQ(client.read_to_end(), "");
}

TEST_F(ServerTest, TellsAClientThatItsBodyTakesTooLong) {
  start(with_short_times());
  auto client = connect();
  client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\nhalf");
  EXPECT_EQ(client.read().status, 408);
  EXPECT_TRUE(client.ended());
}

TEST_F(ServerTest, DropsAClientThatDoesNotReadItsAnswer) {
  start({.header_timeout = milliseconds{60}, .drain_timeout = milliseconds{60'000}});
  auto client = connect();
  client.send(get("/big"));

  // Draining waits for the connection, and ends because the server gives that client up.
  stop();

  EXPECT_EQ(statistics().connections_open, 0);
  EXPECT_LT(client.read_to_end().size(), 16u * 1024 * 1024);
}

TEST_F(ServerTest, DropsAClientThatStallsAfterAFastStart) {
  start({.header_timeout = milliseconds{400}});
  auto client = connect();
  client.send(
      "POST /upload HTTP/1.1\r\nHost: h\r\nContent-Length: 4000000\r\n\r\n" + std::string(200'000, 'x')
  );
  EXPECT_EQ(client.read().status, 408);
}

TEST_F(ServerTest, AcceptsAgainWhenItHadRunOutOfDescriptors) {
  start();
  rlimit usual{};
  getrlimit(RLIMIT_NOFILE, &usual);
  const int next = ::dup(0);
  ::close(next);
  // The client takes the last descriptor: none is left to accept it with.
  const rlimit none{static_cast<rlim_t>(next) + 1, usual.rlim_max};
  setrlimit(RLIMIT_NOFILE, &none);
  auto client = connect();
  client.send(get("/hello"));
  setrlimit(RLIMIT_NOFILE, &usual);

  EXPECT_EQ(client.read().status, 200);
}

TEST_F(ServerTest, ConnectionsLeaveTheLastDescriptorsToOthers) {
  start();
  auto early = connect();
  EXPECT_EQ(early.send(get("/hello")).read().status, 200);
  rlimit usual{};
  getrlimit(RLIMIT_NOFILE, &usual);
  const int next = ::dup(0);
  ::close(next);
  const rlimit few{static_cast<rlim_t>(next) + 32, usual.rlim_max};
  setrlimit(RLIMIT_NOFILE, &few);
  auto late = connect();

  EXPECT_TRUE(late.ended());
  EXPECT_EQ(statistics().connections_refused, 1u);
  EXPECT_EQ(early.send(get("/hello")).read().status, 200);
  setrlimit(RLIMIT_NOFILE, &usual);
  EXPECT_EQ(connect().send(get("/hello")).read().status, 200);
}

TEST_F(ServerTest, ShedsWhenTooManyRequestsWait) {
  start({.max_in_flight = 2});
  auto first = connect();
  auto second = connect();
  first.send(get("/later"));
  second.send(get("/later"));
  await_waiting(2);

  auto third = connect();
  const auto answer = third.send(post("/json", "{}")).read();
  EXPECT_EQ(answer.status, 503);
  EXPECT_FALSE(answer.headers.contains("connection"));
  const auto seconds = std::stoi(answer.headers.at("retry-after"));
  EXPECT_GE(seconds, 1);
  EXPECT_LE(seconds, 3);
  EXPECT_EQ(connect().send(get("/healthz")).read().status, 200);
  EXPECT_EQ(statistics().requests_shed, 1u);

  release();
  EXPECT_EQ(first.read().body, "late");
  EXPECT_EQ(second.read().body, "late");
  // Its next request is read when the pause is over; nothing was lost.
  EXPECT_EQ(third.send(get("/hello")).read().body, "hello");
}

TEST_F(ServerTest, ReadsOverTheBodyOfAShedRequest) {
  start({.max_in_flight = 1});
  auto first = connect();
  first.send(get("/later"));
  await_waiting(1);
  auto second = connect();
  second.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n12345");
  EXPECT_EQ(second.read().status, 503);

  release();

  EXPECT_EQ(first.read().status, 200);
  second.send("67890" + get("/hello"));
  EXPECT_EQ(second.read().body, "hello");
}

TEST_F(ServerTest, ShedsWhenTheLoopIsBehind) {
  start({.max_wait = milliseconds{2}});
  auto client = connect();
  // A job that keeps the loop busy again and again: probes come late, one after the other.
  std::atomic<bool> busy{true};
  std::function<void()> burn = [&] {
    const auto until = std::chrono::steady_clock::now() + milliseconds{10};
    while (std::chrono::steady_clock::now() < until) {
    }
    if (busy) loops_[0]->post(burn);
  };
  loops_[0]->post(burn);
  int status = 200;
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  while (status == 200 && std::chrono::steady_clock::now() < limit)
    status = client.send(get("/hello")).read().status;
  busy = false;

  EXPECT_EQ(status, 503);
  EXPECT_GE(statistics().requests_shed, 1u);
  EXPECT_GT(statistics().loop_lag_us, 0);
  stop();
}

/// Nothing was promised to a client whose request has not come in: it would hold up the others.
TEST_F(ServerTest, ADrainDoesNotWaitForTheRestOfAHead) {
  start({.header_timeout = std::chrono::minutes{2}, .drain_timeout = std::chrono::minutes{2}});
  auto client = connect();
  EXPECT_EQ(client.send(get("/hello") + "GET /hello HTT").read().status, 200);

  auto stopped = std::async(std::launch::async, [this] { server_->stop(); });

  EXPECT_EQ(stopped.wait_for(std::chrono::seconds{10}), std::future_status::ready);
  EXPECT_TRUE(client.ended());
}

TEST_F(ServerTest, WhoComesBeforeItAcceptsIsServedThen) {
  listening_socket door{"127.0.0.1", 0};
  raw_client early{door.port()};
  early.send(get("/hello"));
  EXPECT_THROW((listening_socket{"127.0.0.1", door.port()}), std::system_error);

  const auto hello = [](request&, const responder& respond) { respond({.body = "hello"}); };
  server_ = std::make_unique<server>(
      server_options{.max_wait = std::chrono::minutes{1}}, std::vector<route>{{"GET", "/hello", hello}}
  );
  server_->start(std::move(door));

  EXPECT_EQ(early.read().body, "hello");
}

TEST_F(ServerTest, FinishesWhatIsInFlightBeforeItStops) {
  start();
  auto idle = connect();
  EXPECT_EQ(idle.send(get("/hello")).read().status, 200);
  auto busy = connect();
  busy.send(get("/later") + get("/hello"));
  await_waiting(1);

  auto stopped = std::async(std::launch::async, [this] { server_->stop(); });

  EXPECT_TRUE(idle.ended());
  release();
  const auto answer = busy.read();
  EXPECT_EQ(answer.body, "late");
  EXPECT_EQ(answer.headers.at("connection"), "close");
  EXPECT_TRUE(busy.ended());
  stopped.get();
  EXPECT_EQ(statistics().connections_open, 0);
  EXPECT_THROW(connect(), std::runtime_error);
}

TEST_F(ServerTest, DoesNotWaitForEverForARouteThatHangs) {
  start(with_short_times());
  auto client = connect();
  client.send(get("/later"));
  await_waiting(1);

  server_->stop();

  EXPECT_TRUE(client.ended());
  EXPECT_EQ(statistics().connections_open, 0);
  release(); // too late, and harmless
}

TEST_F(ServerTest, EndsAPauseWhenItStops) {
  start({.max_in_flight = 1, .drain_timeout = milliseconds{10'000}});
  auto first = connect();
  first.send(get("/later"));
  await_waiting(1);
  auto paused = connect();
  EXPECT_EQ(paused.send(get("/hello")).read().status, 503);

  auto stopped = std::async(std::launch::async, [this] { server_->stop(); });

  EXPECT_TRUE(paused.ended());
  release();
  EXPECT_EQ(first.read().status, 200);
  stopped.get();
}

} // namespace
} // namespace tessera::http::test
