// The host's part of `tessera doctor`.
#include "http/server/listening_socket.hpp"
#include "http/server/options.hpp"
#include "tools/tessera/findings.hpp"
#include "tools/tessera/http_call.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <system_error>
#include <unistd.h>

namespace tessera::cli {

namespace {

using namespace std::chrono_literals;

/// The directory of a file that the service makes.
void examine_directory(const std::string& subject, const std::string& file, findings& into) {
  if (file.empty()) return;
  auto directory = std::filesystem::path(file).parent_path();
  if (directory.empty()) directory = ".";
  into.expect(
      ::access(directory.c_str(), W_OK | X_OK) == 0,
      subject,
      directory.string() + " is writable",
      verdict::failed,
      directory.string() + " is missing or not writable"
  );
}

/// Whether what has the port answers as a service does there.
bool answers(const std::string& address, std::uint16_t port, const std::string& path) {
  try {
    return send({.host = address, .port = std::to_string(port), .target = path, .limit = 2s}).status == 200;
  } catch (const std::exception&) {
    return false;
  }
}

void examine_port(
    const std::string& subject,
    const std::string& address,
    std::uint16_t port,
    const std::string& path,
    findings& into
) {
  const auto text = http::host_and_port(address, port);
  try {
    const http::listening_socket tried(address, port);
    into.ok(subject, port == 0 ? address + ", any port" : text + " is free");
  } catch (const std::system_error& why) {
    answers(address, port, path) ? into.ok(subject, "a service runs at " + text)
                                 : into.fail(subject, text + ": " + why.code().message());
  }
}

} // namespace

void examine_host(const config::settings& settings, findings& into) {
  examine_directory("log.file", settings.log.file, into);
  examine_directory("http.port_file", settings.http.port_file, into);
  examine_port("http.port", settings.http.server.address, settings.http.server.port, "/healthz", into);
  const auto admin = config::admin_endpoint_of(settings.http);
  if (admin.own_port) examine_port("http.admin_port", admin.address, admin.port, "/metrics", into);
}

} // namespace tessera::cli
