#include "actors/domain/message_templates.hpp"
#include "actors/domain/template_html.hpp"

#include <gtest/gtest.h>

namespace tessera::test {
namespace {

TEST(TemplateHtmlTest, AVariableInTheTextOrInAQuotedAttributeIsText) {
  for (const auto* html :
       {"",
        "<p>{{message}}</p>",
        "5 < 6 and {{message}}",
        "<p title=\"{{message}}\">x</p>",
        "<p title = 'of {{message}}!' class=a>x</p>",
        "<a href=\"{{invitationUrl}}&amp;from=mail\">{{invitationUrl}}</a>",
        "<img src='{{logoUrl}}' alt='{{message}}'>",
        "{{#message}}<p>{{message}}</p>{{/message}}{{^message}}<br/>{{/message}}",
        "<p {{#message}}class=\"a\"{{/message}}>x</p>",
        "<p class=\"a{{#message}} {{message}}{{/message}}\">x</p>",
        "<!-- a comment -->{{message}}",
        "<!-->{{message}}",
        "<!--->{{message}}",
        "<!-- a --!>{{message}}",
        "<!doctype html><br>{{message}}",
        "<style>p { color: red }</style><p>{{message}}</p>",
        "<script>if (a < b) x()</script>{{message}}",
        "{{! <p }}{{message}}"})
    EXPECT_EQ(html_flaw_of(html).reason, "") << html;
}

TEST(TemplateHtmlTest, AnywhereElseItCouldBeMore) {
  for (const auto* html :
       {"<p {{message}}>",
        "<{{message}}>",
        "<p{{message}}>",
        "<p title={{message}}>",
        "<p title= {{message}}>",
        "<p title=a{{message}}>",
        "<a href={{invitationUrl}}>",
        "<a href=\"{{message}}\">",
        "<a HREF='https://example.com/{{message}}'>",
        "<a href=\"javascript:{{invitationUrl}}\">",
        "<img src=\"{{message}}\">",
        "<p style=\"color: {{message}}\">",
        "<p onclick=\"say('{{message}}')\">",
        "<iframe srcdoc=\"{{message}}\"></iframe>",
        "<meta http-equiv=\"refresh\" content=\"0;url={{message}}\">",
        "<script>{{message}}</script>",
        "<script>a</scriptx>{{message}}",
        "<STYLE>{{message}}</STYLE>",
        "<title>{{message}}</title>",
        "<!-- {{message}} -->",
        "<!--> <p title={{message}}> -->",
        "<!--><script>-->{{message}}</script>",
        "<!---><script>-->{{message}}</script>",
        "<!-- a --!><script>-->{{message}}</script>",
        "<!x {{message}}>",
        "<? {{message}} ?>",
        "</ {{message}}>",
        // The rest stands elsewhere without the section.
        "<p title={{#message}}\"{{/message}}{{message}}\">",
        "<p title=\"a{{#message}}\" class=b{{/message}}>{{message}}\">",
        "<p title=\"a{{#message}}\">{{/message}}{{message}}",
        "{{#message}}<p {{/message}}>",
        "{{#message}}<script>{{/message}}x",
        "<p {{#message}}title='{{/message}}{{message}}'>",
        "<p title='{{#message}}' href='{{/message}}{{invitationUrl}}'>",
        "<p",
        "<p title=\"a>{{message}}",
        "<script>x",
        "<!-- x"})
    EXPECT_NE(html_flaw_of(html).reason, "") << html;
}

TEST(TemplateHtmlTest, WhatIsBuiltInHasNoFlaw) {
  for (const auto& kind : template_kinds())
    EXPECT_EQ(html_flaw_of(kind.built_in.html).reason, "") << kind.key;
}

} // namespace
} // namespace tessera::test
