#include "http/json/number_text.hpp"
#include "http/json/reader.hpp"

#include <gtest/gtest.h>

namespace tessera::http::json {
namespace {

TEST(NumberTextTest, IsDigitForDigit) {
  EXPECT_EQ(number_text(R"({"price":225.10})", "price"), "225.10");
  EXPECT_EQ(
      number_text("{ \"a\" : 1 ,\n\t\"price\" :\r 0.1000000000000000055511 }", "price"),
      "0.1000000000000000055511"
  );
  EXPECT_EQ(number_text(R"({"price":1e3})", "price"), "1e3");
}

TEST(NumberTextTest, IsThatOfTheOutermostObject) {
  EXPECT_EQ(number_text(R"({"a":{"price":1},"b":[{"price":2}],"price":3})", "price"), "3");
  EXPECT_EQ(number_text(R"({"a":"price","b":"\"price\":9","price":3})", "price"), "3");
  EXPECT_EQ(number_text(R"({"a":"}{\\","price":3})", "price"), "3");
}

TEST(NumberTextTest, IsEmptyForAnythingElse) {
  for (const auto* other :
       {R"({"price":"3"})", R"({"price":null})", R"({"pr\u0069ce":3})", "{}", "[3]", "3", "", "\""})
    EXPECT_EQ(number_text(other, "price"), "") << other;
}

std::optional<problem> refusal_of(std::string_view body, std::string* read_text = nullptr) {
  reader read{body};
  const auto text = read.object().optional_decimal("price");
  if (read_text) *read_text = text.value_or("absent");
  return read.refusal();
}

TEST(DecimalTest, IsHandedOutAsItWasSent) {
  std::string text;
  EXPECT_FALSE(refusal_of(R"({"price":22.50})", &text));
  EXPECT_EQ(text, "22.50");
  EXPECT_FALSE(refusal_of(R"({"price":22})", &text));
  EXPECT_EQ(text, "22");
  EXPECT_FALSE(refusal_of("{}", &text));
  EXPECT_EQ(text, "absent");
}

TEST(DecimalTest, IsAPlainNumber) {
  for (const auto* wrong_type :
       {R"({"price":"22"})", R"({"price":null})", R"({"price":true})", R"({"price":[22]})"})
    EXPECT_EQ(refusal_of(wrong_type)->status, 400u) << wrong_type;
  for (const auto* not_plain : {R"({"price":-1})", R"({"price":1e2})", R"({"price":1.5E+1})"})
    EXPECT_EQ(refusal_of(not_plain)->errors.at(0).pointer, "/price") << not_plain;
}

} // namespace
} // namespace tessera::http::json
