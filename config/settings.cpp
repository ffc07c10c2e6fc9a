#include "config/settings.hpp"

#include <arpa/inet.h>
#include <cstring>
#include <netinet/in.h>

namespace tessera::config {

namespace {

bool is_v6(const std::string& address, const in6_addr& expected) {
  in6_addr given{};
  return ::inet_pton(AF_INET6, address.c_str(), &given) == 1 &&
         std::memcmp(&given, &expected, sizeof given) == 0;
}

} // namespace

bool is_loopback(const std::string& address) {
  return address.starts_with("127.") || is_v6(address, in6addr_loopback);
}

bool is_wildcard(const std::string& address) {
  return address == "0.0.0.0" || is_v6(address, in6addr_any);
}

admin_endpoint admin_endpoint_of(const http_settings& http) {
  if (http.admin_address.empty() && is_loopback(http.server.address))
    return {false, http.server.address, http.server.port};
  return {true, http.admin_address.empty() ? "127.0.0.1" : http.admin_address, http.admin_port};
}

} // namespace tessera::config
