#include "http/auth/same_origin.hpp"

#include "http/routing/characters.hpp"
#include "http/routing/rejections.hpp"

namespace tessera::http {

namespace {

constexpr std::string_view after_scheme = "://";

bool only_reads(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

std::size_t authority_of(std::string_view url) {
  return url.find(after_scheme) + after_scheme.size();
}

std::string_view origin_of(std::string_view url) {
  return url.substr(0, url.find('/', authority_of(url)));
}

/// The public base URL's origin, or the one under which the browser has reached us: operators may have more
/// names for the service. Where the public one is https, no page of plain HTTP is ours.
bool is_own(std::string_view origin, std::string_view host, std::string_view public_base_url) {
  const bool is_https = origin.starts_with("https://");
  if (!is_https && !origin.starts_with("http://")) return false; // `null` among others
  if (!public_base_url.empty() && equal_ignoring_case(origin, origin_of(public_base_url))) return true;
  if (!is_https && public_base_url.starts_with("https://")) return false;
  return !host.empty() && equal_ignoring_case(origin.substr(authority_of(origin)), host);
}

/// Both headers are the browser's own: no script can set them.
bool is_from_own_page(const request& asked, std::string_view public_base_url) {
  if (const auto site = asked.header("Sec-Fetch-Site")) return *site == "same-origin";
  const auto origin = asked.header("Origin"); // what browsers send that are too old for the other one
  return origin && is_own(*origin, asked.header("Host").value_or(std::string_view()), public_base_url);
}

} // namespace

std::optional<problem> why_cross_origin(const request& asked, std::string_view public_base_url) {
  if (only_reads(asked.method) || is_from_own_page(asked, public_base_url)) return std::nullopt;
  return simple_problem(
      403,
      "cross_origin_request",
      "The call does not come from one of our pages",
      "Cookies let in what pages of this origin do; send Authorization instead."
  );
}

} // namespace tessera::http
