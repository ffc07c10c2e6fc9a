#include "http/auth/tokens/key_ring.hpp"
#include "tests/unit/http/auth/tokens/token_forge.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace tessera::http {

namespace {

namespace fs = std::filesystem;

} // namespace

TEST(KeyRingTest, MakesItsFileForItsOwnerAlone) {
  const scratch_directory files;
  const auto path = files.path("var/keys/signing-key.pem");

  const key_ring made(path);

  EXPECT_EQ(fs::perms::owner_read | fs::perms::owner_write, fs::status(path).permissions());
  EXPECT_EQ(made.keys()->front().id(), key_ring(path).keys()->front().id()); // the next start finds it
  EXPECT_EQ(1, std::distance(fs::directory_iterator(fs::path(path).parent_path()), {})); // nothing beside it
}

TEST(KeyRingTest, SaysWhatIsWrongWithItsFile) {
  const scratch_directory files;
  const auto path = files.write("signing-key.pem", "no key");
  try {
    const key_ring never(path);
    FAIL() << "it was taken";
  } catch (const std::runtime_error& why) {
    EXPECT_THAT(why.what(), testing::HasSubstr(path));
  }
}

TEST(KeyRingTest, AFileThatBreaksLaterChangesNothing) {
  const scratch_directory files;
  const auto path = files.path("signing-key.pem");
  key_ring ring(path);
  const auto before = ring.keys()->front().id();
  files.write("signing-key.pem", "no key");
  fs::last_write_time(path, fs::file_time_type::clock::now() + std::chrono::seconds(5));

  ring.reload();

  EXPECT_EQ(before, ring.keys()->front().id());
}

} // namespace tessera::http
