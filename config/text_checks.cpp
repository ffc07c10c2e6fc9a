#include "config/text_checks.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cctype>
#include <charconv>
#include <netinet/in.h>

namespace tessera::config {

namespace {

/// Letters, digits and some more.
bool consists_of(std::string_view text, std::string_view more) {
  return std::ranges::all_of(text, [&](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || more.find(c) != more.npos;
  });
}

std::string check_secret(std::string_view given, std::size_t least) {
  const auto visible = [](char c) { return c > 0x20 && c < 0x7f; };
  if (given.size() < least || given.size() > 512 || !std::ranges::all_of(given, visible))
    return "must be " + std::to_string(least) + " to 512 printable ASCII characters without spaces";
  return {};
}

} // namespace

std::string check_nothing(std::string_view) {
  return {};
}

std::string check_address(std::string_view given) {
  const std::string address(given);
  unsigned char parsed[sizeof(in6_addr)];
  if (::inet_pton(AF_INET, address.c_str(), parsed) == 1 ||
      ::inet_pton(AF_INET6, address.c_str(), parsed) == 1)
    return {};
  return "must be an IP address to listen on, such as 127.0.0.1 or ::1, not a name";
}

std::string check_admin_address(std::string_view given) {
  return given.empty() ? std::string() : check_address(given);
}

std::string check_database_url(std::string_view given) {
  if (given.starts_with("postgresql://") || given.starts_with("postgres://")) return {};
  return "must begin with postgresql://";
}

std::string check_base_url(std::string_view given) {
  if (given.empty()) return {};
  const auto scheme = given.starts_with("https://") ? 8u : given.starts_with("http://") ? 7u : 0u;
  const auto rest = given.substr(scheme);
  if (scheme == 0 || rest.empty() || rest.front() == '/')
    return "must begin with http:// or https:// and name a host";
  if (rest.back() == '/') return "must not end with a slash";
  if (rest.find_first_of(" ?#\\") != rest.npos) return "must be a plain address without query or fragment";
  return {};
}

/// The key travels in a header, and a short one can be guessed.
std::string check_operator_key(std::string_view given) {
  return check_secret(given, 16);
}

/// Whoever guesses it makes the tokens of everybody.
std::string check_token_secret(std::string_view given) {
  return check_secret(given, 32);
}

std::string check_node_name(std::string_view given) {
  if (given.size() > 64 || !consists_of(given, ".-_"))
    return "must be at most 64 letters, digits, dots, - or _";
  return {};
}

std::string check_network(std::string_view given) {
  const auto slash = std::min(given.find('/'), given.size());
  const std::string address(given.substr(0, slash));
  unsigned char bytes[16];
  const bool is_v4 = ::inet_pton(AF_INET, address.c_str(), bytes) == 1;
  unsigned bits = 0;
  bool good = is_v4 || ::inet_pton(AF_INET6, address.c_str(), bytes) == 1;
  if (slash < given.size()) {
    const auto* end = given.data() + given.size();
    const auto read = std::from_chars(given.data() + slash + 1, end, bits);
    good = good && read.ec == std::errc{} && read.ptr == end && bits <= (is_v4 ? 32u : 128u);
  }
  return good ? std::string() : "must be networks such as 10.0.0.0/8 or 2001:db8::/32, with commas";
}

std::string check_origin(std::string_view given) {
  if (check_base_url(given).empty() && given.find('/', given.find("://") + 3) == given.npos) return {};
  return "must be origins such as https://app.example.com, with commas; `*` is none";
}

std::string check_smtp_url(std::string_view given) {
  if (given.empty()) return {};
  const auto scheme = given.starts_with("smtps://") ? 8u : given.starts_with("smtp://") ? 7u : 0u;
  auto host = given.substr(scheme);
  const auto at = host.rfind('@');
  if (at != host.npos) host.remove_prefix(at + 1);
  if (scheme == 0 || host.empty() || host.front() == ':')
    return "must begin with smtp:// or smtps:// and name a host";
  if (given.find_first_of(" ?#\\") != given.npos || host.find('/') != host.npos)
    return "must be a plain address without path, query or fragment; in a password such characters stand as "
           "%XX";
  return {};
}

/// It stands in a header.
std::string check_mail_address(std::string_view given) {
  const auto at = given.find('@');
  const bool good = at != given.npos && at > 0 && at + 1 < given.size() && given.size() <= 254 &&
                    consists_of(given.substr(0, at), ".!#$%&'*+-/=?^_`{|}~") &&
                    consists_of(given.substr(at + 1), ".-");
  return good ? std::string() : "must be a mail address without a name";
}

/// It stands in the path of a URL.
std::string check_account_sid(std::string_view given) {
  const bool good = given.empty() || (given.size() <= 64 && consists_of(given, "-_"));
  return good ? std::string() : "must be the account's id at the provider, such as AC and 32 hex digits";
}

std::string check_sms_token(std::string_view given) {
  return given.empty() ? std::string() : check_secret(given, 16);
}

std::string check_sms_sender(std::string_view given) {
  const auto digits = given.starts_with('+') ? given.substr(1) : std::string_view();
  const bool is_number = digits.size() >= 7 && digits.size() <= 15 && digits.front() != '0' &&
                         digits.find_first_not_of("0123456789") == digits.npos;
  const bool is_service = given.size() == 34 && given.starts_with("MG") && consists_of(given, "");
  const bool is_name =
      given.size() <= 11 && consists_of(given, " ") &&
      std::ranges::any_of(given, [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; });
  if (given.empty() || is_number || is_service || is_name) return {};
  return "must be a number such as +15005550006, a name of 11 letters and digits, or a messaging service "
         "(MG…)";
}

std::string check_not_empty(std::string_view given) {
  return given.empty() ? "must not be empty" : "";
}

} // namespace tessera::config
