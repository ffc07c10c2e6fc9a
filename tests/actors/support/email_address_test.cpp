#include "actors/support/email_address.hpp"
#include "actors/support/unicode_text.hpp"

#include <gtest/gtest.h>

namespace tessera {

TEST(EmailAddressTest, ComparesDomainsInOneForm) {
  const struct {
    const char* given;
    const char* key;
  } addresses[] = {
      {"john@company.com", "john@company.com"},
      {"John.Doe+tag@COMPANY.com", "John.Doe+tag@company.com"}, // the local part is the host's to compare
      {"a@bücher.example", "a@xn--bcher-kva.example"},
      {"a@BÜCHER.example", "a@xn--bcher-kva.example"},
      {"a@xn--bcher-kva.example", "a@xn--bcher-kva.example"},
      {"a@例え.テスト", "a@xn--r8jz45g.xn--zckzah"},
      {"a@company。com", "a@company.com"},
      {"o'brien!#$%&*+/=?^_`{|}~-@x.y", "o'brien!#$%&*+/=?^_`{|}~-@x.y"},
  };
  for (const auto& one : addresses)
    EXPECT_EQ(one.key, email_key(one.given)) << one.given;
}

TEST(EmailAddressTest, RefusesWhatIsNone) {
  const std::string long_local(65, 'a');
  const std::string long_label(64, 'a');
  for (const auto& text :
       {std::string(""),
        std::string("john"),
        std::string("@company.com"),
        std::string("john@"),
        std::string("john@localhost"),
        std::string("john@company..com"),
        std::string("john@-company.com"),
        std::string("john@127.0.0.1"),
        std::string("john@[127.0.0.1]"),
        std::string(".john@company.com"),
        std::string("jo..hn@company.com"),
        std::string("john @company.com"),
        std::string("\"john\"@company.com"),
        std::string("john@comp any.com"),
        std::string("john@company.com\r\nBcc: x@y.z"),
        std::string("jöhn@company.com"),
        std::string("john@company_x.com"),
        std::string("john@company.com."),
        long_local + "@company.com",
        "a@" + long_label + ".com",
        "a@" + std::string(250, 'a') + ".com",
        std::string("a@b@c.com\xff")})
    EXPECT_EQ(std::nullopt, email_key(text)) << text;
}

TEST(EmailAddressTest, MasksWhatIsNotForEverybody) {
  EXPECT_EQ("j***@company.com", masked_email("john@company.com"));
  EXPECT_EQ("***", masked_email("john"));
}

TEST(NormalFormTest, JoinsSpellings) {
  EXPECT_EQ("caf\xc3\xa9", normal_form("cafe\xcc\x81"));
  EXPECT_EQ("caf\xc3\xa9", normal_form("caf\xc3\xa9"));
  EXPECT_EQ("", normal_form(""));
  EXPECT_EQ(std::nullopt, normal_form("\xff"));
}

} // namespace tessera
