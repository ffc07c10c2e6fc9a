#include "http/json/reader.hpp"

#include <gmock/gmock.h>

#include <cctype>
#include <chrono>

namespace tessera::http::json {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::Optional;

constexpr std::int64_t most_credits = 9'007'199'254'740'991;
const integer_rules amount{.least = 1, .most = most_credits, .code = "amount_out_of_range"};

bool is_word(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-';
  });
}

const string_rules id{.most = 8, .accepts = is_word, .code = "invalid_id", .expected = "Must be an id."};

/// The body of the tests: {entityId, credits, note?, at?, legs?:[{to, credits}], metadata?, kind?}
std::optional<problem> refusal_of(std::string_view body) {
  reader read{body};
  auto root = read.object();
  root.string("entityId", id);
  root.integer("credits", amount);
  root.optional_string("note", {.least = 0, .most = 3});
  root.optional_time("at");
  root.optional_boolean("final");
  root.optional_choice("kind", {"promo", "bonus"});
  root.optional_raw("metadata", {.most_bytes = 20});
  if (const auto legs = root.optional_array("legs", {.least = 1, .most = 2}))
    for (const auto item : *legs) {
      auto leg = item.object();
      leg.string("to", id);
      leg.integer("credits", amount);
    }
  return read.refusal();
}

struct bad_body {
  std::string name;
  std::string body;
  unsigned status;
  std::string code;
  std::string pointer; // of the first error, "" when there are none
};

void PrintTo(const bad_body& tried, std::ostream* out) {
  *out << tried.name;
}

std::string with(const std::string& more) {
  return R"({"entityId":"org-1",)" + more + "}";
}
std::string with_credits(const std::string& value) {
  return with("\"credits\":" + value);
}
std::string beside(const std::string& more) {
  return with("\"credits\":1," + more);
}

const bad_body bad[] = {
    {"NotJson", "{", 400, "invalid_json", ""},
    {"NoBody", "", 400, "invalid_json", ""},
    {"ArrayForObject", "[]", 400, "invalid_type", ""},
    {"NullForObject", "null", 400, "invalid_type", ""},
    {"FractionForInteger", with_credits("10.0"), 400, "invalid_type", "/credits"},
    {"ExponentForInteger", with_credits("1e3"), 400, "invalid_type", "/credits"},
    {"StringForInteger", with_credits("\"10\""), 400, "invalid_type", "/credits"},
    {"TrueForInteger", with_credits("true"), 400, "invalid_type", "/credits"},
    {"NullForInteger", with_credits("null"), 400, "invalid_type", "/credits"},
    {"ArrayForInteger", with_credits("[1]"), 400, "invalid_type", "/credits"},
    {"NegativeZero", with_credits("-0"), 400, "invalid_json", ""},
    {"Zero", with_credits("0"), 422, "amount_out_of_range", "/credits"},
    {"Negative", with_credits("-5"), 422, "amount_out_of_range", "/credits"},
    {"AboveExact", with_credits("9007199254740992"), 422, "amount_out_of_range", "/credits"},
    {"Above63Bits", with_credits("9223372036854775808"), 422, "amount_out_of_range", "/credits"},
    {"LeastInteger", with_credits("-9223372036854775808"), 422, "amount_out_of_range", "/credits"},
    {"MissingField", R"({"entityId":"a"})", 422, "validation_failed", "/credits"},
    {"IntegerForString", R"({"entityId":1,"credits":1})", 400, "invalid_type", "/entityId"},
    {"EmptyString", R"({"entityId":"","credits":1})", 422, "validation_failed", "/entityId"},
    {"LongString", R"({"entityId":"aaaaaaaaa","credits":1})", 422, "validation_failed", "/entityId"},
    {"ForbiddenCharacters", R"({"entityId":"a b","credits":1})", 422, "invalid_id", "/entityId"},
    {"LengthInCodePoints", beside("\"note\":\"éééé\""), 422, "validation_failed", "/note"},
    {"NullForOptional", beside("\"note\":null"), 400, "invalid_type", "/note"},
    {"BadTime", beside("\"at\":\"2026-02-30T00:00:00Z\""), 422, "validation_failed", "/at"},
    {"NumberForTime", beside("\"at\":0"), 400, "invalid_type", "/at"},
    {"StringForBoolean", beside("\"final\":\"true\""), 400, "invalid_type", "/final"},
    {"UnknownChoice", beside("\"kind\":\"paid\""), 422, "validation_failed", "/kind"},
    {"ScalarMetadata", beside("\"metadata\":1"), 400, "invalid_type", "/metadata"},
    {"LargeMetadata",
     beside("\"metadata\":{\"a\":\"0123456789012345\"}"),
     422,
     "validation_failed",
     "/metadata"},
    {"ObjectForArray", beside("\"legs\":{}"), 400, "invalid_type", "/legs"},
    {"TooFewItems", beside("\"legs\":[]"), 422, "validation_failed", "/legs"},
    {"TooManyItems", beside("\"legs\":[1,2,3]"), 422, "too_many_items", "/legs"},
    {"WrongItem", beside("\"legs\":[1]"), 400, "invalid_type", "/legs/0"},
    {"UnknownField", beside("\"price\":1"), 422, "unknown_field", "/price"},
    {"UnknownFieldBelow",
     beside(R"("legs":[{"to":"a","credits":1,"x/~y":1}])"),
     422,
     "unknown_field",
     "/legs/0/x~1~0y"},
    {"OtherCase", beside("\"Note\":\"a\""), 422, "unknown_field", "/Note"},
    {"TypeWinsOverRange", R"({"entityId":5,"credits":0})", 400, "invalid_type", "/entityId"},
    {"UnlikeErrors", beside(R"("x":1,"note":"abcd")"), 422, "validation_failed", "/note"},
};

