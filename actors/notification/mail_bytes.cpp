#include "actors/notification/mail_bytes.hpp"

#include "actors/domain/template_text.hpp"

#include <algorithm>
#include <array>
#include <ctime>

namespace tessera {

namespace {

constexpr std::size_t most_plain_line = 900; // RFC 5322 allows 998
constexpr std::size_t most_quoted_line = 76;

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// Lines end with CRLF, and with nothing else.
std::string with_line_ends(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r') {
      if (i + 1 < text.size() && text[i + 1] == '\n') continue;
      out += "\r\n";
    } else if (text[i] == '\n') {
      out += "\r\n";
    } else {
      out += text[i];
    }
  }
  if (!out.ends_with("\r\n")) out += "\r\n";
  return out;
}

bool is_plain(std::string_view body) {
  if (!is_ascii(body)) return false;
  for (std::size_t begin = 0; begin < body.size();) {
    const auto end = std::min(body.find("\r\n", begin), body.size());
    if (end - begin > most_plain_line) return false;
    begin = end + 2;
  }
  return true;
}

void append_hex(std::string& out, char sign, unsigned char byte) {
  constexpr char digits[] = "0123456789ABCDEF";
  out += sign;
  out += digits[byte >> 4];
  out += digits[byte & 15];
}

/// RFC 2045 6.7, of text whose lines end with CRLF.
std::string quoted_printable(std::string_view body) {
  std::string out;
  std::size_t column = 0;
  for (std::size_t i = 0; i < body.size(); ++i) {
    if (body.substr(i, 2) == "\r\n") {
      out += "\r\n";
      column = 0;
      ++i;
      continue;
    }
    const auto byte = static_cast<unsigned char>(body[i]);
    const bool at_end = i + 1 == body.size() || body.substr(i + 1, 2) == "\r\n";
    const bool as_is = (byte > 0x20 && byte < 0x7f && byte != '=') || (byte == ' ' && !at_end);
    if (column + (as_is ? 1 : 3) > most_quoted_line - 1) {
      out += "=\r\n";
      column = 0;
    }
    if (as_is)
      out += body[i];
    else
      append_hex(out, '=', byte);
    column += as_is ? 1 : 3;
  }
  return out;
}

std::string base64(std::string_view bytes) {
  constexpr char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto byte = [&](std::size_t k) {
      return i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U;
    };
    const unsigned three = (byte(0) << 16) | (byte(1) << 8) | byte(2);
    for (unsigned k = 0; k < 4; ++k)
      out += k <= bytes.size() - i ? letters[(three >> (18 - 6 * k)) & 63] : '=';
  }
  return out;
}

/// As much of it as fits, whole letters only.
std::string_view first_letters(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0) == 0x80)
    --most;
  return text.substr(0, most);
}

std::string date_of(time_point at) {
  const auto seconds = static_cast<std::time_t>(to_microseconds(at) / 1'000'000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array months{
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto two = [](int n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  return std::string(days[static_cast<std::size_t>(parts.tm_wday)]) + ", " + two(parts.tm_mday) + " " +
         months[static_cast<std::size_t>(parts.tm_mon)] + " " + std::to_string(parts.tm_year + 1900) + " " +
         two(parts.tm_hour) + ":" + two(parts.tm_min) + ":" + two(parts.tm_sec) + " +0000";
}

std::string mailbox(const mail_address& who) {
  const auto name = harmless(who.name, 64);
  if (name.empty()) return who.address;
  if (!is_ascii(name)) return encoded_words(name) + "\r\n <" + who.address + ">";
  std::string quoted = "\"";
  for (const char c : name) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\" <" + who.address + ">";
}

std::string part(std::string_view type, std::string_view text) {
  const auto body = with_line_ends(text);
  const bool plain = is_plain(body);
  return "Content-Type: " + std::string(type) +
         "; charset=utf-8\r\nContent-Transfer-Encoding: " + (plain ? "7bit" : "quoted-printable") +
         "\r\n\r\n" + (plain ? body : quoted_printable(body));
}

} // namespace

std::string encoded_words(std::string_view given) {
  const auto text = harmless(given, 400);
  if (is_ascii(text) && text.find("=?") == std::string::npos && text.size() < 60) return text;
  std::string out;
  for (std::string_view left = text; !left.empty();) {
    const auto now = first_letters(left, 42); // 56 letters of base64: below the 75 of an encoded word
    if (!out.empty()) out += "\r\n ";
    out += "=?UTF-8?B?" + base64(now) + "?=";
    left.remove_prefix(now.size());
  }
  return out;
}

std::string message_id_of(const mail& message) {
  const auto at = message.from.address.rfind('@');
  const auto domain =
      at == std::string::npos ? std::string("localhost") : message.from.address.substr(at + 1);
  return message.id + "@" + domain;
}

std::string mail_bytes(const mail& message) {
  const auto boundary = "=_" + message.id; // cannot stand in quoted-printable, nor begin a line of ours
  std::string out;
  out += "Date: " + date_of(message.date) + "\r\n";
  out += "From: " + mailbox(message.from) + "\r\n";
  out += "To: " + mailbox(message.to) + "\r\n";
  out += "Subject: " + encoded_words(message.subject) + "\r\n";
  out += "Message-ID: <" + message_id_of(message) + ">\r\n";
  out += "Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\n";
  out +=
      "MIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n boundary=\"" + boundary + "\"\r\n\r\n";
  out += "--" + boundary + "\r\n" + part("text/plain", message.text) + "\r\n";
  out += "--" + boundary + "\r\n" + part("text/html", message.html) + "\r\n";
  out += "--" + boundary + "--\r\n";
  return out;
}

} // namespace tessera
