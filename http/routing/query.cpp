#include "http/routing/query.hpp"

#include "http/json/timestamp.hpp"
#include "http/routing/characters.hpp"

#include <simdjson.h>

#include <algorithm>
#include <charconv>

namespace tessera::http {

namespace {

constexpr std::size_t max_errors = 50; // of one answer; the rest is counted

int hex_value(char c) {
  return is_digit(c) ? c - '0' : to_lower(c) - 'a' + 10;
}

std::string pointer_to(std::string_view name) {
  return "?" + std::string{name};
}

} // namespace

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '+' && plus_is_space) {
      decoded += ' ';
    } else if (text[at] != '%') {
      decoded += text[at];
    } else {
      if (at + 2 >= text.size() || !is_hex(text[at + 1]) || !is_hex(text[at + 2])) return std::nullopt;
      decoded += static_cast<char>(hex_value(text[at + 1]) * 16 + hex_value(text[at + 2]));
      at += 2;
    }
  }
  if (decoded.find('\0') != std::string::npos || !simdjson::validate_utf8(decoded)) return std::nullopt;
  return decoded;
}

std::optional<query_pairs> parse_query(std::string_view query) {
  query_pairs pairs;
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const auto pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (pair.empty()) continue;
    const auto equals = std::min(pair.find('='), pair.size());
    auto name = percent_decode(pair.substr(0, equals), true);
    auto value = percent_decode(pair.substr(std::min(equals + 1, pair.size())), true);
    if (!name || !value) return std::nullopt;
    pairs.emplace_back(std::move(*name), std::move(*value));
  }
  return pairs;
}

query_reader::query_reader(std::string_view query) {
  if (query.empty()) return;
  auto pairs = parse_query(query);
  malformed_ = !pairs;
  if (pairs) pairs_ = std::move(*pairs);
  used_.resize(pairs_.size());
}

const std::string* query_reader::take(std::string_view name) {
  const std::string* found = nullptr;
  for (std::size_t at = 0; at < pairs_.size(); ++at) {
    if (pairs_[at].first != name) continue;
    if (found && !used_[at]) reject(name, "duplicate_parameter", "The parameter stands more than once.");
    used_[at] = true;
    if (!found) found = &pairs_[at].second;
  }
  return found;
}

std::optional<std::string_view> query_reader::text(std::string_view name, std::size_t max_bytes) {
  const auto* value = take(name);
  if (!value) return std::nullopt;
  if (!value->empty() && value->size() <= max_bytes) return *value;
  reject(name, "invalid_parameter", "Must have 1 to " + std::to_string(max_bytes) + " bytes.");
  return std::nullopt;
}

std::optional<std::int64_t>
query_reader::integer(std::string_view name, std::int64_t least, std::int64_t most) {
  const auto* value = take(name);
  if (!value) return std::nullopt;
  std::int64_t number = 0;
  const auto* end = value->data() + value->size();
  const auto parsed = std::from_chars(value->data(), end, number);
  if (parsed.ec == std::errc{} && parsed.ptr == end && number >= least && number <= most) return number;
  reject(
      name,
      "invalid_parameter",
      "Must be an integer of " + std::to_string(least) + " to " + std::to_string(most) + "."
  );
  return std::nullopt;
}

std::optional<bool> query_reader::boolean(std::string_view name) {
  const auto position = choice(name, {"false", "true"});
  return position ? std::optional{*position == 1} : std::nullopt;
}

std::optional<time_point> query_reader::time(std::string_view name) {
  const auto* value = take(name);
  if (!value) return std::nullopt;
  const auto us = json::parse_timestamp(*value);
  if (!us)
    reject(name, "invalid_parameter", "Must be an RFC 3339 time in UTC, such as 2026-02-28T09:30:00Z.");
  return us ? std::optional(from_microseconds(*us)) : std::nullopt;
}

std::optional<std::size_t>
query_reader::choice(std::string_view name, std::initializer_list<std::string_view> allowed) {
  const auto* value = take(name);
  if (!value) return std::nullopt;
  const auto found = std::find(allowed.begin(), allowed.end(), *value);
  if (found != allowed.end()) return static_cast<std::size_t>(found - allowed.begin());
  std::string detail = "Must be one of";
  for (const auto candidate : allowed)
    detail.append(candidate == *allowed.begin() ? " " : ", ").append(candidate);
  reject(name, "invalid_parameter", std::move(detail += '.'));
  return std::nullopt;
}

void query_reader::reject(std::string_view name, std::string_view code, std::string detail) {
  if (errors_.size() == max_errors)
    ++errors_left_out_;
  else
    errors_.push_back({pointer_to(name), code, std::move(detail)});
}

std::optional<problem> query_reader::refusal() {
  if (malformed_)
    return problem{
        .status = 400, .code = "malformed_query", .title = "The query string is not well encoded."};
  for (std::size_t at = 0; at < pairs_.size(); ++at)
    if (!used_[at]) {
      used_[at] = true;
      reject(pairs_[at].first, "unknown_parameter", "This route has no such parameter.");
    }
  if (errors_.empty()) return std::nullopt;
  const bool alike = std::all_of(errors_.begin(), errors_.end(), [this](const field_error& error) {
    return error.code == errors_.front().code;
  });
  const auto total = errors_.size() + errors_left_out_;
  return problem{
      .status = 422,
      .code = alike ? errors_.front().code : "validation_failed",
      .title = "The query string is not valid.",
      .detail = total == 1 ? errors_.front().pointer + ": " + errors_.front().detail
                           : std::to_string(total) + " errors in the query string.",
      .errors = std::move(errors_),
  };
}

std::optional<problem> or_of_query(std::optional<problem> of_body, std::string_view query) {
  if (of_body && of_body->status == 400) return of_body;
  auto of_query = query_reader(query).refusal();
  const bool is_worse = of_query && (!of_body || of_query->status == 400);
  return is_worse ? of_query : of_body;
}

} // namespace tessera::http
