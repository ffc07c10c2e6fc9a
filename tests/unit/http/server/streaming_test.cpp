// Bodies that are fetched while they are written.
#include "server_fixture.hpp"

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <thread>

namespace tessera::http::test {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

/// What a test knows about the streams of its server.
struct stream_log {
  std::mutex mutex;
  std::condition_variable changed;
  std::atomic<int> asked{0}; // pieces
  std::atomic<int> open{0};  // streams
  io_loop* loop = nullptr;
  body_stream::receiver waiting; // of a piece that the test gives

  void note(int asks, int opens) {
    const std::lock_guard lock{mutex};
    asked += asks;
    open += opens;
    changed.notify_all();
  }
  template <class Condition> bool await(Condition condition) {
    std::unique_lock lock{mutex};
    return changed.wait_for(lock, std::chrono::seconds{10}, condition);
  }
};

/// Gives so many pieces of that size, and then what `end` says.
class test_stream final : public body_stream {
public:
  enum class ending { last, broken, throwing, hanging };

  test_stream(stream_log& log, int pieces, std::size_t size, ending end, std::string_view owner)
      : log_(log), left_(pieces), size_(size), end_(end), owner_(owner) {
    log_.note(0, 1);
  }
  ~test_stream() override { log_.note(0, -1); }
  std::string_view owner() const override { return owner_; }

  void next(receiver deliver) override {
    if (left_-- > 0) {
      log_.note(1, 0);
      return deliver(piece{std::string(size_, 'x'), left_ == 0 && end_ == ending::last});
    }
    if (end_ == ending::throwing) throw std::runtime_error{"broken"};
    if (end_ == ending::broken) return deliver(std::nullopt);
    {
      const std::lock_guard lock{log_.mutex};
      log_.loop = server::current();
      log_.waiting = std::move(deliver);
    }
    log_.note(1, 0);
  }

private:
  stream_log& log_;
  int left_;
  std::size_t size_;
  ending end_;
  std::string owner_;
};

class StreamingTest : public testing::Test {
protected:
  ~StreamingTest() override {
    log.waiting = nullptr;
    if (server_) server_->stop();
  }

  void start(int pieces, std::size_t size, test_stream::ending end, server_options options = {}) {
    options.port = 0;
    options.max_wait = std::chrono::minutes{1};
    const auto streamed = [this, pieces, size, end](request& request, const responder& respond) {
      response answer{.content_type = "text/plain"};
      answer.stream =
          std::make_shared<test_stream>(log, pieces, size, end, request.header("X-Owner").value_or(""));
      respond(std::move(answer));
    };
    const auto hello = [](request&, const responder& respond) { respond({.body = "hello"}); };
    server_ = std::make_unique<server>(
        options, std::vector<route>{{"GET", "/stream", streamed}, {"GET", "/hello", hello}}
    );
    server_->start();
  }
  raw_client connect() { return raw_client{server_->port()}; }
  /// Gives the piece that a hanging stream was asked for.
  void give(std::optional<body_stream::piece> piece) {
    ASSERT_TRUE(log.await([this] { return log.waiting != nullptr; }));
    body_stream::receiver deliver;
    {
      const std::lock_guard lock{log.mutex};
      deliver = std::exchange(log.waiting, nullptr);
    }
    log.loop->post([deliver = std::move(deliver), piece = std::move(piece)] { deliver(piece); });
  }

