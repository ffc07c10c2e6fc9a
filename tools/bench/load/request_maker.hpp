#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::bench {

/// A hold is followed by its capture, on the same connection: both count as one request.
enum class request_kind { get, consume, post, hold };
enum class entity_order { random, sequential };

struct request_options {
  request_kind kind = request_kind::consume;
  std::string path = "/api/credits/consume";
  std::string key;            // the API key; empty: no Authorization
  std::uint64_t entities = 1; // `b-0000001` and so on
  entity_order order = entity_order::random;
  std::uint64_t credits = 1;       // 0 is refused by validation: a request without effect
  std::uint64_t batch = 0;         // items of one request; 0: the single form
  std::string content;             // of a post: the same every time, but for marks
  std::vector<std::string> values; // all as long: what `@value` in it stands for, one after the other
};

/// Makes requests by overwriting the digits of one that was built beforehand: nothing is formatted, allocated
/// or copied per request. Every request, also of another run, has an Idempotency-Key of its own.
class request_maker {
public:
  explicit request_maker(const request_options& options);

  /// The next request; valid until the one after it.
  std::string_view next();
  /// What follows the hold of this answer; valid until the one after it. Empty: the answer names none.
  std::string_view capture_of(std::string_view answer);

private:
  std::string body(const request_options& options);
  std::string item(const request_options& options, bool with_event);
  void find_places(std::string_view mark, std::vector<std::size_t>& places);
  std::uint64_t next_entity();

  request_options options_;
  std::string bytes_;
  std::string capture_;
  std::vector<std::size_t> entity_places_; // of seven digits
  std::vector<std::size_t> key_places_;    // of twelve digits
  std::vector<std::size_t> value_places_;
  std::uint64_t made_ = 0;
  std::uint64_t random_;
};

} // namespace tessera::bench
