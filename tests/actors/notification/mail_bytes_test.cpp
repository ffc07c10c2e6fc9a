#include "actors/notification/mail_bytes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace tessera::test {

namespace {

using testing::HasSubstr;
using testing::Not;

mail a_mail() {
  mail message;
  message.id = "0190a1b2-0000-7000-8000-000000000001";
  message.from = {"Acme", "no-reply@example.com"};
  message.to = {{}, "ann@example.com"};
  message.subject = "Hello";
  message.text = "Hello\n";
  message.html = "<p>Hello</p>\n";
  message.date = from_microseconds(1'700'000'000'000'000);
  return message;
}

std::size_t longest_line(const std::string& bytes) {
  std::size_t longest = 0;
  for (std::size_t begin = 0; begin < bytes.size();) {
    const auto end = std::min(bytes.find("\r\n", begin), bytes.size());
    longest = std::max(longest, end - begin);
    begin = end + 2;
  }
  return longest;
}

} // namespace

TEST(MailBytesTest, HasTextAndHtmlAndTheSameBytesEachTime) {
  const auto bytes = mail_bytes(a_mail());
  EXPECT_EQ(bytes, mail_bytes(a_mail()));
  EXPECT_THAT(bytes, HasSubstr("Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n"));
  EXPECT_THAT(
      bytes, HasSubstr("From: \"Acme\" <no-reply@example.com>\r\nTo: ann@example.com\r\nSubject: Hello\r\n")
  );
  EXPECT_THAT(bytes, HasSubstr("Message-ID: <0190a1b2-0000-7000-8000-000000000001@example.com>\r\n"));
  EXPECT_THAT(bytes, HasSubstr("Auto-Submitted: auto-generated\r\n"));
  EXPECT_LT(bytes.find("text/plain"), bytes.find("text/html"));
}

TEST(MailBytesTest, NoLineEndsOtherwiseThanWithCrlf) {
  auto message = a_mail();
  message.text = "one\ntwo\r\nthree\rfour";
  const auto bytes = mail_bytes(message);
  EXPECT_THAT(bytes, HasSubstr("one\r\ntwo\r\nthree\r\nfour\r\n"));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] == '\n') {
      EXPECT_EQ('\r', bytes[i - 1]);
    }
    if (bytes[i] == '\r') {
      EXPECT_EQ('\n', bytes[i + 1]);
    }
  }
}

TEST(MailBytesTest, ASubjectInAnyLanguageIsEncodedAndItsLinesAreShort) {
  auto message = a_mail();
  for (int i = 0; i < 40; ++i)
    message.subject += "\u00fc\u6f22";
  message.text = message.subject;
  const auto bytes = mail_bytes(message);
  EXPECT_THAT(bytes, HasSubstr("Subject: =?UTF-8?B?"));
  EXPECT_TRUE(std::all_of(bytes.begin(), bytes.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x80;
  }));
  EXPECT_LE(longest_line(bytes), 78u);
}

TEST(MailBytesTest, NothingInANameOrASubjectBecomesAHeader) {
  auto message = a_mail();
  message.subject = "Hi\r\nBcc: everybody@example.com";
  message.from.name = "A\"\\\r\nBcc: everybody@example.com";
  const auto bytes = mail_bytes(message);
  EXPECT_THAT(bytes, Not(HasSubstr("\nBcc:")));
  EXPECT_THAT(bytes, HasSubstr("From: \"A\\\"\\\\ Bcc: everybody@example.com\" <no-reply@example.com>"));
}

TEST(MailBytesTest, AnEncodedWordInASubjectStaysText) {
  EXPECT_EQ("=?UTF-8?B?PT9VVEYtOD9CP1FnPT0/PQ==?=", encoded_words("=?UTF-8?B?Qg==?="));
}

} // namespace tessera::test
