#include "actors/providers/webhook_target.hpp"

#include "actors/providers/public_address.hpp"
#include "actors/support/fetchable_address.hpp"

#include <algorithm>
#include <curl/curl.h>
#include <memory>

namespace tessera {

namespace {

constexpr std::size_t most_bytes = 2'000;

struct end_url {
  void operator()(CURLU* parsed) const { curl_url_cleanup(parsed); }
};

std::string part_of(CURLU* url, CURLUPart which) {
  char* text = nullptr;
  if (curl_url_get(url, which, &text, 0) != CURLUE_OK || !text) return {};
  std::string copy(text);
  curl_free(text);
  return copy;
}

bool is_v4(std::string_view host) {
  return !host.empty() &&
         std::all_of(host.begin(), host.end(), [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

/// Names that mean this machine or its network wherever they are looked up.
bool is_local_name(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  for (const auto* end : {"localhost", "local", "internal", "localdomain", "home.arpa", "onion"}) {
    const std::string_view suffix(end);
    if (host == suffix) return true;
    if (host.size() > suffix.size() && host.ends_with(suffix) && host[host.size() - suffix.size() - 1] == '.')
      return true;
  }
  return host.find('.') == host.npos;
}

} // namespace

std::string flaw_of_target(const std::string& url, const address_ranges& allowed) {
  const bool is_ascii = std::all_of(url.begin(), url.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  if (!is_ascii || url.size() > most_bytes || url.find('\\') != url.npos)
    return "Must be an address of ASCII letters.";
  if (!is_fetchable(url) && !url.starts_with("http://"))
    return "Must be an address such as https://example.com/hooks.";
  const std::unique_ptr<CURLU, end_url> parsed(curl_url());
  // The same reader that connects later; it writes IPv4 addresses of every form as four numbers.
  if (!parsed || curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK)
    return "Must be an address such as https://example.com/hooks.";
  const auto scheme = part_of(parsed.get(), CURLUPART_SCHEME);
  if (scheme != "https" && scheme != "http") return "Must begin with https://.";
  if (!part_of(parsed.get(), CURLUPART_USER).empty() || !part_of(parsed.get(), CURLUPART_PASSWORD).empty() ||
      url.substr(0, url.find_first_of("/?#", scheme.size() + 3)).find('@') != url.npos)
    return "Must not name a user.";
  if (!part_of(parsed.get(), CURLUPART_FRAGMENT).empty()) return "Must not have a fragment.";
  auto host = part_of(parsed.get(), CURLUPART_HOST);
  if (host.find('%') != host.npos || !part_of(parsed.get(), CURLUPART_ZONEID).empty())
    return "Must not name a zone.";
  const bool is_v6 = host.starts_with('[') && host.ends_with(']');
  if (is_v6) host = host.substr(1, host.size() - 2);
  if (is_v6 || is_v4(host))
    return may_connect(url, host, allowed) ? "" : "Must be https, and lead to the public internet.";
  if (host == "localhost" && (is_in_one_of(allowed, "127.0.0.1") || is_in_one_of(allowed, "::1"))) return {};
  if (is_local_name(host)) return "Must lead to the public internet.";
  return scheme == "https" ? "" : "Must be https.";
}

bool may_connect(std::string_view url, std::string_view address, const address_ranges& allowed) {
  return is_in_one_of(allowed, address) || (url.starts_with("https://") && is_public_address(address));
}

} // namespace tessera
