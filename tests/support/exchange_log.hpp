#pragma once

#include "tests/support/http_client.hpp"

namespace tessera::test {

/// Writes what was asked and answered at that port as one line of JSON into the file that TESSERA_EXCHANGES
/// names, where it is set: the file is begun anew by each process. tests/node/api/answers.mjs checks them
/// against the API document. Bytes are written as the characters of that number, so that nothing is lost of
/// what is no UTF-8.
void log_exchange(std::uint16_t port, const http_request& request, const http_exchange& exchange);

/// While it lives, what is asked and answered at that port is not written: no service of ours is there, and
/// the document says nothing of it.
class left_out_of_log {
public:
  explicit left_out_of_log(std::uint16_t port);
  ~left_out_of_log();
  left_out_of_log(const left_out_of_log&) = delete;
  left_out_of_log& operator=(const left_out_of_log&) = delete;

private:
  std::uint16_t port_;
};

} // namespace tessera::test
