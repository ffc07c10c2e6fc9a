#include "tests/support/small_disk.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace tessera::test {

namespace {

constexpr std::size_t block = 64 * 1024;

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

/// Once for the process: what it mounts is nobody else's.
bool has_own_mounts() {
  static const bool done =
      ::unshare(CLONE_NEWNS) == 0 && ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
  return done;
}

std::size_t free_bytes(const std::string& directory) {
  struct statvfs room {};
  if (::statvfs(directory.c_str(), &room) != 0) fail("statvfs " + directory);
  return room.f_bfree * room.f_frsize;
}

} // namespace

std::string small_disk::why_not() {
  if (::geteuid() != 0) return "only root may mount a small disk";
  return has_own_mounts() ? "" : std::string("no mounts of its own: ") + std::strerror(errno);
}

small_disk::small_disk(std::string directory, std::size_t bytes) : directory_(std::move(directory)) {
  const auto options = "mode=0755,size=" + std::to_string(bytes);
  if (!has_own_mounts() || ::mount("tmpfs", directory_.c_str(), "tmpfs", 0, options.c_str()) != 0)
    fail("mount " + directory_);
}

small_disk::~small_disk() {
  ::umount2(directory_.c_str(), MNT_DETACH);
}

void small_disk::fill() {
  const int file = ::open(filler().c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) fail("open " + filler());
  const std::vector<char> zeros(block);
  for (auto bytes = free_bytes(directory_); bytes > 0; bytes = free_bytes(directory_))
    if (::write(file, zeros.data(), std::min(bytes, block)) <= 0) break;
  ::close(file);
  if (free_bytes(directory_) > 0) fail("there is still room on " + directory_);
}

void small_disk::make_room() {
  ::unlink(filler().c_str());
}

} // namespace tessera::test
