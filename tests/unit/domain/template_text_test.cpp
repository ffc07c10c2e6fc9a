#include "actors/domain/message_templates.hpp"
#include "actors/domain/template_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tessera::test {

namespace {

const std::vector<std::string_view> names{"name", "credits", "url"};

} // namespace

TEST(TemplateTextTest, PutsValuesInWhereTheirNamesStand) {
  EXPECT_EQ(
      "5 for Ann",
      render("{{credits}} for {{ name }}", {{"credits", "5"}, {"name", "Ann"}}, template_form::text)
  );
  EXPECT_EQ(" for ", render("{{credits}} for {{name}}", {}, template_form::text));
}

TEST(TemplateTextTest, ShowsSectionsWhereThereIsAValueAndTheOthersWhereThereIsNone) {
  const auto text = "{{#name}}for {{name}}{{/name}}{{^name}}for nobody{{/name}}!";
  EXPECT_EQ("for Ann!", render(text, {{"name", "Ann"}}, template_form::text));
  EXPECT_EQ("for nobody!", render(text, {}, template_form::text));
  EXPECT_EQ(
      "", render("{{#name}}a{{#credits}}b{{/credits}}c{{/name}}", {{"credits", "5"}}, template_form::text)
  );
}

TEST(TemplateTextTest, AValueIsNeverHtmlNorATemplate) {
  const template_variables hostile{{"name", "<script>\"'`&{{credits}}"}, {"credits", "5"}};
  EXPECT_EQ(
      "&lt;script&gt;&quot;&#39;&#96;&amp;{{credits}}", render("{{name}}", hostile, template_form::html)
  );
  EXPECT_EQ("<script>\"'`&{{credits}}", render("{{name}}", hostile, template_form::text));
}

TEST(TemplateTextTest, AValueHasNoControlCharactersAndTurnsNoText) {
  const template_variables hostile{{"name", "a\r\nBcc: x@y.z\u202e\u2066b\u200f\x01\u0085"}};
  for (const auto form : {template_form::html, template_form::text, template_form::line})
    EXPECT_EQ("a Bcc: x@y.zb", render("{{name}}", hostile, form));
}

TEST(TemplateTextTest, AValueIsNoLongerThanTwoHundredLettersUnlessItIsAnAddress) {
  const std::string letters(300, 'x');
  EXPECT_EQ(200u, render("{{name}}", {{"name", letters}}, template_form::text).size());
  EXPECT_EQ(300u, render("{{resetUrl}}", {{"resetUrl", letters}}, template_form::text).size());
  EXPECT_EQ("\u00fc", harmless("\u00fc\u00fc", 1)); // letters, not bytes
  EXPECT_EQ("a b", harmless("a\nb\nc", 3));         // what stands for a line end is one
}

TEST(TemplateTextTest, WhatIsNoUtf8IsLeftOut) {
  EXPECT_EQ(
      "ab",
      harmless("a\xff\xc0\x80"
               "b")
  );
  EXPECT_EQ(
      "a b",
      harmless("a\xf0\x80\x80\x8a"
               "b")
  ); // a line end, spelled too long
}

TEST(TemplateTextTest, ALineIsOneLine) {
  EXPECT_EQ("a b", render("a\nb", {}, template_form::line));
}

TEST(TemplateTextTest, RefusesWhatGetsAroundTheEscaping) {
  for (const auto* text :
       {"{{{name}}}",
        "{{&name}}",
        "{{>name}}",
        "{{=<% %>=}}",
        "{{nobody}}",
        "{{name",
        "{{}}",
        "{{#name}}",
        "{{/name}}",
        "{{#name}}{{/credits}}",
        "{{#name}}{{#credits}}{{/name}}{{/credits}}",
        "{{name.x}}",
        "{{../name}}"})
    EXPECT_NE("", flaw_of(text, names).reason) << text;
  for (const auto* text :
       {"", "plain", "{{name}}", "{{! anything <b> }}", "{{#name}}{{credits}}{{/name}}", "} } { {"})
    EXPECT_EQ("", flaw_of(text, names).reason) << text;
}

