#pragma once

#include "http/loop_unit.hpp"
#include "http/server/server.hpp"

#include <caf/message.hpp>
#include <caf/monitorable_actor.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

namespace tessera::http {

/// Asks actors on behalf of one io loop. It is an actor without a mailbox: whoever answers puts the answer
/// into a list, and the loop is woken once for as many as arrive together. Requests are slots in a table; a
/// slot's generation is part of the request's id, so that a late answer finds nobody.
class bridge final : public caf::monitorable_actor {
public:
  /// Called on the loop with the answer, or with an empty message when the time was up.
  using handler = std::function<void(caf::message)>;

  bridge(caf::actor_config& config, io_loop& loop);

  const char* name() const override { return "bridge"; }
  /// Names a handler for an answer that `complete` will bring. On the loop only.
  std::uint64_t expect(std::chrono::milliseconds patience, handler done);
  /// Brings the answer; late ones find nobody. From any thread.
  void complete(std::uint64_t id, caf::message answer);

  /// Asks an actor. On the loop only.
  void request(
      const caf::strong_actor_ptr& to, caf::message content, std::chrono::milliseconds patience, handler done
  );
  std::size_t waiting() const { return slots_.size() - free_.size(); }

  /// From any thread: an answer.
  void enqueue(caf::mailbox_element_ptr element, caf::execution_unit* unit) override;

private:
  struct slot {
    handler done;
    std::chrono::steady_clock::time_point until;
    std::uint32_t generation = 1;
    bool busy = false;
  };
  static constexpr unsigned slot_bits = 24;

  void deliver_answers();
  void give_up_overdue();
  void finish(std::uint32_t index, caf::message answer);

  io_loop& loop_;
  loop_unit unit_;
  std::vector<slot> slots_;
  std::vector<std::uint32_t> free_;

  std::mutex mutex_;
  std::vector<std::pair<std::uint64_t, caf::message>> answers_;
};

} // namespace tessera::http
