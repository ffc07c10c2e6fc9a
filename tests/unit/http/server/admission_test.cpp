#include "http/server/admission.hpp"

#include <gtest/gtest.h>

namespace tessera::http {
namespace {

const router routes{{
    {"GET", "/things/:id", {}},
    {"POST", "/things", {}, 100},
    {"POST", "/events", {}, 100, "application/json, application/cloudevents+json"},
}};

struct asked {
  std::string method;
  std::string path;
  std::string content_type = "application/json";
  std::uint64_t length = 0;
  std::string encoding = "identity";
};

unsigned status_of(const asked& what) {
  request incoming;
  incoming.method = what.method;
  incoming.path = what.path;
  incoming.headers = {{"Content-Type", what.content_type}, {"Content-Encoding", what.encoding}};
  request_head head;
  head.body = what.length > 0 ? body_kind::length : body_kind::none;
  head.content_length = what.length;
  const auto admitted = admit(routes, head, incoming);
  return admitted.refusal ? admitted.refusal->status : 0;
}

TEST(AdmissionTest, DecidesFromTheHeader) {
  EXPECT_EQ(status_of({"GET", "/things/1"}), 0u);
  EXPECT_EQ(status_of({"HEAD", "/things/1"}), 0u);
  EXPECT_EQ(status_of({"GET", "/nothing"}), 404u);
  EXPECT_EQ(status_of({"PUT", "/things"}), 405u);
  EXPECT_EQ(status_of({"TRACE", "/things"}), 405u);
  EXPECT_EQ(status_of({"TRACE", "/nothing"}), 501u);
  EXPECT_EQ(status_of({"POST", "/things", "application/json", 100}), 0u);
  EXPECT_EQ(status_of({"POST", "/things", "application/json", 101}), 413u);
  EXPECT_EQ(status_of({"POST", "/things", "text/plain", 5}), 415u);
  EXPECT_EQ(status_of({"POST", "/things", "", 5}), 415u);
  EXPECT_EQ(status_of({"POST", "/things", "", 0}), 0u);
  EXPECT_EQ(status_of({"POST", "/things", "application/json", 5, "gzip"}), 415u);
}

TEST(AdmissionTest, NamesTheMethodsOfThePath) {
  request incoming;
  incoming.method = "PUT";
  incoming.path = "/things/1";

  const auto admitted = admit(routes, {}, incoming);

  ASSERT_EQ(admitted.refusal->headers.size(), 1u);
  EXPECT_EQ(admitted.refusal->headers[0].first, "Allow");
  EXPECT_EQ(admitted.refusal->headers[0].second, "GET, HEAD");
}

TEST(AdmissionTest, ComparesMediaTypes) {
  EXPECT_TRUE(is_acceptable("application/json", "application/json"));
  EXPECT_TRUE(is_acceptable("Application/JSON ; charset=\"UTF-8\"", "application/json"));
  EXPECT_TRUE(is_acceptable("text/csv", "application/json, text/csv"));
  EXPECT_TRUE(is_acceptable("whatever", ""));
  EXPECT_FALSE(is_acceptable("application/json; charset=latin1", "application/json"));
  EXPECT_FALSE(is_acceptable("application/jsonp", "application/json"));
  EXPECT_FALSE(is_acceptable("application/json, text/csv", "application/json, text/csv"));
  EXPECT_FALSE(is_acceptable("", "application/json"));
}

} // namespace
} // namespace tessera::http