TEST(MessageTemplatesTest, WhatWeSayByDefaultHasNoFlaw) {
  for (const auto& kind : template_kinds()) {
    const auto flaw = flaw_of(kind, kind.built_in);
    EXPECT_EQ("", flaw.field) << kind.key << ": " << flaw.reason;
  }
}

TEST(MessageTemplatesTest, AWordingMustHaveWhatTheMessageIsFor) {
  const auto* kind = find_template_kind("passwordReset", notification_channel::email);
  ASSERT_NE(nullptr, kind);
  auto wording = kind->built_in;
  wording.text = "Ask somebody else.";
  EXPECT_EQ("text", flaw_of(*kind, wording).field);
  wording = kind->built_in;
  wording.subject = "{{nobody}}";
  EXPECT_EQ("subject", flaw_of(*kind, wording).field);
}

TEST(MessageTemplatesTest, TheLinkIsShownToEverybody) {
  const auto* kind = find_template_kind("passwordReset", notification_channel::email);
  ASSERT_NE(nullptr, kind);
  auto wording = kind->built_in;
  for (const auto* text :
       {"{{#resetUrl}}hi{{/resetUrl}}",
        "{{^resetUrl}}{{resetUrl}}{{/resetUrl}}",
        "{{^firstName}}{{resetUrl}}{{/firstName}}",
        "{{#firstName}}{{#expiryHours}}x{{/expiryHours}}{{resetUrl}}{{/firstName}}",
        "hi {{! {{resetUrl}}"}) {
    wording.text = text;
    EXPECT_EQ("text", flaw_of(*kind, wording).field) << text;
  }
  wording.text = "{{#firstName}}{{firstName}}, {{/firstName}}{{ resetUrl }}";
  EXPECT_EQ("", flaw_of(*kind, wording).field);
}

TEST(MessageTemplatesTest, AWordingSaysSomething) {
  const auto* kind = find_template_kind("creditRefund", notification_channel::email);
  ASSERT_NE(nullptr, kind);
  for (const auto* text : {"", " \n", "{{! nothing }}", "{{^credits}}never{{/credits}}"}) {
    auto wording = kind->built_in;
    wording.subject = text;
    EXPECT_EQ("subject", flaw_of(*kind, wording).field) << text;
    wording = kind->built_in;
    wording.text = text;
    EXPECT_EQ("text", flaw_of(*kind, wording).field) << text;
  }
}

TEST(MessageTemplatesTest, AnUnkindExampleIsHarmless) {
  for (const auto& kind : template_kinds()) {
    const auto said = render(kind.built_in, kind.channel, example_of(kind));
    EXPECT_THAT(said.html, testing::Not(testing::HasSubstr("<b>")));
    EXPECT_THAT(said.subject, testing::Not(testing::HasSubstr("\n")));
  }
}

TEST(MessageTemplatesTest, AMailLooksAsItsTenantLikes) {
  const message_template said{"S", "<p>H</p>", "T"};
  const auto html = [&](const mail_look& look) {
    return render(said, notification_channel::email, {}, look).html;
  };
  const auto liked = html({"Acme & Co", "https://acme.test/logo.png?a=1&b=\"", "#aa00ff"});
  EXPECT_NE(liked.npos, liked.find("border-top:4px solid #aa00ff"));
  EXPECT_NE(
      liked.npos, liked.find("<img src=\"https://acme.test/logo.png?a=1&amp;b=&quot;\" alt=\"Acme &amp; Co\"")
  );
  EXPECT_EQ(html({}), html({"Acme", "http://acme.test/logo.png", "red;background:url(x)"}))
      << "what is no colour and no https is left out";
}

TEST(MessageTemplatesTest, LooksForTheNearestLanguageFirst) {
  EXPECT_THAT(locales_of("pt-BR", "de"), testing::ElementsAre("pt-BR", "pt", "de", "en"));
  EXPECT_THAT(locales_of(""), testing::ElementsAre("en"));
}

} // namespace tessera::test
