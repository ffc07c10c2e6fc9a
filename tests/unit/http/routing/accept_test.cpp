#include "http/routing/accept.hpp"

#include <gmock/gmock.h>

namespace tessera::http {
namespace {

enum type : std::size_t { json, csv, ndjson };

struct accept_case {
  std::string_view header;
  type wanted;
};

TEST(AcceptTest, ChoosesWhatTheClientWantsMost) {
  constexpr accept_case cases[] = {
      {"", json},
      {"*/*", json},
      {"application/json", json},
      {"text/csv", csv},
      {"TEXT/CSV", csv},
      {"text/csv; charset=utf-8", csv},
      {"text/*", csv},
      {"application/x-ndjson", ndjson},
      {"application/*", json},
      {"image/png", json},
      {"nonsense", json},
      {"text/csv;q=0.5, application/x-ndjson", ndjson},
      {"text/csv, application/x-ndjson;q=0.9, */*;q=0.1", csv},
      {"application/json;q=0.5, text/csv;q=0.51", csv},
      {"text/csv, application/json", csv}, // equals: the first
      {"application/json, text/csv", json},
      {"text/csv;q=0, */*", json},
      {"text/csv;q=0", json},
      {"application/json;q=0, text/csv;q=0.001", csv},
      {"*/*, text/csv;q=0.5", json},
      {"text/csv;q=1.5, application/x-ndjson;q=0.1", ndjson}, // no such weight
      {"text/csv;q=, application/x-ndjson;q=x", json},
      {",,text/csv,", csv},
  };
  for (const auto& [header, wanted] : cases)
    EXPECT_EQ(preferred_type(header, {"application/json", "text/csv", "application/x-ndjson"}), wanted)
        << header;
}

TEST(AcceptTest, GzipIsForThoseWhoTakeIt) {
  for (const auto* header :
       {"gzip", "GZIP", "deflate, gzip;q=0.5", "*", "br, *;q=0.1", "gzip, *;q=0", "*;q=0, gzip"})
    EXPECT_TRUE(takes_gzip(header)) << header;
  for (const auto* header :
       {"", "identity", "gzip;q=0", "gzip;q=0.000, *", "*;q=0", "br", "gzipped", "gzip;q=x"})
    EXPECT_FALSE(takes_gzip(header)) << header;
}

} // namespace
} // namespace tessera::http
