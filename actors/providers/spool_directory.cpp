#include "actors/providers/spool_directory.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <stdexcept>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace tessera {

namespace {

namespace fs = std::filesystem;

bool write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return ::fsync(file) == 0;
}

delivery_outcome failed(int why) {
  return {delivery_failure::transient, std::string("the spool: ") + std::strerror(why), {}, {}};
}

} // namespace

spool_directory::spool_directory(std::string directory) : directory_(std::move(directory)) {
  std::error_code why;
  if (fs::exists(directory_)) return;
  fs::create_directories(directory_, why);
  if (why) throw std::runtime_error("the spool " + directory_ + ": " + why.message());
  fs::permissions(directory_, fs::perms::owner_all, why);
}

// They may be many, and a crash may come at any moment: who looks at the directory sees whole ones only.
delivery_outcome spool_directory::put(const std::string& name, std::string_view bytes) const {
  const auto path = fs::path(directory_) / name;
  const auto beside = fs::path(directory_) / ("." + name + ".new");
  const int file = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file < 0) return failed(errno);
  const bool written = write_all(file, bytes);
  const auto why = errno;
  ::close(file);
  if (!written || ::rename(beside.c_str(), path.c_str()) != 0) {
    const auto reason = written ? errno : why;
    ::unlink(beside.c_str());
    return failed(reason);
  }
  return {delivery_failure::none, {}, name, {}};
}

} // namespace tessera
