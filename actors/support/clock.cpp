#include "actors/support/clock.hpp"

namespace tessera {

namespace {

constexpr std::chrono::milliseconds slow_answer{50};

std::int64_t in_microseconds(std::chrono::steady_clock::time_point at) {
  return std::chrono::floor<std::chrono::microseconds>(at.time_since_epoch()).count();
}

} // namespace

database_clock::database_clock()
    : offset_us_(
          std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
              .count() -
          in_microseconds(std::chrono::steady_clock::now())
      ) {}

time_point database_clock::now() const {
  return from_microseconds(
      in_microseconds(std::chrono::steady_clock::now()) + offset_us_.load(std::memory_order_relaxed)
  );
}

void database_clock::adjust(
    std::chrono::steady_clock::time_point asked,
    std::chrono::steady_clock::time_point answered,
    time_point there
) {
  // A slow answer says little about when the question was answered: the first counts, later ones must be
  // quick.
  if (measured_.exchange(true) && answered - asked > slow_answer) return;
  const auto middle = in_microseconds(asked) + (in_microseconds(answered) - in_microseconds(asked)) / 2;
  offset_us_.store(to_microseconds(there) - middle, std::memory_order_relaxed);
}

} // namespace tessera
