// Loaded before a program's libraries (LD_PRELOAD): its wall clock is wrong by the seconds in the file that
// FALSE_CLOCK_FILE names, as they are at the moment. Other clocks are as they are. The kernel is asked
// without a library between, so that it works from the first instruction on, whatever allocator the program
// has.
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

namespace {

const volatile std::int64_t* wrong_by = nullptr; // seconds

[[gnu::constructor]] void open_file() {
  const char* name = std::getenv("FALSE_CLOCK_FILE");
  const int file = name ? ::open(name, O_RDONLY | O_CLOEXEC) : -1;
  if (file < 0) return;
  void* at = ::mmap(nullptr, sizeof *wrong_by, PROT_READ, MAP_SHARED, file, 0);
  ::close(file);
  if (at != MAP_FAILED) wrong_by = static_cast<const volatile std::int64_t*>(at);
}

bool is_wall_clock(clockid_t clock) {
  return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
}

} // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* now) noexcept {
  if (::syscall(SYS_clock_gettime, clock, now) != 0) return -1;
  if (wrong_by && is_wall_clock(clock)) now->tv_sec += *wrong_by;
  return 0;
}

int gettimeofday(timeval* __restrict now, void* __restrict) noexcept {
  timespec exact{};
  if (clock_gettime(CLOCK_REALTIME, &exact) != 0) return -1;
  now->tv_sec = exact.tv_sec;
  now->tv_usec = exact.tv_nsec / 1'000;
  return 0;
}

time_t time(time_t* into) noexcept {
  timespec exact{};
  clock_gettime(CLOCK_REALTIME, &exact);
  if (into) *into = exact.tv_sec;
  return exact.tv_sec;
}

} // extern "C"
