#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// What the service makes of the bytes of one connection.
namespace tessera::test {

struct seen_request {
  std::string method;
  std::string target;
  std::string headers; // `name: value`, a line each
  std::string body;

  friend bool operator==(const seen_request&, const seen_request&) = default;
};

struct sight {
  std::vector<seen_request> requests; // whole ones, in their order
  std::size_t heads = 0;              // header blocks that were accepted, also of what is not whole
  bool refused = false;               // what followed was
  /// Where gate and decoder do not agree about the end of a request; empty: nowhere.
  std::string quarrel;

  friend bool operator==(const sight&, const sight&) = default;
};

/// Goes through the bytes as `connection` does: gate, decoder, the next request, until the bytes are over,
/// one is refused, or the connection would be closed. They arrive in pieces of that size; 0: in one.
sight look(std::string_view bytes, std::size_t piece = 0);

/// The same without the gate: what Beast alone makes of it. For the proof that the comparison would notice.
sight look_without_gate(std::string_view bytes);

} // namespace tessera::test
