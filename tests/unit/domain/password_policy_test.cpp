#include "actors/domain/password_policy.hpp"

#include <gtest/gtest.h>

namespace tessera {

namespace {

const std::vector<std::string> known{"john.doe@company.example", "John", "Doe", "Acme Industries"};

password_flaw flaw(std::string_view password) {
  return flaw_of(password, known);
}

} // namespace

TEST(PasswordPolicyTest, TakesWhatIsLongEnough) {
  for (const auto* password :
       {"SecurePass123!", // of the brief
        "SecurePassword123!",
        "twelve chars",
        "correct acme horse battery", // what is known, and enough beside it
        "пароль-длинный",
        "🦀🦀🦁🦁🐯🐯🐨🐨🐻🐻🐼🐼"})
    EXPECT_EQ(password_flaw::none, flaw(password)) << password;
}

TEST(PasswordPolicyTest, CountsCodePoints) {
  EXPECT_EQ(password_flaw::too_short, flaw("elevenchars"));
  EXPECT_EQ(password_flaw::too_short, flaw("🦀🦁🐯🐨🐻🐼🐵🐶🐱🐭🐹")); // 11 of 44 bytes
  EXPECT_EQ(password_flaw::none, flaw(std::string("correct horse ") + std::string(113, 'x') + "y"));
  EXPECT_EQ(password_flaw::too_long, flaw(std::string(129, 'x')));
}

TEST(PasswordPolicyTest, RefusesWhatEverybodyTriesFirst) {
  for (const auto* password :
       {"password1234",
        "PassWord1234",
        "123456789012",
        "aaaaaaaaaaaa",
        "abababababab",
        "abcdefghijklm",
        "zyxwvutsrqpo"})
    EXPECT_EQ(password_flaw::too_common, flaw(password)) << password;
}

TEST(PasswordPolicyTest, RefusesWhatOthersKnow) {
  for (const auto* password :
       {"john.doe@company.example", "Company-John1", "acmeindustries", "AcmeAcme2024", "industries12"})
    EXPECT_EQ(password_flaw::too_obvious, flaw(password)) << password;
}

} // namespace tessera
