#include "http/routes/invitations/visitors.hpp"

#include "http/routes/directory/changes.hpp"

#include <array>
#include <cstdio>
#include <utility>

namespace tessera::http {

namespace {

using agent_word =
    std::pair<std::string_view, std::string_view>; // what it is recognised by, how it is called

// The first that fits counts: most claim to be others as well.
constexpr std::array<agent_word, 8> browsers{{
    {"Edg/", "Edge"},
    {"OPR/", "Opera"},
    {"Firefox/", "Firefox"},
    {"Chrome/", "Chrome"},
    {"Safari/", "Safari"},
    {"curl/", "curl"},
    {"node", "Node"},
    {"python", "Python"},
}};
constexpr std::array<agent_word, 6> systems{{
    {"Android", "Android"},
    {"iPhone", "iOS"},
    {"iPad", "iOS"},
    {"Windows", "Windows"},
    {"Mac OS", "macOS"},
    {"Linux", "Linux"},
}};

template <std::size_t N>
std::string_view first_in(const std::array<agent_word, N>& words, std::string_view text) {
  for (const auto& [sign, name] : words)
    if (text.find(sign) != text.npos) return name;
  return {};
}

bool is_mapped(const ip_address& address) {
  for (std::size_t i = 0; i < 10; ++i)
    if (address[i] != 0) return false;
  return address[10] == 0xff && address[11] == 0xff;
}

} // namespace

std::string network_text(const ip_address& address) {
  std::array<char, 48> text{};
  if (is_mapped(address)) {
    std::snprintf(text.data(), text.size(), "%d.%d.%d.0/24", address[12], address[13], address[14]);
    return text.data();
  }
  std::snprintf(
      text.data(),
      text.size(),
      "%x:%x:%x::/48",
      address[0] << 8 | address[1],
      address[2] << 8 | address[3],
      address[4] << 8 | address[5]
  );
  return text.data();
}

std::string browser_text(std::string_view user_agent) {
  const auto browser = first_in(browsers, user_agent);
  const auto system = first_in(systems, user_agent);
  std::string text(browser.empty() && !user_agent.empty() ? "other" : browser);
  if (!system.empty()) text += " on " + std::string(system);
  return text;
}

visitor visitor_of(const request& request, const service& with) {
  return {
      network_text(address_of(request, with.trusted_proxies)),
      browser_text(request.header("User-Agent").value_or(std::string_view()))};
}

invitation_origin invitation_origin_of(const request& request, const caller& who, const service& with) {
  return {origin_of(request, who), visitor_of(request, with)};
}

invitation_origin invitation_origin_of(const request& request, const service& with) {
  return {{{}, request.request_id}, visitor_of(request, with)};
}

} // namespace tessera::http
