#include "http/json/timestamp.hpp"
#include "messages/types/time.hpp"
#include "tests/fuzz/target.hpp"

namespace tessera::fuzz {

void run_timestamps(std::string_view bytes) {
  (void)http::json::parse_date(bytes);
  const auto strict = http::json::parse_timestamp(bytes);
  const auto us = http::json::parse_timestamp_with_offset(bytes);
  claim(!strict || strict == us, "a time in UTC is one with an offset, too");
  if (!us) return;
  std::string text;
  http::json::append_timestamp(text, *us);
  claim(http::json::parse_timestamp(text) == us, "a time that is written is read back");
  claim(http::json::parse_timestamp(to_rfc3339(from_microseconds(*us))) == us, "in the other writing, too");
}

} // namespace tessera::fuzz
