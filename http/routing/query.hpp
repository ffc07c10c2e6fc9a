#pragma once

#include "http/routing/problem.hpp"
#include "messages/types/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tessera::http {

using query_pairs = std::vector<std::pair<std::string, std::string>>;

/// Decodes `%XX` (and `+` as a space where `plus_is_space`). Nothing when a percent sign is not followed by
/// two hex digits or the result is not UTF-8 or contains a NUL.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);

/// The pairs of a query in their order, decoded; a name without `=` has an empty value. Nothing when an
/// encoding is malformed.
std::optional<query_pairs> parse_query(std::string_view query);

/// Hands a query's parameters to a route and collects what is wrong with them. Whatever the route did not ask
/// for is unknown; a parameter that stands twice has no meaning.
///
///   query_reader query{request.query};
///   const auto limit = query.integer("limit", 1, 1000).value_or(100);
///   const auto cursor = query.text("cursor");
///   if (auto wrong = query.refusal()) return respond(to_response(*wrong, request));
class query_reader {
public:
  explicit query_reader(std::string_view query);

  std::optional<std::string_view> text(std::string_view name, std::size_t max_bytes = 512);
  std::optional<std::int64_t> integer(std::string_view name, std::int64_t least, std::int64_t most);
  std::optional<bool> boolean(std::string_view name);    // true or false
  std::optional<time_point> time(std::string_view name); // RFC 3339 UTC
  /// The position of the value in `allowed`.
  std::optional<std::size_t> choice(std::string_view name, std::initializer_list<std::string_view> allowed);

  void reject(std::string_view name, std::string_view code, std::string detail);

  /// 400 when the encoding is malformed, else 422 with every error: `unknown_parameter`,
  /// `duplicate_parameter`, `invalid_parameter` and what `reject` was told. Call it after the last parameter
  /// was asked for.
  std::optional<problem> refusal();

private:
  const std::string* take(std::string_view name);

  bool malformed_ = false;
  query_pairs pairs_;
  std::vector<bool> used_;
  std::vector<field_error> errors_;
  std::size_t errors_left_out_ = 0;
};

/// What is wrong with a request of a route that takes no query: what is wrong with its body, unless the query
/// is worse.
std::optional<problem> or_of_query(std::optional<problem> of_body, std::string_view query);

} // namespace tessera::http
