#include "actors/cluster/lease.hpp"

#include <ctime>

namespace tessera {

lease::duration lease::now() {
  timespec at{};
  clock_gettime(CLOCK_BOOTTIME, &at);
  return std::chrono::seconds(at.tv_sec) + std::chrono::nanoseconds(at.tv_nsec);
}

} // namespace tessera
