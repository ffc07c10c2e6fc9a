#include "actors/domain/message_templates.hpp"
#include "actors/domain/sms_text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace tessera {

namespace {

std::string repeated(const std::string& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i)
    out += text;
  return out;
}

} // namespace

TEST(SmsTextTest, CountsSegmentsAsNetworksDo) {
  struct counted {
    const char* name;
    std::string text;
    bool is_gsm;
    std::size_t units;
    int segments;
  };
  const counted all[] = {
      {"nothing", "", true, 0, 0},
      {"160 letters", repeated("a", 160), true, 160, 1},
      {"one more", repeated("a", 161), true, 161, 2},
      {"two whole parts", repeated("a", 306), true, 306, 2},
      {"three", repeated("a", 307), true, 307, 3},
      {"extended letters are two", repeated("€", 80), true, 160, 1},
      {"and are not split: 152 and one", repeated("a", 152) + "€" + repeated("a", 10), true, 164, 2},
      // 76 fit into 153, the 77th begins a new part.
      {"and are not split: 153 is odd", repeated("€", 153), true, 306, 3},
      {"the alphabet's own letters", "@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ¡ÄÖÑÜ§¿äöñüà", true, 41, 1},
      {"a letter that it has not", "ł", false, 1, 1},
      {"the other ç", "ç", false, 1, 1},
      {"a quote that is typeset", "You’re", false, 6, 1},
      {"70 units", repeated("ł", 70), false, 70, 1},
      {"71", repeated("ł", 71), false, 71, 2},
      {"two parts of 67", repeated("ł", 134), false, 134, 2},
      {"135", repeated("ł", 135), false, 135, 3},
      {"pairs are two units", repeated("😀", 35), false, 70, 1},
      // 33 pairs fit into 67.
      {"and are not split", repeated("😀", 67), false, 134, 3},
  };
  for (const auto& [name, text, is_gsm, units, segments] : all) {
    const auto size = size_of_sms(text);
    EXPECT_EQ(is_gsm, size.is_gsm) << name;
    EXPECT_EQ(units, size.units) << name;
    EXPECT_EQ(segments, size.segments) << name;
  }
}

TEST(SmsTextTest, TheInvitationOfAShortNameIsOneSegment) {
  const auto& wording = find_template_kind("invitation", notification_channel::sms)->built_in.text;
  template_variables values{
      {"organizationName", "Acme"},
      {"invitationUrl", "https://app.example.com/accept-invitation?token=tsi_" + std::string(43, 'a')}};
  const auto text = render_sms(wording, values);
  ASSERT_TRUE(text);
  EXPECT_TRUE(text->starts_with("You're invited to join Acme. Accept: https://")) << *text;
  EXPECT_EQ(1, size_of_sms(*text).segments);
  values["organizationName"] = "Łódź";
  EXPECT_EQ(2, size_of_sms(*render_sms(wording, values)).segments);
}

TEST(SmsTextTest, NamesAreCutShorterAndAddressesAndFiguresAreNot) {
  const auto url = "https://example.com/" + std::string(80, 'u');
  const template_variables values{
      {"organizationName", repeated("Ł", 200)},
      {"invitationUrl", url},
      {"credits", "12345678901234567890123"}};
  const auto text = render_sms("{{organizationName}} {{credits}} {{invitationUrl}}", values);
  ASSERT_TRUE(text);
  EXPECT_LE(size_of_sms(*text).segments, most_sms_segments);
  EXPECT_TRUE(text->ends_with(" 12345678901234567890123 " + url)) << *text;
  EXPECT_TRUE(text->starts_with(repeated("Ł", 20))) << *text;
}

TEST(SmsTextTest, WhatIsTooLongWithoutNamesIsNotSent) {
  EXPECT_FALSE(render_sms(repeated("a", 460), {}));
  EXPECT_TRUE(render_sms(repeated("a", 459), {}));
}

TEST(SmsTextTest, NothingInANameTurnsTheTextOrEndsTheLine) {
  const template_variables values{{"organizationName", "Acme\r\n{{credits}}\u202egro\x01"}, {"credits", "5"}};
  EXPECT_EQ("Join Acme {{credits}}gro.", render_sms("Join {{organizationName}}.", values));
}

} // namespace tessera
