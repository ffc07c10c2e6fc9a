#include "http/json/document.hpp"
#include "http/server/admission.hpp"
#include "http/server/framing.hpp"
#include "tests/fuzz/route_world.hpp"
#include "tests/fuzz/target.hpp"

#include <simdjson.h>

#include <memory>
#include <numeric>
#include <utility>

namespace tessera::fuzz {

namespace {

/// What a call of anybody may be told by what is behind the routes.
constexpr errc answers[] = {
    errc::database_unavailable,
    errc::insufficient_credits,
    errc::entity_unknown,
    errc::idempotency_key_reused,
    errc::outcome_unknown};
constexpr std::string_view credentials[] = {free_key, operator_key, bound_key, user_token};
constexpr std::string_view media_types[] = {
    "application/json", "application/cloudevents+json", "application/cloudevents-batch+json", "text/plain"};

struct told {
  unsigned status = 0;
  std::string heard;

  friend bool operator==(const told&, const told&) = default;
};

/// Takes the one answer.
class ear final : public http::responder::sink {
public:
  void complete(http::response answer) override {
    claim(!std::exchange(answered_, true), "a request is answered once");
    answer_ = std::move(answer);
  }
  const http::response& answer() const {
    claim(answered_, "a request is answered");
    return answer_;
  }

private:
  bool answered_ = false;
  http::response answer_;
};

/// Flags, the answer of the gateway, `METHOD /path?query`, the end of the line, the body.
struct call {
  explicit call(std::string_view bytes) {
    const auto flags = take_byte(bytes);
    answer = answers[take_byte(bytes) % std::size(answers)];
    auto line = readable(take_until(bytes, '\n'));
    body = bytes;
    bearer = "Bearer " + std::string(credentials[flags & 3]);
    media_type = media_types[(flags >> 4) & 3];
    asked.method = take_until(line, ' ');
    asked.path = take_until(line, '?');
    asked.query = line;
    asked.headers = {{"Authorization", bearer}};
    if ((flags & 3) == 1) asked.headers.emplace_back("X-Tenant", "acme");
    if ((flags & 4) == 0) asked.headers.emplace_back("X-Application", "crm");
    if ((flags & 8) == 0) asked.headers.emplace_back("Idempotency-Key", "key");
    if ((flags & 64) != 0) asked.headers.emplace_back("If-Match", "\"v1\"");
    asked.remote_address = "127.0.0.1";
    asked.request_id = "request";
    choose_route();
    if (!http::is_acceptable(media_type, chosen->content_type)) media_type = "application/json";
    asked.headers.emplace_back("Content-Type", media_type);
  }

  /// The gate lets nothing else come to a route.
  static std::string_view readable(std::string_view line) {
    http::framing_gate gate;
    const auto head = std::string(line) + " HTTP/1.1\r\nHost: h\r\n\r\n";
    return gate.read(head) == http::framing::accepted ? line : std::string_view{};
  }

  /// Where the line names no route, it chooses one all the same.
  void choose_route() {
    const auto& world = route_world::one();
    chosen = world.routes().find(asked.method, asked.path, asked.parameters).found;
    if (chosen) return;
    const auto& table = world.table();
    const auto sum =
        std::accumulate(asked.path.begin(), asked.path.end(), std::size_t{0}, [](std::size_t so_far, char c) {
          return so_far * 31 + static_cast<unsigned char>(c);
        });
    const auto& row = table[sum % table.size()];
    made_path = path_of(row.path);
    asked.method = row.method;
    asked.path = made_path;
    chosen = world.routes().find(asked.method, asked.path, asked.parameters).found;
    claim(chosen, "every row of the table is found");
  }

  static std::string path_of(std::string_view pattern) {
    std::string path;
    take_until(pattern, '/');
    while (!pattern.empty()) {
      const auto segment = take_until(pattern, '/');
      path += '/';
      path += segment == ":entityType" ? "organization" : segment.starts_with(":") ? "org-123" : segment;
    }
    return path;
  }

  http::request asked;
  const http::route* chosen = nullptr;
  std::string made_path;
  std::string bearer;
  std::string_view media_type;
  std::string_view body;
  errc answer = errc::internal;
};

void check_problem(const http::response& answer) {
  http::json::document parsed;
  claim(parsed.parse(answer.body).empty(), "an answer is JSON");
  std::string_view code;
  bool success = true;
  claim(parsed.root()["code"].get(code) == simdjson::SUCCESS && !code.empty(), "a problem has a code");
  claim(parsed.root()["success"].get(success) == simdjson::SUCCESS && !success, "a problem is no success");
}

void check_answer(const http::response& answer) {
  claim(
      answer.status >= 200 && answer.status != 500 && answer.status <= 503,
      "nothing that a client sends breaks us"
  );
  bool says_when = false;
  for (const auto& [name, value] : answer.headers) {
    claim(value.find_first_of("\r\n") == value.npos, "a header is one line");
    says_when = says_when || name == "Retry-After";
  }
  claim(says_when || (answer.status != 429 && answer.status != 503), "who is turned away hears for how long");
  if (answer.status >= 400) check_problem(answer);
  if (answer.stream) answer.stream->next([](const auto&) {});
}

told ask(call& one, std::string_view body) {
  static std::int64_t now_us = 0;
  one.asked.body = body;
  one.asked.received_at_us = now_us += 60'000'000; // nobody is limited
  behind().answer = one.answer;
  behind().heard.clear();
  const auto listening = std::make_shared<ear>();
  one.chosen->handle(one.asked, http::responder(listening));
  check_answer(listening->answer());
  return {listening->answer().status, behind().heard};
}

std::string without_spaces(std::string_view json) {
  std::string text(json.size(), '\0');
  std::size_t size = 0;
  const auto failed = simdjson::minify(json.data(), json.size(), text.data(), size);
  claim(failed == simdjson::SUCCESS, "JSON can be minified");
  text.resize(size);
  return text;
}

} // namespace

void run_requests(std::string_view bytes) {
  (void)route_world::one();
  call one(bytes);
  const auto first = ask(one, one.body);
  claim(ask(one, one.body) == first, "the same request asks for the same");
  http::json::document parsed;
  if (one.body.empty() || !parsed.parse(one.body).empty()) return;
  claim(ask(one, without_spaces(one.body)) == first, "spaces between words change nothing");
}

} // namespace tessera::fuzz
