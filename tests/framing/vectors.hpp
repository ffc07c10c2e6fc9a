#pragma once

#include <initializer_list>
#include <string>
#include <vector>

/// Header blocks that a gate must tell apart, one for each way in which two parsers have disagreed.
namespace tessera::test {

struct framing_vector {
  std::string name;
  std::string bytes;
  unsigned status; // 0: accepted
};

std::vector<framing_vector> refused_vectors();
std::vector<framing_vector> accepted_vectors();

/// A request of these lines, each ended by CRLF, and the empty line.
std::string lines(std::initializer_list<std::string> all);
/// `POST /p` to the host `h` with these header lines.
std::string with_headers(std::initializer_list<std::string> all);

} // namespace tessera::test
