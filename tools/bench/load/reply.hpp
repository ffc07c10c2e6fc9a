#pragma once

#include <cstddef>
#include <string_view>

namespace tessera::bench {

/// What the load needs to know of an answer.
struct reply {
  std::size_t size = 0; // head and body in bytes
  int status = 0;
  int retry_after = -1; // seconds; -1: not said. Looked for in refusals only
  std::string_view body;
};

enum class reading { need_more, whole, broken };

/// Reads the answer at the beginning of `bytes`. Knows Content-Length only, which is all that Tessera sends.
reading read_reply(std::string_view bytes, reply& into);

/// Refused because there was too much: another attempt may succeed.
inline bool is_refusal(int status) {
  return status == 429 || status == 503;
}

} // namespace tessera::bench
