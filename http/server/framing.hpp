#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace tessera::http {

/// What a header block may take (contract 2 `limits`).
struct head_limits {
  std::size_t max_bytes = 16 * 1024;
  std::size_t max_headers = 64;
  std::size_t max_target_bytes = 8 * 1024;
};

enum class body_kind { none, length, chunked };

/// An accepted header block. The views point into the bytes that were given to the gate.
struct request_head {
  std::string_view method;
  std::string_view target; // origin form: begins with '/'
  std::vector<std::pair<std::string_view, std::string_view>> headers;
  body_kind body = body_kind::none;
  std::uint64_t content_length = 0; // of body_kind::length, never 0 there
  int minor_version = 1;            // of HTTP/1.x
  bool keep_alive = true;
  bool expects_continue = false;
  std::size_t size = 0; // bytes of the block, the empty line included
};

/// Why a header block was refused. The connection is of no further use: nobody knows where the next request
/// begins.
struct framing_refusal {
  unsigned status = 400;
  std::string_view code;
  std::string_view reason;
};

enum class framing { need_more, refused, accepted };

/// Decides where a request ends, before any parser sees it. Two parties that disagree about that can be made
/// to see different requests (smuggling), so everything with a second reading is refused: repeated, listed or
/// signed lengths, any transfer coding but one `chunked`, folded lines, bare CR or LF, missing or repeated
/// Host.
class framing_gate {
public:
  explicit framing_gate(head_limits limits = {}) : limits_(limits) {}

  /// `bytes` begins where the request begins and, after `need_more`, is the same prefix with more behind it;
  /// what was looked at before is not looked at again.
  framing read(std::string_view bytes);
  /// Forgets the request: the next `read` begins a new one.
  void next();

  request_head& head() { return head_; }
  const framing_refusal& refusal() const { return refusal_; }

private:
  framing refuse(unsigned status, std::string_view code, std::string_view reason);
  framing malformed(std::string_view reason) { return refuse(400, "malformed_request", reason); }
  framing scan(std::string_view bytes);
  framing too_long();
  framing read_request_line(std::string_view line);
  framing read_version(std::string_view version);
  framing read_fields(std::string_view lines);
  framing read_field(std::string_view name, std::string_view value);
  framing read_content_length(std::string_view value);
  framing read_transfer_encoding(std::string_view value);
  framing read_host(std::string_view value);
  framing read_expect(std::string_view value);
  void read_connection(std::string_view value);
  void read_proxy_connection(std::string_view value);
  framing check_whole();

  head_limits limits_;
  std::size_t scanned_ = 0;   // bytes known to be clean
  std::size_t line_end_ = 0;  // behind the request line, 0 while it is incomplete
  std::size_t block_end_ = 0; // behind the empty line, 0 while it has not come
  bool saw_host_ = false;
  bool saw_length_ = false;
  bool saw_coding_ = false;
  bool says_close_ = false;
  bool says_keep_alive_ = false;
  request_head head_;
  framing_refusal refusal_;
};

} // namespace tessera::http
