#pragma once

#include "http/routing/problem.hpp"
#include "http/routing/request.hpp"
#include "http/server/asio.hpp"
#include "http/server/byte_queue.hpp"
#include "http/server/decoder.hpp"
#include "http/server/framing.hpp"
#include "http/server/io_thread.hpp"
#include "http/server/loop_member.hpp"

#include <memory>
#include <optional>
#include <string>

namespace tessera::http {

/// One client: reads a request, has it answered, writes the answer, and begins again. It handles one request
/// at a time; what the client sends ahead waits in `input_` and in the socket. Lives on one loop.
class connection final : public loop_member, public std::enable_shared_from_this<connection> {
public:
  connection(std::shared_ptr<io_thread> loop, tcp_socket socket, std::string remote_address);

  void start();

  void tick(std::int64_t now_us) override;
  void drain() override;
  void abort() override;

  /// The answer of request number `serial`. Late and second ones are ignored.
  void answered(std::uint64_t serial, response answer);
  /// The route of request number `serial` broke: 500.
  void failed(std::uint64_t serial);
  io_thread& loop() { return *loop_; }

private:
  enum class sent { all, part, nothing };

  static awaitable<void> live(std::shared_ptr<connection> self);
  awaitable<void> run();
  awaitable<bool> serve();
  awaitable<bool> read_body(decoder::progress progress);
  awaitable<bool> answer_early(response answer, bool shed);
  awaitable<void> refuse(framing_refusal why);
  awaitable<bool> send_rest();
  awaitable<bool> send_stream();
  awaitable<bool> fetch_piece();
  awaitable<bool> discard(std::uint64_t bytes);
  awaitable<void> pause();
  bool has_more() const;
  awaitable<void> linger();

  bool await_bytes();
  void begin_request();
  std::optional<response> judge_head(bool& shed);
  bool must_shed();
  void look_who_calls();
  bool reserve_body(const route& found);
  bool reserve_answer(const response& answer);
  problem overload() const;
  problem untold() const;
  decoder::progress decode_what_is_there();
  void call_route();
  sent send_answer();
  sent send(const response& answer);
  void piece_arrived(std::uint64_t serial, std::optional<body_stream::piece> piece);
  void end_stream();
  void finish_request();
  void reset();
  void close();

  std::shared_ptr<io_thread> loop_;
  tcp_socket socket_;

  // Waiting: at most one of a socket operation, a pause, an answer.
  std::int64_t deadline_us_ = 0; // 0: none
  bool expired_ = false;         // the last wait was ended by its deadline
  bool between_ = false;         // two requests: nothing of one was taken in that is complete
  bool paused_ = false;
  bool impatient_ = false;  // the client was shed, and asked again before it should
  unsigned offences_ = 0;   // how often it did, in a row
  std::uint64_t owner_ = 0; // whose calls came last, in an overload
  bool is_shared_ = false;  // calls of several came: a proxy's
  bool aborted_ = false;
  wake_up wake_;

  byte_queue input_;
  framing_gate gate_;
  std::optional<decoder> decoder_;
  std::size_t used_ = 0;     // bytes of input_ that belong to the request
  std::string body_;         // when it did not arrive in one piece
  std::string behind_body_;  // what came after such a body
  std::size_t reserved_ = 0; // bytes of large bodies, accounted for in the loop
  std::int64_t head_deadline_us_ = 0;

  request request_;
  std::string_view origin_;  // of the page that calls, when it may; in the options
  std::uint64_t caller_ = 0; // what it shows, as a hash; 0: nobody asked
  const route* route_ = nullptr;
  std::uint64_t serial_ = 0;
  bool answered_ = true;
  bool closing_ = false; // after this answer
  response answer_;
  std::string unsent_;
  std::shared_ptr<body_stream> stream_;
  std::optional<body_stream::piece> piece_; // of a streamed body: the one that is to be written next
  bool piece_missing_ = false;              // the stream was asked and has not answered
  bool streaming_ = false;                  // accounted for in the loop
  unsigned in_a_row_ = 0;                   // requests without a wait between them
};

/// Empties the text; memory of an unusual request is not kept by a connection that may then be idle for long.
void recycle(std::string& text);

framing_refusal timed_out();

} // namespace tessera::http
