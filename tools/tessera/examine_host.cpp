// The host's part of `tessera doctor`.
#include "tools/tessera/findings.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <filesystem>
#include <string>
#include <unistd.h>

namespace tessera::cli {

namespace {

using tcp = boost::asio::ip::tcp;

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

bool answers_as_tessera(const tcp::endpoint& there) {
  boost::asio::io_context io;
  tcp::socket socket(io);
  boost::system::error_code failed;
  socket.connect(there, failed);
  if (failed) return false;
  const std::string request = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  boost::asio::write(socket, boost::asio::buffer(request), failed);
  std::string status;
  boost::asio::read_until(socket, boost::asio::dynamic_buffer(status, 1'024), "\r\n", failed);
  return status.starts_with("HTTP/1.1 200");
}

void examine_port(
    const std::string& subject, const std::string& address, std::uint16_t port, findings& into
) {
  const auto text = address + ":" + std::to_string(port);
  boost::system::error_code failed;
  boost::asio::io_context io;
  const auto found = tcp::resolver(io).resolve(address, std::to_string(port), failed);
  if (failed) return into.fail(subject, address + ": " + failed.message());
  const tcp::endpoint there = *found.begin();
  tcp::acceptor acceptor(io);
  acceptor.open(there.protocol());
  acceptor.set_option(tcp::acceptor::reuse_address(true));
  acceptor.bind(there, failed);
  if (!failed) acceptor.listen(1, failed);
  if (!failed) return into.ok(subject, port == 0 ? address + ", any port" : text + " is free");
  acceptor.close();
  answers_as_tessera(there) ? into.ok(subject, "a service runs at " + text)
                            : into.fail(subject, text + ": " + failed.message());
}

} // namespace

void examine_host(const config::settings& settings, findings& into) {
  examine_directory("log.file", settings.log.file, into);
  examine_directory("http.port_file", settings.http.port_file, into);
  examine_port("http.port", settings.http.server.address, settings.http.server.port, into);
  const auto admin = config::admin_endpoint_of(settings.http);
  if (admin.own_port) examine_port("http.admin_port", admin.address, admin.port, into);
}

} // namespace tessera::cli
