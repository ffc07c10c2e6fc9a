#include "http/auth/base64url.hpp"
#include "http/auth/cursor.hpp"
#include "tests/fuzz/target.hpp"

namespace tessera::fuzz {

/// The bytes are a cursor that somebody made up, and a position that we seal. The first byte says where a
/// sealed one is changed.
void run_cursors(std::string_view bytes) {
  static const digest key{1, 2, 3};
  static const digest other_key{1, 2, 4};
  const auto at = take_byte(bytes);
  const auto purpose = http::fingerprint().add("transactions").add(std::int64_t{1});
  const auto other_purpose = http::fingerprint().add("transactions").add(std::int64_t{2});
  claim(!http::open_cursor(key, purpose, bytes), "nobody makes a cursor but us");

  auto sealed = http::seal_cursor(key, purpose, bytes);
  claim(http::open_cursor(key, purpose, sealed) == std::string(bytes), "what is sealed opens");
  claim(!http::open_cursor(key, other_purpose, sealed), "a cursor is for one purpose");
  claim(!http::open_cursor(other_key, purpose, sealed), "a cursor is for one key");
  sealed[at % sealed.size()] = sealed[at % sealed.size()] == 'A' ? 'B' : 'A';
  claim(!http::open_cursor(key, purpose, sealed), "a letter that is changed breaks the seal");

  if (const auto decoded = http::decode_base64url(bytes))
    claim(http::encode_base64url(*decoded) == bytes, "base64url has one spelling");
}

} // namespace tessera::fuzz