  stream_log log;
  std::unique_ptr<server> server_;
};

using ending = test_stream::ending;
const std::string close_header = "Connection: close\r\n";

TEST_F(StreamingTest, PiecesAreChunks) {
  start(3, 17, ending::last);
  auto client = connect();
  const auto text = client.send(get("/stream", close_header)).read_to_end();
  const auto chunk = "11\r\n" + std::string(17, 'x') + "\r\n";
  EXPECT_THAT(text, HasSubstr("Transfer-Encoding: chunked\r\n"));
  EXPECT_THAT(text, Not(HasSubstr("Content-Length")));
  EXPECT_THAT(text, EndsWith("\r\n\r\n" + chunk + chunk + chunk + "0\r\n\r\n"));
  EXPECT_TRUE(log.await([this] { return log.open == 0; }));
}

TEST_F(StreamingTest, TheConnectionGoesOnAfterwards) {
  start(1, 5, ending::last);
  auto client = connect();
  const auto text = client.send(get("/stream") + get("/hello", close_header)).read_to_end();
  EXPECT_THAT(text, HasSubstr("5\r\nxxxxx\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(text, EndsWith("hello"));
}

TEST_F(StreamingTest, AnEmptyPieceIsNotTheEnd) {
  start(2, 0, ending::last);
  const auto text = connect().send(get("/stream", close_header)).read_to_end();
  EXPECT_THAT(text, EndsWith("\r\n\r\n0\r\n\r\n"));
  EXPECT_EQ(std::count(text.begin(), text.end(), '0') > 0, true);
}

TEST_F(StreamingTest, APartIsNotTakenForTheWhole) {
  for (const auto end : {ending::broken, ending::throwing}) {
    start(2, 5, end);
    const auto text = connect().send(get("/stream")).read_to_end();
    EXPECT_THAT(text, EndsWith("5\r\nxxxxx\r\n5\r\nxxxxx\r\n"));
    EXPECT_TRUE(log.await([this] { return log.open == 0; }));
    server_->stop();
  }
}

TEST_F(StreamingTest, Http10EndsWithTheConnection) {
  start(2, 5, ending::last);
  const auto text = connect().send("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").read_to_end();
  EXPECT_THAT(text, Not(HasSubstr("chunked")));
  EXPECT_THAT(text, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(text, EndsWith("\r\n\r\nxxxxxxxxxx"));
}

TEST_F(StreamingTest, HeadFetchesNothing) {
  start(2, 5, ending::last);
  const auto text =
      connect().send("HEAD /stream HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").read_to_end();
  EXPECT_THAT(text, HasSubstr("Transfer-Encoding: chunked\r\n"));
  EXPECT_THAT(text, EndsWith("\r\n\r\n"));
  EXPECT_EQ(log.asked, 0);
}

TEST_F(StreamingTest, TheNextPieceWaitsForTheClient) {
  constexpr int pieces = 64;
  start(pieces, 1024 * 1024, ending::last);
  auto client = connect();
  client.send(get("/stream", close_header));
  ASSERT_TRUE(log.await([this] { return log.asked > 0; }));
  auto other = connect();
  for (int i = 0; i < 50; ++i) // the loop is free, and time passes for it
    EXPECT_EQ(other.send(get("/hello")).read().body, "hello");
  EXPECT_LT(log.asked, pieces / 2) << "more than socket buffers hold was fetched";
  EXPECT_GT(client.read_to_end().size(), std::size_t{pieces} * 1024 * 1024);
  EXPECT_EQ(log.asked, pieces);
}

TEST_F(StreamingTest, ASlowReaderIsDropped) {
  start(64, 1024 * 1024, ending::last, {.header_timeout = std::chrono::milliseconds{200}});
  auto client = connect();
  client.send(get("/stream"));
  EXPECT_TRUE(log.await([this] { return log.asked > 0 && log.open == 0; }));
  EXPECT_THAT(client.read_to_end(), Not(EndsWith("0\r\n\r\n")));
}

TEST_F(StreamingTest, WhoGoesAwayEndsTheStream) {
  start(64, 1024 * 1024, ending::last);
  auto client = connect();
  client.send(get("/stream"));
  ASSERT_TRUE(log.await([this] { return log.asked > 0; }));
  client.reset();
  EXPECT_TRUE(log.await([this] { return log.open == 0; }));
}

TEST_F(StreamingTest, APieceMayComeLater) {
  start(1, 5, ending::hanging);
  auto client = connect();
  client.send(get("/stream", close_header));
  give(body_stream::piece{"later", false});
  give(body_stream::piece{"last", true});
  EXPECT_THAT(client.read_to_end(), EndsWith("5\r\nlater\r\n4\r\nlast\r\n0\r\n\r\n"));
}

TEST_F(StreamingTest, APieceThatNeverComesEndsTheConnection) {
  start(1, 5, ending::hanging, {.header_timeout = std::chrono::milliseconds{100}});
  EXPECT_THAT(connect().send(get("/stream")).read_to_end(), EndsWith("5\r\nxxxxx\r\n"));
}

TEST_F(StreamingTest, DrainingWaitsForTheBodyAndNotForEver) {
  start(1, 5, ending::hanging, {.drain_timeout = std::chrono::milliseconds{300}});
  auto finishing = connect();
  finishing.send(get("/stream"));
  ASSERT_TRUE(log.await([this] { return log.waiting != nullptr; }));
  std::thread stopping([this] { server_->stop(); });
  give(body_stream::piece{"last", true});
  EXPECT_THAT(finishing.read_to_end(), EndsWith("4\r\nlast\r\n0\r\n\r\n"));
  stopping.join();

  start(1, 5, ending::hanging, {.drain_timeout = std::chrono::milliseconds{100}});
  auto hanging = connect();
  hanging.send(get("/stream"));
  ASSERT_TRUE(log.await([this] { return log.waiting != nullptr; }));
  server_->stop();
  EXPECT_THAT(hanging.read_to_end(), EndsWith("5\r\nxxxxx\r\n"));
}

TEST_F(StreamingTest, TooManyAreRefused) {
  start(1, 5, ending::hanging, {.max_streams = 1});
  auto first = connect();
  first.send(get("/stream", close_header));
  ASSERT_TRUE(log.await([this] { return log.waiting != nullptr; }));
  const auto refused = connect().send(get("/stream")).read();
  EXPECT_EQ(refused.status, 503);
  EXPECT_TRUE(refused.headers.contains("retry-after"));
  give(body_stream::piece{"last", true});
  EXPECT_THAT(first.read_to_end(), EndsWith("0\r\n\r\n"));
  auto third = connect();
  third.send(get("/stream", close_header));
  give(body_stream::piece{"last", true});
  EXPECT_THAT(third.read_to_end(), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(StreamingTest, NobodyTakesAllThatThereAre) {
  start(64, 1024 * 1024, ending::last, {.max_streams = 3, .max_streams_of_one = 1});
  auto first = connect();
  first.send(get("/stream", "X-Owner: a\r\n"));
  ASSERT_TRUE(log.await([this] { return log.asked > 0; }));
  EXPECT_EQ(connect().send(get("/stream", "X-Owner: a\r\n")).read().status, 503);
  EXPECT_EQ(connect().send(get("/stream", "X-Owner: b\r\n")).read(false).status, 200);

  first.reset();
  EXPECT_TRUE(log.await([this] { return log.open == 0; }));
  EXPECT_EQ(connect().send(get("/stream", "X-Owner: a\r\n")).read(false).status, 200);
}

} // namespace
} // namespace tessera::http::test
