#include "actors/account/seal.hpp"
#include "tests/support/ledger_examples.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace tessera::test {
namespace {

std::string hex_of(const digest& hash) {
  return hex(std::string(hash.begin(), hash.end()));
}

const auto writer = spend_example().booked.writer;

/// The entries of the document, as they were decided: without a writer or a hash.
write_set decided_examples() {
  write_set writes;
  writes.events = {spend_example(), purchase_example()};
  for (auto& event : writes.events)
    event.booked.writer = {};
  return writes;
}

TEST(SealTest, HashesToWhatTheDocumentSays) {
  auto writes = decided_examples();
  seal(writes, hash_before_examples(), writer);

  const auto examples = published_examples();
  ASSERT_EQ(examples.size(), 3u);
  EXPECT_EQ(hex_of(writes.events[0].booked.hash), examples[0].hash);
  EXPECT_EQ(hex_of(writes.events[1].booked.hash), examples[1].hash);
}

TEST(SealTest, SaysWhoWroteAndWhatItWasBuiltOn) {
  auto writes = decided_examples();
  seal(writes, hash_before_examples(), writer);

  EXPECT_EQ(writes.previous, hash_before_examples());
  EXPECT_EQ(writes.events[0].booked.writer, writer);
  EXPECT_EQ(writes.events[1].booked.writer, writer);
}

TEST(SealTest, ChainsEachEntryToTheOneBefore) {
  auto together = decided_examples();
  seal(together, hash_before_examples(), writer);

  write_set alone;
  alone.events = {decided_examples().events[1]};
  seal(alone, together.events[0].booked.hash, writer);
  EXPECT_EQ(alone.events[0].booked.hash, together.events[1].booked.hash);

  auto elsewhere = decided_examples();
  seal(elsewhere, digest{}, writer);
  EXPECT_NE(elsewhere.events[0].booked.hash, together.events[0].booked.hash);
  EXPECT_NE(elsewhere.events[1].booked.hash, together.events[1].booked.hash);
}

TEST(SealTest, CoversEveryLotInOrder) {
  auto writes = decided_examples();
  auto& opened = writes.events[1].opened;
  opened.push_back(opened.front());
  opened.back().id = numbered<lot_id>(1);
  auto swapped = writes;
  std::swap(swapped.events[1].opened[0], swapped.events[1].opened[1]);
  seal(writes, hash_before_examples(), writer);
  seal(swapped, hash_before_examples(), writer);

  EXPECT_EQ(writes.events[0].booked.hash, swapped.events[0].booked.hash);
  EXPECT_NE(writes.events[1].booked.hash, swapped.events[1].booked.hash);
}

} // namespace
} // namespace tessera::test
