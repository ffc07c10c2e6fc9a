#pragma once

#include <cstddef>
#include <string>

namespace tessera::test {

/// A file system of a fixed size in memory, mounted on a directory for this process and its later children
/// only: it goes with them. Needs root.
class small_disk {
public:
  /// Why there can be none; empty: there can.
  static std::string why_not();

  /// Throws std::system_error.
  small_disk(std::string directory, std::size_t bytes);
  ~small_disk();
  small_disk(const small_disk&) = delete;

  const std::string& directory() const { return directory_; }
  /// Takes all that is free. Throws std::system_error.
  void fill();
  void make_room();

private:
  std::string filler() const { return directory_ + "/filler"; }
  std::string directory_;
};

} // namespace tessera::test
