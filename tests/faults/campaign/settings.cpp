#include "tests/faults/campaign/settings.hpp"

#include "tests/support/process.hpp"

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <random>

namespace tessera::test {

std::int64_t fault_setting(const std::string& name, std::int64_t otherwise) {
  const char* text = std::getenv(("TESSERA_FAULT_" + name).c_str());
  return text && *text ? std::stoll(text) : otherwise;
}

std::uint64_t fault_seed() {
  const auto seed = static_cast<std::uint64_t>(fault_setting("SEED", std::random_device{}() & 0x7fffffff));
  std::cout << "TESSERA_FAULT_SEED=" << seed << std::endl;
  return seed;
}

std::string keep_directory() {
  const char* wished = std::getenv("TESSERA_FAULT_KEEP");
  if (!wished || !*wished) return make_temporary_directory();
  std::filesystem::create_directories(wished);
  return wished;
}

} // namespace tessera::test
