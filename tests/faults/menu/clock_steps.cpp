#include "tests/faults/menu/clock_steps.hpp"

#include "tests/support/process.hpp"

#include <cstdint>
#include <filesystem>
#include <fstream>

namespace tessera::test {

fake_clock::fake_clock() : directory_(make_temporary_directory()) {
  step(std::chrono::seconds{0});
}

fake_clock::~fake_clock() {
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

variables fake_clock::environment() const {
  return {{"LD_PRELOAD", FALSE_CLOCK}, {"FALSE_CLOCK_FILE", directory_ + "/wrong"}};
}

/// The file is mapped by whoever has that clock, so it is written over and not renewed.
void fake_clock::step(std::chrono::seconds by) {
  const auto wrong = static_cast<std::int64_t>(by.count());
  std::fstream file(directory_ + "/wrong", std::ios::in | std::ios::out | std::ios::binary);
  if (!file) file.open(directory_ + "/wrong", std::ios::out | std::ios::binary);
  file.write(reinterpret_cast<const char*>(&wrong), sizeof wrong);
}

} // namespace tessera::test
