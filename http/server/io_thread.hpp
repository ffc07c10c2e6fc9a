#pragma once

#include "http/server/asio.hpp"
#include "http/server/core.hpp"
#include "http/server/fair_shares.hpp"
#include "http/server/overload_guard.hpp"
#include "http/server/reply.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace tessera::http {

class loop_member;

/// One io loop and its thread, the connections that live on it, and how loaded it is. All but `post`,
/// `every`, `start`, `stop` and `is_current` is for its own thread.
class io_thread final : public io_loop, public std::enable_shared_from_this<io_thread> {
public:
  io_thread(std::shared_ptr<server_core> core, unsigned index);
  ~io_thread() override;

  void post(std::function<void()> job) override;
  void every(std::chrono::milliseconds period, std::function<void()> tick) override;
  unsigned index() const override { return index_; }

  void start();
  /// Ends the loop, joins its thread and runs what was posted too late.
  void stop();
  /// The loop whose thread runs the caller.
  static io_thread* current();
  bool is_current() const { return current() == this; }
  bool stopped() const { return context_.stopped(); }

  executor get_executor() { return context_.get_executor(); }
  server_core& core() { return *core_; }
  const server_options& options() const { return core_->options; }

  void add(loop_member& joined);
  void remove(loop_member& left);
  /// Closes what is idle and lets what is busy finish.
  void drain();
  bool draining() const { return draining_; }
  /// Closes everything.
  void abort();

  /// Whether a new request should be refused at once. `impatient`: its client was refused and did not wait.
  bool must_shed(std::uint64_t caller, bool impatient, std::int64_t now_us);
  bool is_overloaded() const { return guard_.is_overloaded(); }
  /// Whose the caller's calls are.
  std::uint64_t owner_of(std::uint64_t caller) const { return shares_.owner_of(caller); }
  void learn(std::uint64_t caller, std::uint64_t owner) { shares_.learn(caller, owner); }
  void request_started() { guard_.started(); }
  void request_ended() { guard_.ended(); }
  void client_held_back() { guard_.held_back(); }
  void client_let_go() { guard_.let_go(); }

  /// Accounts for the memory of a large body; false when too many are under way.
  bool reserve_body(std::size_t bytes);
  void release_body(std::size_t bytes) { large_bodies_ -= bytes; }

  /// Accounts for the pieces that a streamed body holds; false when too many are under way, or too many of
  /// the owner's.
  bool begin_stream(std::string_view owner);
  void end_stream(std::string_view owner);

  std::string_view date() { return date_.now(); }
  /// A number below `range` that spreads clients which would otherwise return together.
  std::uint32_t jitter(std::uint32_t range);
  /// Where replies are put together; every connection uses it between two of its waits only.
  std::string& output() { return output_; }

private:
  void run();
  void schedule_tick();
  void tick();
  void schedule_probe();

  std::shared_ptr<server_core> core_;
  unsigned index_;
  asio::io_context context_{1};
  asio::executor_work_guard<executor> work_;
  steady_timer tick_timer_;
  steady_timer probe_timer_;
  descriptor always_ready_;
  std::vector<std::shared_ptr<steady_timer>> periodic_;
  std::thread thread_;

  std::vector<loop_member*> members_;
  bool draining_ = false;
  overload_guard guard_;
  fair_shares shares_;
  std::size_t large_bodies_ = 0;
  std::size_t streams_ = 0;
  std::map<std::string, std::size_t, std::less<>> streams_of_;
  std::uint32_t jitter_ = 0;
  date_clock date_;
  std::string output_;
};

} // namespace tessera::http
