#pragma once

#include "http/routing/response.hpp"

#include <string>
#include <string_view>

namespace tessera::http {

/// What the connection adds to a route's answer.
struct reply_context {
  std::string_view request_id;
  std::string_view date;     // IMF-fixdate
  bool without_body = false; // the request was HEAD
  bool close = false;
  bool is_http_1_0 = false;      // keep-alive must be told, and nothing can be chunked
  bool strict_transport = false; // send HSTS
  std::string_view origin_lines; // see cross_origin.hpp; empty: no origin is ever allowed
};

/// Appends status line and headers up to the empty line. Security headers that the route set itself win.
void append_reply_head(std::string& out, const response& answer, const reply_context& context);

/// Whether the body of this answer goes on the wire.
bool has_wire_body(const response& answer, const reply_context& context);

/// The current second as a Date header has it; kept until the second is over.
class date_clock {
public:
  std::string_view now();

private:
  std::int64_t second_ = -1;
  std::string text_;
};

} // namespace tessera::http
