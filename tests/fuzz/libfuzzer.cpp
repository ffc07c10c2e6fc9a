// The entry of libFuzzer. TESSERA_FUZZ_TARGET says which target (tools/fuzz sets it).
#include "tests/fuzz/target.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace {

const tessera::fuzz::target* chosen = nullptr;

} // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  const char* name = std::getenv("TESSERA_FUZZ_TARGET"); // NOLINT(concurrency-mt-unsafe): before any thread
  chosen = name ? tessera::fuzz::find_target(name) : nullptr;
  if (chosen) return 0;
  std::fputs("TESSERA_FUZZ_TARGET must be one of:\n", stderr);
  for (const auto& one : tessera::fuzz::targets())
    std::fprintf(stderr, "%.*s\n", static_cast<int>(one.name.size()), one.name.data());
  std::exit(2); // NOLINT(concurrency-mt-unsafe)
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  chosen->run({reinterpret_cast<const char*>(data), size});
  return 0;
}