class BadBodyTest : public testing::TestWithParam<bad_body> {};

TEST_P(BadBodyTest, IsRefused) {
  const auto refusal = refusal_of(GetParam().body);

  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->status, GetParam().status) << refusal->detail;
  EXPECT_EQ(refusal->code, GetParam().code) << refusal->detail;
  EXPECT_FALSE(refusal->detail.empty());
  const auto pointer = refusal->errors.empty() ? "" : refusal->errors.front().pointer;
  EXPECT_EQ(pointer, GetParam().pointer);
}

INSTANTIATE_TEST_SUITE_P(Reader, BadBodyTest, testing::ValuesIn(bad), [](const auto& tried) {
  return tried.param.name;
});

TEST(ReaderTest, HandsOutTypedFields) {
  reader read{R"({"s":"text","i":-7,"b":true,"t":"1970-01-01T00:00:01Z","k":"bonus","o":{"x":1},"a":[1,2],
                  "m": { "b" : [ 1.50, "é" ] }, "n":null})"};
  auto root = read.object();

  EXPECT_EQ(root.string("s"), "text");
  EXPECT_EQ(root.integer("i", {.least = -10}), -7);
  EXPECT_TRUE(root.boolean("b"));
  EXPECT_EQ(root.need("t").time(), 1'000'000);
  EXPECT_EQ(root.choice("k", {"promo", "bonus"}), 1u);
  EXPECT_EQ(root.need("o").object().integer("x"), 1);
  EXPECT_EQ(root.array("a")[1].integer(), 2);
  EXPECT_EQ(root.need("m").raw(), R"({"b":[1.5,"é"]})");
  EXPECT_TRUE(root.is_null("n"));
  EXPECT_EQ(root.optional_integer("absent"), std::nullopt);
  EXPECT_FALSE(root.has("absent"));
  EXPECT_FALSE(read.refusal());
}

TEST(ReaderTest, TellsAllErrorsAtOnce) {
  const auto refusal =
      refusal_of(R"({"entityId":"a b","credits":0,"legs":[{"to":"a"},{"to":"b","credits":1}],"x":1})");

  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->status, 422u);
  EXPECT_THAT(
      refusal->errors,
      ElementsAre(
          Field(&field_error::pointer, "/entityId"),
          Field(&field_error::pointer, "/credits"),
          Field(&field_error::pointer, "/legs/0/credits"),
          Field(&field_error::pointer, "/x")
      )
  );
}

TEST(ReaderTest, BoundsWhatItTells) {
  std::string body = R"({"entityId":"a","credits":1)";
  for (int at = 0; at < 1'000; ++at)
    body += ",\"x" + std::to_string(at) + "\":1";

  const auto refusal = refusal_of(body + "}");

  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->errors.size(), 50u);
  EXPECT_THAT(refusal->detail, HasSubstr("1000 errors"));
}

