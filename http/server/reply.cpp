#include "http/server/reply.hpp"

#include "http/routing/characters.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <ctime>

namespace tessera::http {

namespace {

struct default_header {
  std::string_view name;
  std::string_view line;
};

/// Last is HSTS, which is not always sent.
constexpr std::array<default_header, 5> defaults{{
    {"Cache-Control", "Cache-Control: no-store\r\n"},
    {"X-Content-Type-Options", "X-Content-Type-Options: nosniff\r\n"},
    {"Referrer-Policy", "Referrer-Policy: no-referrer\r\n"},
    {"Content-Security-Policy", "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"},
    {"Strict-Transport-Security", "Strict-Transport-Security: max-age=31536000; includeSubDomains\r\n"},
}};

std::string_view reason_of(unsigned status) {
  switch (status) {
  case 200: return "OK";
  case 201: return "Created";
  case 202: return "Accepted";
  case 204: return "No Content";
  case 301: return "Moved Permanently";
  case 302: return "Found";
  case 303: return "See Other";
  case 304: return "Not Modified";
  case 307: return "Temporary Redirect";
  case 308: return "Permanent Redirect";
  case 400: return "Bad Request";
  case 401: return "Unauthorized";
  case 402: return "Payment Required";
  case 403: return "Forbidden";
  case 404: return "Not Found";
  case 405: return "Method Not Allowed";
  case 406: return "Not Acceptable";
  case 408: return "Request Timeout";
  case 409: return "Conflict";
  case 410: return "Gone";
  case 412: return "Precondition Failed";
  case 413: return "Content Too Large";
  case 414: return "URI Too Long";
  case 415: return "Unsupported Media Type";
  case 417: return "Expectation Failed";
  case 422: return "Unprocessable Content";
  case 428: return "Precondition Required";
  case 429: return "Too Many Requests";
  case 431: return "Request Header Fields Too Large";
  case 500: return "Internal Server Error";
  case 501: return "Not Implemented";
  case 502: return "Bad Gateway";
  case 503: return "Service Unavailable";
  case 504: return "Gateway Timeout";
  case 505: return "HTTP Version Not Supported";
  default: return "Unknown";
  }
}

void append_number(std::string& out, std::size_t number) {
  std::array<char, 20> digits;
  out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr);
}

void append_line(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ");
  const auto start = out.size();
  out.append(value);
  // A value may carry text from outside: a line break in it would begin a header of its own.
  for (auto at = start; at < out.size(); ++at)
    if (static_cast<unsigned char>(out[at]) < ' ' || out[at] == 0x7f) out[at] = ' ';
  out.append("\r\n");
}

void append_defaults(std::string& out, const response& answer, bool strict_transport) {
  const auto count = defaults.size() - (strict_transport ? 0 : 1);
  for (std::size_t at = 0; at < count; ++at) {
    bool set_by_route = false;
    for (const auto& [name, value] : answer.headers)
      set_by_route = set_by_route || equal_ignoring_case(name, defaults[at].name);
    if (!set_by_route) out.append(defaults[at].line);
  }
}

/// How the client finds the end of the body. A stream's is found by its chunks, in HTTP/1.0 by the end of the
/// connection.
void append_length(std::string& out, const response& answer, const reply_context& context) {
  if (answer.stream) {
    if (!context.is_http_1_0) out.append("Transfer-Encoding: chunked\r\n");
    return;
  }
  out.append("Content-Length: ");
  append_number(out, answer.body.size());
  out.append("\r\n");
}

bool status_has_body(unsigned status) {
  return status != 204 && status != 304;
}

} // namespace

bool has_wire_body(const response& answer, const reply_context& context) {
  return !context.without_body && !answer.stream && status_has_body(answer.status);
}

void append_reply_head(std::string& out, const response& answer, const reply_context& context) {
  out.append("HTTP/1.1 ");
  append_number(out, answer.status);
  out.append(" ").append(reason_of(answer.status)).append("\r\nDate: ").append(context.date).append("\r\n");
  if (status_has_body(answer.status)) {
    out.append("Content-Type: ").append(answer.content_type).append("\r\n");
    append_length(out, answer, context);
  }
  if (!context.request_id.empty()) out.append("X-Request-Id: ").append(context.request_id).append("\r\n");
  append_defaults(out, answer, context.strict_transport);
  out.append(context.origin_lines);
  for (const auto& [name, value] : answer.headers)
    append_line(out, name, value);
  if (context.close)
    out.append("Connection: close\r\n");
  else if (context.is_http_1_0)
    out.append("Connection: keep-alive\r\n");
  out.append("\r\n");
}

std::string_view date_clock::now() {
  const std::time_t second = std::time(nullptr);
  if (second != second_) {
    second_ = second;
    std::tm parts{};
    gmtime_r(&second, &parts);
    // Not strftime: its names follow the locale.
    constexpr std::string_view day_names = "SunMonTueWedThuFriSat";
    constexpr std::string_view month_names = "JanFebMarAprMayJunJulAugSepOctNovDec";
    std::array<char, 40> rest;
    const auto name = [](std::string_view names, int at) {
      return names.substr(static_cast<std::size_t>(at) * 3, 3);
    };
    text_.assign(name(day_names, parts.tm_wday));
    text_.append(rest.data(), std::strftime(rest.data(), rest.size(), ", %d ", &parts));
    text_.append(name(month_names, parts.tm_mon));
    text_.append(rest.data(), std::strftime(rest.data(), rest.size(), " %Y %H:%M:%S GMT", &parts));
  }
  return text_;
}

} // namespace tessera::http
