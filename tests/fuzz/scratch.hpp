#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <unistd.h>

namespace tessera::fuzz {

/// A directory in memory, where there is one, that is gone with the process.
class scratch {
public:
  scratch() { std::filesystem::create_directories(path_); }
  ~scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;

  std::string path(std::string_view name) const { return (path_ / name).string(); }
  /// Returns the file's path.
  std::string write(std::string_view name, std::string_view text) const {
    std::ofstream(path(name), std::ios::binary) << text;
    return path(name);
  }

private:
  static std::filesystem::path root() {
    return std::filesystem::is_directory("/dev/shm") ? "/dev/shm" : std::filesystem::temp_directory_path();
  }
  static std::string name() {
    static int made = 0;
    return "tessera-fuzz-" + std::to_string(getpid()) + "-" + std::to_string(made++);
  }

  std::filesystem::path path_ = root() / name();
};

} // namespace tessera::fuzz
