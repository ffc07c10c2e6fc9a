#include "actors/support/token_secret.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <stdexcept>
#include <sys/stat.h>
#include <unistd.h>

namespace tessera {
namespace {

namespace fs = std::filesystem;
using testing::MatchesRegex;

const std::string text = "a-secret-of-the-tests-0123456789abcdef";

/// A folder that is gone when the test is over.
class folder {
public:
  folder() : path_(fs::temp_directory_path() / ("token-secret-" + std::to_string(::getpid()))) {
    fs::create_directories(path_);
  }
  ~folder() { fs::remove_all(path_); }
  std::string file(const std::string& name) const { return (path_ / name).string(); }

private:
  fs::path path_;
};

void write(const std::string& path, const std::string& what) {
  std::ofstream(path) << what;
}

TEST(TokenSecretTest, DerivesWhatRfc4231AndTheFormOfTheMessageSay) {
  // printf '19:invitation/email/v15:inv-11:1' | openssl dgst -sha256 -hmac SECRET
  const auto made = token_secret(text).derive("invitation/email/v1", "inv-1", 1);

  std::string hex;
  for (const auto byte : made) {
    constexpr auto digits = "0123456789abcdef";
    (hex += digits[byte >> 4]) += digits[byte & 15];
  }
  EXPECT_EQ(hex, "0f94b58d5338139d18ecf1c7b63a229ba0a2a7eb22a7a8479dad21c529178896");
}

TEST(TokenSecretTest, IsTheSameTokenEachTimeAndAnotherForEveryOtherPart) {
  const token_secret secret(text);
  const auto made = secret.token("tsi_", "invitation/email/v1", "inv-1", 1);

  EXPECT_THAT(made, MatchesRegex("tsi_[A-Za-z0-9_-]{43}"));
  EXPECT_EQ(made, token_secret(text).token("tsi_", "invitation/email/v1", "inv-1", 1));
  const std::set<std::string> all{
      made,
      secret.token("tsi_", "invitation/email/v1", "inv-1", 2),
      secret.token("tsi_", "invitation/email/v1", "inv-2", 1),
      secret.token("tsi_", "invitation/sms/v1", "inv-1", 1),
      secret.token("tsi_", "invitation/email/v1", "inv-", 11),
      secret.token("tsi_", "invitation/email/v1i", "nv-1", 1),
      token_secret(text + "x").token("tsi_", "invitation/email/v1", "inv-1", 1)};
  EXPECT_EQ(all.size(), 7u);
}

TEST(TokenSecretTest, MakesAFileForItsOwnerAloneAndReadsItAgain) {
  const folder here;
  const auto path = here.file("deeper/token-secret");

  const auto first = token_secret::in_file(path).token("tsi_", "p", "i", 1);

  struct stat found {};
  ASSERT_EQ(::stat(path.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777u, 0600u);
  EXPECT_EQ(token_secret::in_file(path).token("tsi_", "p", "i", 1), first);
}

TEST(TokenSecretTest, LeavesTheLineEndOfAFileOutAndRefusesWhatCanBeGuessed) {
  const folder here;
  write(here.file("long"), text + "\n");
  write(here.file("short"), "too-short\n");

  EXPECT_EQ(
      token_secret::in_file(here.file("long")).token("", "p", "i", 1),
      token_secret(text).token("", "p", "i", 1)
  );
  EXPECT_THROW(token_secret::in_file(here.file("short")), std::runtime_error);
}

} // namespace
} // namespace tessera
