#include "tools/paysim/api/api_error.hpp"
#include "tools/paysim/api/parameters.hpp"
#include "tools/paysim/support/form.hpp"

#include <gmock/gmock.h>

namespace tessera::paysim {
namespace {

form_node decoded(std::string_view text) {
  form_node form;
  decode_form(text, form);
  return form;
}

std::string refusal_of(std::string_view text) {
  try {
    decoded(text);
  } catch (const api_error& error) {
    return error.message;
  }
  return {};
}

TEST(FormTest, BracketsAreMembersAndItems) {
  const auto form =
      decoded("amount=5&metadata[a b]=c%26d&expand[]=x&expand[]=y&items[0][price]=p&items[1][price]=q");
  const parameters params(form);

  EXPECT_EQ(params.integer("amount"), 5);
  document into;
  params.merge_metadata(into);
  EXPECT_EQ(text_of(object_of(into, "metadata"), "a b"), "c&d");
  EXPECT_THAT(params.texts("expand"), testing::ElementsAre("x", "y"));
  const auto items = params.list("items");
  ASSERT_EQ(items.size(), 2u);
  EXPECT_EQ(items[0].text("price"), "p");
  EXPECT_EQ(items[1].text("price"), "q");
  EXPECT_EQ(items[1].name_of("price"), "items[1][price]");
  EXPECT_NO_THROW(params.done());
}

TEST(FormTest, RefusesWhatHasTwoMeanings) {
  for (const auto* text :
       {"a[b=1",
        "a]b[=1",
        "[a]=1",
        "a[b]c=1",
        "a=%zz",
        "a=%ff",
        "a=1&a[b]=2",
        "a[b]=1&a=2",
        "a[b][c][d][e][f][g][h][i]=1"})
    EXPECT_NE(refusal_of(text), "") << text;
}

TEST(FormTest, WhatNobodyAsksForIsUnknownByItsWholeName) {
  const auto form = decoded("known=1&data[known]=1&data[other]=2");
  const parameters params(form);
  params.text("known");
  params.object("data")->text("known");
  try {
    params.done();
    FAIL() << "it was known";
  } catch (const api_error& error) {
    EXPECT_EQ(error.code, "parameter_unknown");
    EXPECT_EQ(error.param, "data[other]");
  }
}

TEST(FormTest, TheCanonicalFormKnowsNoOrderAndNoAmbiguity) {
  EXPECT_EQ(canonical(decoded("a=1&b[c]=2&b[d]=3")), canonical(decoded("b[d]=3&b[c]=2&a=1")));
  EXPECT_NE(canonical(decoded("a=1")), canonical(decoded("a[1]=")));
  EXPECT_NE(canonical(decoded("a=1&b=2")), canonical(decoded("a=1%3Ab&2=")));
  EXPECT_NE(canonical(decoded("a=1")), canonical(decoded("a=2")));
}

TEST(FormTest, AnEmptyMetadataValueRemovesAndAnEmptyMetadataClears) {
  document into{{"metadata", {{"a", "1"}, {"b", "2"}}}};
  const auto some = decoded("metadata[a]=&metadata[c]=3");
  parameters(some).merge_metadata(into);
  EXPECT_EQ(to_json(into.at("metadata")), R"({"b":"2","c":"3"})");
  const auto none = decoded("metadata=");
  parameters(none).merge_metadata(into);
  EXPECT_EQ(to_json(into.at("metadata")), "{}");
}

} // namespace
} // namespace tessera::paysim
