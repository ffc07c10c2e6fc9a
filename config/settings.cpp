#include "config/settings.hpp"

namespace tessera::config {

bool is_loopback(const std::string& address) {
  return address.starts_with("127.") || address == "::1" || address == "localhost";
}

admin_endpoint admin_endpoint_of(const http_settings& http) {
  if (http.admin_address.empty() && is_loopback(http.server.address))
    return {false, http.server.address, http.server.port};
  return {true, http.admin_address.empty() ? "127.0.0.1" : http.admin_address, http.admin_port};
}

} // namespace tessera::config
