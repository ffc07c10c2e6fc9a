#include "http/routing/query.hpp"
#include "tests/fuzz/target.hpp"

namespace tessera::fuzz {

namespace {

std::string encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    ((out += '%') += digits[byte >> 4]) += digits[byte & 15];
  }
  return out;
}

void read_parameters(std::string_view bytes) {
  http::query_reader query(bytes);
  const auto limit = query.integer("limit", 1, 1'000);
  claim(!limit || (*limit >= 1 && *limit <= 1'000), "a number is within its bounds");
  const auto cursor = query.text("cursor");
  claim(!cursor || cursor->size() <= 512, "a text is as long as it may be");
  (void)query.boolean("descendants");
  (void)query.time("from");
  (void)query.choice("order", {"asc", "desc"});
  const auto wrong = query.refusal();
  claim(!wrong || wrong->status == 400 || wrong->status == 422, "what is wrong is 400 or 422");
}

} // namespace

void run_queries(std::string_view bytes) {
  read_parameters(bytes);
  (void)http::percent_decode(bytes, false);
  const auto pairs = http::parse_query(bytes);
  if (!pairs) return;
  std::string again;
  for (const auto& [name, value] : *pairs) {
    claim(
        name.find('\0') == name.npos && value.find('\0') == value.npos, "nothing that is decoded has a NUL"
    );
    again += (again.empty() ? "" : "&") + encoded(name) + "=" + encoded(value);
  }
  claim(http::parse_query(again) == pairs, "what is encoded again is read alike");
}

} // namespace tessera::fuzz
