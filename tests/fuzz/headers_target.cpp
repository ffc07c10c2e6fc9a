#include "http/auth/bearer.hpp"
#include "http/auth/cookies.hpp"
#include "http/auth/limits/addresses.hpp"
#include "http/auth/same_origin.hpp"
#include "http/routing/accept.hpp"
#include "http/routing/versions.hpp"
#include "http/server/admission.hpp"
#include "http/server/identity.hpp"
#include "tests/fuzz/target.hpp"

#include <algorithm>

namespace tessera::fuzz {

namespace {

/// Lines of `name: value`.
http::request request_of(std::string_view bytes) {
  http::request asked;
  asked.method = "PUT";
  asked.path = "/";
  asked.remote_address = "127.0.0.1";
  while (!bytes.empty()) {
    auto value = take_until(bytes, '\n');
    const auto name = take_until(value, ':');
    asked.headers.emplace_back(name, value);
  }
  return asked;
}

void check_cookie(const http::request& asked) {
  const auto cookie = http::find_cookie(asked, http::access_cookie);
  claim(cookie.is_there || cookie.value.empty(), "a cookie that is not there has no value");
  if (cookie.value.empty()) return;
  const auto header = std::string(http::access_cookie) + "=" + std::string(cookie.value);
  http::request again;
  again.headers.emplace_back("Cookie", header);
  claim(http::find_cookie(again, http::access_cookie).value == cookie.value, "a cookie alone is found again");
}

void check_versions(const http::request& asked) {
  std::optional<std::vector<std::int64_t>> versions;
  if (http::read_if_match(asked, versions) || !versions || versions->empty()) return;
  std::string list;
  for (const auto version : *versions)
    list += (list.empty() ? "" : ", ") + http::etag_of(version);
  http::request again;
  again.headers.emplace_back("If-Match", list);
  std::optional<std::vector<std::int64_t>> same;
  claim(!http::read_if_match(again, same) && same == versions, "versions are read back from their tags");
}

void check_addresses(const http::request& asked) {
  static const std::vector<http::ip_network> trusted{
      *http::ip_network::parse("127.0.0.0/8"), *http::ip_network::parse("fd00::/8")};
  const auto from = http::address_of(asked, trusted);
  const auto same = [&](const http::ip_address& one) {
    return http::network_of(one) == http::network_of(http::network_of(one));
  };
  claim(same(from), "the neighbours of an address have one name");
  claim(http::client_of(http::client_of(from)) == http::client_of(from), "so has a client");
}

} // namespace

void run_headers(std::string_view bytes) {
  const auto asked = request_of(bytes);
  check_cookie(asked);
  check_versions(asked);
  check_addresses(asked);
  claim(
      http::preferred_type(asked.header("Accept").value_or(""), {"application/json", "text/csv"}) < 2,
      "one that was offered"
  );
  (void)http::is_acceptable(
      asked.header("Content-Type").value_or(""), "application/json, application/cloudevents+json"
  );
  (void)http::bearer_token(asked);
  const auto foreign = http::why_cross_origin(asked, "https://credits.example.org");
  claim(!foreign || foreign->status == 403, "another origin is 403");
  const auto id = asked.header("X-Request-Id").value_or("");
  claim(
      !http::is_request_id(id) || (id.size() <= 128 && id.find_first_of("\r\n \"") == id.npos),
      "an id is safe in a log"
  );
  const auto parent = asked.header("traceparent").value_or("");
  claim(!http::is_traceparent(parent) || parent.size() >= 55, "a traceparent is whole");
  if (const auto network = http::ip_network::parse(bytes))
    claim(network->contains(network->first), "a network has its first address");
}

} // namespace tessera::fuzz