TEST(ReaderTest, TellsTheWrongTypeThoughManyErrorsCameFirst) {
  std::string body = "[";
  for (int at = 0; at < 100; ++at)
    body += "0,";
  reader read{body + "\"x\"]"};
  for (const auto item : read.array())
    item.integer(amount);

  const auto refusal = read.refusal();

  EXPECT_EQ(refusal->status, 400u);
  EXPECT_EQ(refusal->errors.back().pointer, "/100");
}

TEST(ReaderTest, CarriesTheRoutesOwnRules) {
  reader read{R"({"to":"a"})"};
  auto root = read.object();
  root.string("to");

  root.reject("to", "same_account", "Is the source.");

  const auto refusal = read.refusal();
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->code, "same_account");
  EXPECT_EQ(refusal->detail, "/to: Is the source.");
}

TEST(ReaderTest, HandsOutWhatNobodyAskedFor) {
  reader read{R"({"specversion":"1.0","traceid":"a","other":2})"};
  auto root = read.object();
  root.string("specversion");

  const auto first = root.next_unread();
  const auto second = root.next_unread();

  EXPECT_EQ(first->first, "traceid");
  EXPECT_EQ(second->second.integer(), 2);
  EXPECT_FALSE(root.next_unread());
  EXPECT_FALSE(read.refusal());
}

/// From the first field again each time, this takes minutes.
TEST(ReaderTest, GoesOnWhereItStopped) {
  std::string body = "{";
  for (int at = 0; at < 300'000; ++at)
    body += "\"x" + std::to_string(at) + "\":1,";
  body.back() = '}';
  reader read{body};
  auto root = read.object();
  const auto begun = std::chrono::steady_clock::now();

  int fields = 0;
  while (root.next_unread() && std::chrono::steady_clock::now() < begun + std::chrono::seconds(5))
    ++fields;

  EXPECT_EQ(fields, 300'000);
}

TEST(ReaderTest, TakesATimeWithAnOffsetWhereItIsAllowed) {
  reader read{R"({"t":"1970-01-01T02:00:01+02:00"})"};

  EXPECT_EQ(read.object().need("t").time({.with_offset = true}), 1'000'000);
  EXPECT_FALSE(read.refusal());
  EXPECT_EQ(read.object().need("t").time(), 0);
  EXPECT_TRUE(read.refusal());
}

TEST(ReaderTest, LetsForeignShapesPass) {
  reader read{R"({"type":"charge","data":{"object":{"id":"ch_1","more":1}},"x":2})"};
  auto root = read.object();
  auto data = root.need("data").object().need("object").object();

  EXPECT_EQ(data.string("id"), "ch_1");
  root.ignore_unread();
  data.ignore_unread();

  EXPECT_FALSE(read.refusal());
}

TEST(ReaderTest, OpensTheSameObjectTwice) {
  reader read{R"({"a":1,"b":[2]})"};
  EXPECT_EQ(read.object().integer("a"), 1);
  EXPECT_EQ(read.object().array("b")[0].integer(), 2);
  EXPECT_FALSE(read.refusal());
}

TEST(ReaderTest, ServesTwoBodiesAtOnce) {
  reader outer{R"({"a":"outer"})"};
  const auto text = outer.object().string("a");
  {
    reader inner{R"({"a":"inner"})"};
    EXPECT_EQ(inner.object().string("a"), "inner");
  }
  EXPECT_EQ(text, "outer");
}

TEST(ReaderTest, ReadsALargeBatch) {
  std::string body = "[";
  for (int at = 0; at < 10'000; ++at)
    body += R"({"eventId":"event-)" + std::to_string(at) + R"(","credits":1,"entityId":"org-1"},)";
  body.back() = ']';
  reader read{body};
  std::int64_t sum = 0;
  for (const auto item : read.array({.most = 10'000})) {
    auto fields = item.object();
    fields.string("entityId");
    fields.string("eventId");
    sum += fields.integer("credits");
  }

  EXPECT_EQ(sum, 10'000);
  EXPECT_FALSE(read.refusal());
}

} // namespace
} // namespace tessera::http::json
