#include "tests/faults/menu/clock_steps.hpp"

#include "tests/support/process.hpp"

#include <filesystem>
#include <fstream>

namespace tessera::test {

namespace {

/// Where Debian keeps it, whatever the machine.
std::string library() {
  std::error_code none;
  for (const auto& each : std::filesystem::directory_iterator("/usr/lib", none)) {
    auto found = each.path() / "faketime/libfaketimeMT.so.1";
    if (std::filesystem::exists(found, none)) return found;
  }
  return {};
}

} // namespace

std::string fake_clock::why_not() {
  return library().empty() ? "the package faketime is not installed" : "";
}

fake_clock::fake_clock() : directory_(make_temporary_directory()) {
  step("+0");
}

fake_clock::~fake_clock() {
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

variables fake_clock::environment() const {
  return {
      {"LD_PRELOAD", library()},
      {"FAKETIME_TIMESTAMP_FILE", directory_ + "/now"},
      {"FAKETIME_NO_CACHE", "1"},
      {"FAKETIME_DONT_FAKE_MONOTONIC", "1"},
      {"DONT_FAKE_MONOTONIC", "1"},
  };
}

/// Renamed over the old one: it is read at any moment.
void fake_clock::step(const std::string& by) {
  std::ofstream(directory_ + "/next") << by << '\n';
  std::filesystem::rename(directory_ + "/next", directory_ + "/now");
}

} // namespace tessera::test
