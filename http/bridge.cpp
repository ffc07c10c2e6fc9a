#include "http/bridge.hpp"

#include <caf/mailbox_element.hpp>
#include <spdlog/spdlog.h>

#include <exception>
#include <utility>

namespace tessera::http {

namespace {

using steady = std::chrono::steady_clock;

constexpr std::chrono::milliseconds sweep_interval{50};

} // namespace

bridge::bridge(caf::actor_config& config, io_loop& loop)
    : caf::monitorable_actor(config), loop_(loop), unit_(home_system(), loop) {
  loop.every(sweep_interval, [this] { give_up_overdue(); });
}

std::uint64_t bridge::expect(std::chrono::milliseconds patience, handler done) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const auto index = free_.back();
  free_.pop_back();
  auto& mine = slots_[index];
  mine.done = std::move(done);
  mine.until = steady::now() + patience;
  mine.busy = true;
  // Generations start at 1: a request id of 0 would be an asynchronous message.
  return (std::uint64_t{mine.generation} << slot_bits) | index;
}

void bridge::request(
    const caf::strong_actor_ptr& to, caf::message content, std::chrono::milliseconds patience, handler done
) {
  const auto id = caf::message_id{expect(patience, std::move(done))}.with_normal_priority();
  to->enqueue(caf::strong_actor_ptr{ctrl()}, id, std::move(content), &unit_);
}

void bridge::enqueue(caf::mailbox_element_ptr element, caf::execution_unit*) {
  if (!element || !element->mid.is_response()) return;
  const auto id = element->mid.request_id().integer_value();
  complete(id, element->move_content_to_message());
}

void bridge::complete(std::uint64_t id, caf::message answer) {
  bool first = false;
  {
    std::lock_guard lock(mutex_);
    first = answers_.empty();
    answers_.emplace_back(id, std::move(answer));
  }
  if (first) loop_.post([this] { deliver_answers(); });
}

void bridge::deliver_answers() {
  std::vector<std::pair<std::uint64_t, caf::message>> arrived;
  {
    std::lock_guard lock(mutex_);
    arrived.swap(answers_);
  }
  for (auto& [id, answer] : arrived) {
    const auto index = static_cast<std::uint32_t>(id & ((1u << slot_bits) - 1));
    if (index < slots_.size() && slots_[index].busy && slots_[index].generation == id >> slot_bits)
      finish(index, std::move(answer));
  }
}

void bridge::give_up_overdue() {
  const auto now = steady::now();
  for (std::uint32_t index = 0; index < slots_.size(); ++index)
    if (slots_[index].busy && slots_[index].until <= now) finish(index, {});
}

void bridge::finish(std::uint32_t index, caf::message answer) {
  auto& mine = slots_[index];
  const auto done = std::exchange(mine.done, nullptr);
  mine.busy = false;
  if (++mine.generation == 0) mine.generation = 1;
  free_.push_back(index);
  try {
    done(std::move(answer)); // may ask again and grow the table: `mine` is not used after this
  } catch (const std::exception& why) {
    spdlog::error("bridge: an answer could not be given: {}", why.what()); // the others still get theirs
  }
}

} // namespace tessera::http
