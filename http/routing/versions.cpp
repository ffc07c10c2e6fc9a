#include "http/routing/versions.hpp"

#include "http/routing/characters.hpp"
#include "http/routing/rejections.hpp"

#include <charconv>

namespace tessera::http {

namespace {

constexpr std::string_view weak = "W/";

/// An entity tag, weak or not (RFC 9110 8.8.3).
bool is_tag(std::string_view text) {
  if (text.starts_with(weak)) text.remove_prefix(weak.size());
  return text.size() >= 2 && text.starts_with('"') && text.ends_with('"') &&
         text.find('"', 1) == text.size() - 1;
}

std::optional<std::int64_t> version_of(std::string_view tag) {
  if (!tag.starts_with("\"v")) return std::nullopt;
  const auto digits = tag.substr(2, tag.size() - 3);
  std::int64_t version = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), version);
  if (parsed.ec != std::errc{} || etag_of(version) != tag) return std::nullopt;
  return version;
}

} // namespace

std::string etag_of(std::int64_t version) {
  return "\"v" + std::to_string(version) + "\"";
}

std::optional<problem>
read_if_match(const request& request, std::optional<std::vector<std::int64_t>>& versions) {
  const auto header = request.header("If-Match");
  if (!header || *header == "*") return std::nullopt;
  versions.emplace();
  bool well_formed = !trimmed(*header).empty();
  // Our tags contain no comma; a foreign one that does is cut into pieces, none of which is a tag of ours.
  for_each_element(*header, [&](std::string_view tag) {
    well_formed = well_formed && is_tag(tag);
    if (const auto version = version_of(tag)) versions->push_back(*version);
  });
  if (well_formed) return std::nullopt;
  return simple_problem(
      400, "invalid_if_match", "If-Match has not the expected form", "Send the ETag as it was given, or *."
  );
}

} // namespace tessera::http
