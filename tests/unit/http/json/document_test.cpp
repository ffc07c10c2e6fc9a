#include "http/json/document.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace tessera::http::json {
namespace {

using namespace std::string_literals;

struct body_case {
  std::string name;
  std::string body;
};

void PrintTo(const body_case& tried, std::ostream* out) {
  *out << tried.name;
}

std::string name_of(const testing::TestParamInfo<body_case>& info) {
  return info.param.name;
}

std::string repeated(std::size_t times, const std::string& text) {
  std::string all;
  for (std::size_t turn = 0; turn < times; ++turn)
    all += text;
  return all;
}

std::string nested(std::size_t depth) {
  return repeated(depth, "[") + repeated(depth, "]");
}

std::string nested_objects(std::size_t depth) {
  return repeated(depth, R"({"a":)") + "1" + repeated(depth, "}");
}

std::string many_keys(int count, const std::string& last) {
  std::string body = "{";
  for (int at = 0; at < count; ++at)
    body += "\"k" + std::to_string(at) + "\":1,";
  return body + "\"" + last + "\":1}";
}

const body_case refused[] = {
    {"Empty", ""},
    {"Blank", "  "},
    {"NoJson", "hello"},
    {"Unclosed", R"({"a":1)"},
    {"TrailingComma", R"({"a":1,})"},
    {"TrailingCommaInArray", "[1,]"},
    {"TwoDocuments", R"({"a":1}{"a":2})"},
    {"GarbageBehind", R"({"a":1} x)"},
    {"ByteOrderMark", "\xef\xbb\xbf{}"},
    {"SingleQuotes", "{'a':1}"},
    {"BareKey", "{a:1}"},
    {"Comment", "{/* */}"},
    {"LeadingZero", R"({"a":01})"},
    {"LeadingPlus", R"({"a":+1})"},
    {"NotANumber", R"({"a":NaN})"},
    {"PointAtEnd", R"({"a":1.})"},
    {"HugeExponent", R"({"a":1e400})"},
    {"HugeInteger", R"({"a":)" + repeated(1'000, "9") + "}"},
    {"BadEscape", R"({"a":"\x"})"},
    {"ShortUnicodeEscape", R"({"a":"\u12"})"},
    {"LineBreakInString", "{\"a\":\"b\nc\"}"},
    {"RawNulInString", "{\"a\":\"b\0c\"}"s},
    {"NulBehind", "{}\0"s},
    {"EscapedNul", R"({"a":"b\u0000c"})"},
    {"EscapedNulInKey", R"({"a\u0000":1})"},
    {"EscapedNulBehindBackslash", R"({"a":"\\\u0000"})"},
    {"HighSurrogateAlone", R"({"a":"\ud83d"})"},
    {"HighSurrogateBeforeText", R"({"a":"\ud83dx"})"},
    {"HighSurrogateTwice", R"({"a":"\ud83d\ud83d"})"},
    {"LowSurrogateAlone", R"({"a":"\ude00"})"},
    {"LowSurrogateInKey", R"({"\uDE00":1})"},
    {"InvalidUtf8", "{\"a\":\"\xff\"}"},
    {"OverlongUtf8", "{\"a\":\"\xc0\x80\"}"},
    {"SurrogateInUtf8", "{\"a\":\"\xed\xa0\x80\"}"},
    {"TruncatedUtf8", "{\"a\":\"\xc3\"}"},
    {"DuplicateKey", R"({"credits":1,"credits":2})"},
    {"DuplicateKeyByEscape", R"({"credits":1,"\u0063redits":2})"},
    {"DuplicateKeyBelow", R"({"a":[{"b":1,"b":1}]})"},
    {"DuplicateAmongMany", many_keys(100, "k50")},
    {"DepthOfArrays", nested(33)},
    {"DepthOfObjects", nested_objects(33)},
    {"DepthFarBeyond", nested(20'000)},
    {"NegativeZero", R"({"a":-0})"},
    {"NegativeZeroAtEnd", "-0"},
    {"NegativeZeroInArray", "[1, -0 ]"},
};

class RefusedDocumentTest : public testing::TestWithParam<body_case> {};

TEST_P(RefusedDocumentTest, IsRefusedWithAReason) {
  document parsed;
  EXPECT_NE(parsed.parse(GetParam().body), "");
}

INSTANTIATE_TEST_SUITE_P(Document, RefusedDocumentTest, testing::ValuesIn(refused), name_of);

const body_case accepted[] = {
    {"EmptyObject", "{}"},
    {"Spaces", " \r\n\t{ } \n"},
    {"DepthAtTheLimit", nested(32)},
    {"DepthOfObjectsAtTheLimit", nested_objects(32)},
    {"SurrogatePair", R"({"a":"\ud83d\ude00"})"},
    {"BackslashBeforeUnicodeText", R"({"a":"\\u0000"})"},
    {"TextThatLooksNegative", R"({"a":"-0","b":"x\"-0"})"},
    {"NegativeNumbers", R"([-0.5,-0e1,-1,-10,1e-0])"},
    {"SameKeyInTwoObjects", R"([{"a":1},{"a":{"a":1}}])"},
    {"ManyKeys", many_keys(1'000, "x")},
    {"LargestInteger", "18446744073709551615"},
};

class AcceptedDocumentTest : public testing::TestWithParam<body_case> {};

TEST_P(AcceptedDocumentTest, IsAccepted) {
  document parsed;
  EXPECT_EQ(parsed.parse(GetParam().body), "");
}

INSTANTIATE_TEST_SUITE_P(Document, AcceptedDocumentTest, testing::ValuesIn(accepted), name_of);

TEST(DocumentTest, CanBeUsedAgainAfterARefusal) {
  document parsed;
  parsed.parse(nested(100));
  EXPECT_EQ(parsed.parse(R"({"a":7})"), "");
  EXPECT_EQ(std::int64_t{parsed.root()["a"]}, 7);
}

} // namespace
} // namespace tessera::http::json
