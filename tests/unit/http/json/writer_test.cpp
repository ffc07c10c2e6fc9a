#include "http/json/writer.hpp"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <random>

namespace tessera::http::json {
namespace {

TEST(WriterTest, PutsCommasWhereTheyBelong) {
  std::string out = "before ";
  writer json{out};

  json.begin_object().field("success", true).field("credits", 5);
  json.key("items").begin_array().value(1).value("two").begin_object().end_object().begin_array().end_array();
  json.null().end_array();
  json.key("empty").begin_object().end_object();
  json.key("raw").raw(R"({"a":[1]})").members(R"("x":1,"y":2)");
  json.key("text").begin_string().more("a\n").more("b").end_string();
  json.key("at").time(0).end_object();

  EXPECT_EQ(
      out,
      R"(before {"success":true,"credits":5,"items":[1,"two",{},[],null],"empty":{},"raw":{"a":[1]},"x":1,"y":2,)"
      R"("text":"a\nb","at":"1970-01-01T00:00:00.000Z"})"
  );
}

TEST(WriterTest, DoesNotMistakeTextForPunctuation) {
  std::string out;
  writer{out}.begin_array().value("{").value("[").value(":").value(",").end_array();
  EXPECT_EQ(out, R"(["{","[",":",","])");
}

TEST(WriterTest, WritesTheWholeRangeOfIntegers) {
  std::string out;
  writer{out}
      .begin_array()
      .value(INT64_MIN)
      .value(INT64_MAX)
      .value(UINT64_MAX)
      .value(-1)
      .value(0u)
      .end_array();
  EXPECT_EQ(out, "[-9223372036854775808,9223372036854775807,18446744073709551615,-1,0]");
}

void append_utf8(std::string& out, std::uint32_t point) {
  const auto tail = [&out, point](int shift) { out += static_cast<char>(0x80 | ((point >> shift) & 0x3f)); };
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xc0 | (point >> 6));
    tail(0);
  } else if (point < 0x10000) {
    out += static_cast<char>(0xe0 | (point >> 12));
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xf0 | (point >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

std::string random_text(std::mt19937& random) {
  const std::uint32_t ranges[] = {0x20, 0x80, 0x800, 0xd800, 0x110000};
  std::string text;
  for (auto left = random() % 40; left > 0; --left) {
    const auto point = static_cast<std::uint32_t>(random() % ranges[random() % 5]);
    if (point < 0xd800 || point > 0xdfff) append_utf8(text, point);
  }
  return text;
}

TEST(WriterTest, WritesTextThatReadsBackUnchanged) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random{seed};
  simdjson::dom::parser parser;
  for (int turn = 0; turn < 5'000; ++turn) {
    const auto key = random_text(random);
    const auto text = random_text(random);
    std::string out;
    writer{out}.begin_object().field(key, text).end_object();

    const simdjson::dom::object read{parser.parse(out).get_object()};

    ASSERT_EQ(read.size(), 1u);
    ASSERT_EQ((*read.begin()).key, key);
    ASSERT_EQ(std::string_view{(*read.begin()).value.get_string()}, text);
  }
}

} // namespace
} // namespace tessera::http::json
