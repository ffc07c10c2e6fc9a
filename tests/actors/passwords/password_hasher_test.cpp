#include "actors/passwords/password_hash.hpp"
#include "actors/passwords/password_hasher.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <sodium.h>

namespace tessera {

namespace {

using testing::StartsWith;

result<password_verdict> compared(password_hasher& by, const std::string& hash, const std::string& password) {
  std::promise<result<password_verdict>> said;
  by.compare(hash, password, [&](result<password_verdict> verdict) { said.set_value(std::move(verdict)); });
  return said.get_future().get();
}

/// Made with fewer passes than today's.
std::string old_hash(const std::string& password) {
  std::array<char, crypto_pwhash_STRBYTES> hash{};
  const auto made = crypto_pwhash_str_alg(
      hash.data(), password.data(), password.size(), 1, 8'192 * 1'024, crypto_pwhash_ALG_ARGON2ID13
  );
  return made == 0 ? hash.data() : "";
}

} // namespace

TEST(PasswordHashTest, IsArgon2idWithASaltOfItsOwn) {
  const auto first = hash_password("correct horse battery");
  EXPECT_THAT(first, StartsWith("$argon2id$v=19$m=19456,t=2,p=1$"));
  EXPECT_NE(first, hash_password("correct horse battery"));
  EXPECT_TRUE(is_password(first, "correct horse battery"));
  EXPECT_FALSE(is_password(first, "correct horse batterz"));
  EXPECT_FALSE(is_password("", ""));
  EXPECT_FALSE(is_password("no hash", "no hash"));
  EXPECT_FALSE(is_outdated(first));
}

TEST(PasswordHasherTest, NobodysIsNeverRight) {
  password_hasher hasher;
  EXPECT_FALSE(compared(hasher, "", "").operator*().right);
  EXPECT_TRUE(compared(hasher, hash_password("a"), "a")->right);
  EXPECT_FALSE(compared(hasher, hash_password("a"), "b")->right);
}

TEST(PasswordHasherTest, HashesAnewWhatIsOutdated) {
  password_hasher hasher;
  const auto verdict = compared(hasher, old_hash("a"), "a");
  EXPECT_TRUE(verdict->right);
  EXPECT_THAT(verdict->rehashed, StartsWith("$argon2id$v=19$m=19456,t=2,p=1$"));
  EXPECT_TRUE(is_password(verdict->rehashed, "a"));
  EXPECT_EQ("", compared(hasher, old_hash("a"), "b")->rehashed); // nothing of what was wrong
}

TEST(PasswordHasherTest, IsBounded) {
  password_hasher hasher({.threads = 1, .max_queued = 4, .limit = std::chrono::milliseconds(60'000)});
  std::atomic<int> served{0};
  std::atomic<int> refused{0};
  std::promise<void> all;
  constexpr int asked = 40;
  for (int i = 0; i < asked; ++i)
    hasher.compare("", "password", [&](const result<password_verdict>& verdict) {
      ++(verdict ? served : refused);
      if (!verdict) {
        EXPECT_EQ(errc::overloaded, verdict.code());
      }
      if (served + refused == asked) all.set_value();
    });
  all.get_future().wait();
  EXPECT_GE(refused, asked - 4 - 10);
  EXPECT_GE(served, 4);
}

TEST(PasswordHasherTest, WhoWaitedTooLongIsNotServed) {
  password_hasher hasher({.threads = 1, .max_queued = 64, .limit = std::chrono::milliseconds(0)});
  EXPECT_EQ(errc::overloaded, compared(hasher, "", "a").code());
}

} // namespace tessera
