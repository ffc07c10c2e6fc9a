// Every target with its corpus and thousands of changes of it, without libFuzzer. A crash names no input:
// with TESSERA_FUZZ_KEEP=FILE each is written there before it runs.
#include "tests/fuzz/mutator.hpp"
#include "tests/fuzz/target.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace tessera::fuzz {

void PrintTo(const target& tried, std::ostream* out) {
  *out << tried.name;
}

namespace {

/// How many are tried. The sanitizers run the same tests, and are slow. TESSERA_FUZZ_CHANGES=N: so many of
/// each target, whatever it costs.
int changes_of(const target& tried) {
#ifdef __SANITIZE_ADDRESS__
  constexpr int changes = 10'000;
#else
  constexpr int changes = 50'000;
#endif
  static const char* const wanted = std::getenv("TESSERA_FUZZ_CHANGES"); // NOLINT(concurrency-mt-unsafe)
  return wanted ? std::atoi(wanted) : changes / tried.cost;
}

std::vector<std::string> corpus_of(const target& tried) {
  std::vector<std::filesystem::path> files;
  for (const auto& file :
       std::filesystem::directory_iterator(TESSERA_FUZZ_CORPUS "/" + std::string(tried.name)))
    files.push_back(file.path());
  std::ranges::sort(files); // the same order everywhere
  std::vector<std::string> inputs;
  for (const auto& file : files) {
    std::ifstream stream(file, std::ios::binary);
    inputs.emplace_back(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
  }
  return inputs;
}

void run(const target& tried, const std::string& input) {
  static const char* const keep = std::getenv("TESSERA_FUZZ_KEEP"); // NOLINT(concurrency-mt-unsafe)
  if (keep) std::ofstream(keep, std::ios::binary) << input;
  try {
    tried.run(input);
  } catch (const std::exception& error) {
    ADD_FAILURE() << error.what() << "\n" << testing::PrintToString(input);
  }
}

class FuzzTest : public testing::TestWithParam<target> {};

TEST_P(FuzzTest, HoldsForItsCorpus) {
  const auto corpus = corpus_of(GetParam());
  ASSERT_FALSE(corpus.empty());

  for (const auto& input : corpus)
    run(GetParam(), input);
  run(GetParam(), {});
}

TEST_P(FuzzTest, HoldsForChangesOfIt) {
  const auto corpus = corpus_of(GetParam());
  mutator inputs(corpus, 36);

  for (int left = changes_of(GetParam()); left > 0 && !HasFailure(); --left)
    run(GetParam(), inputs.next());
}

INSTANTIATE_TEST_SUITE_P(Targets, FuzzTest, testing::ValuesIn(targets()), [](const auto& each) {
  return std::string(each.param.name);
});

} // namespace
} // namespace tessera::fuzz
