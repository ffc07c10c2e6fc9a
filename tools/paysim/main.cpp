// paysim: a payment provider to try with. See docs/payments-sandbox.md.
#include "http/server/server.hpp"
#include "tools/paysim/api/api.hpp"
#include "tools/paysim/checkout/sessions.hpp"
#include "tools/paysim/control/control.hpp"
#include "tools/paysim/pages/pages.hpp"
#include "tools/paysim/sandbox.hpp"
#include "tools/paysim/state_file.hpp"
#include "tools/paysim/webhooks/courier.hpp"
#include "tools/paysim/webhooks/endpoints.hpp"

#include <CLI/CLI.hpp>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <pthread.h>
#include <random>

namespace tessera::paysim {

namespace {

using namespace std::chrono_literals;

// With more objects than that writing them down would be felt; they are written when it ends.
constexpr std::size_t most_kept_often = 20'000;

struct command_line {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;
  std::string port_file;
  std::string public_url;
  std::string state_file;
  std::string secret_key;
  std::string webhook_url;
  std::string webhook_secret;
  unsigned webhook_connections = 1;
  std::int64_t settle_after_ms = 3'000;
  std::uint64_t seed = 0;
  bool chaos = false;
  bool is_verbose = false;
};

void describe(CLI::App& app, command_line& line) {
  app.add_option("--address", line.address, "Where it listens")->capture_default_str();
  app.add_option("--port", line.port, "0: any free port, which is printed")->capture_default_str();
  app.add_option("--port-file", line.port_file, "A file that gets the port");
  app.add_option(
      "--public-url", line.public_url, "What links to its pages begin with, if not where it listens"
  );
  app.add_option(
      "--state", line.state_file, "A file from which it goes on, and into which it writes what it has"
  );
  app.add_option("--secret-key", line.secret_key, "The only API key it takes; otherwise any sk_test_...")
      ->envname("PAYSIM_SECRET_KEY");
  app.add_option("--webhook-url", line.webhook_url, "Where events are posted");
  app.add_option("--webhook-secret", line.webhook_secret, "What they are signed with; made if not given")
      ->envname("PAYSIM_WEBHOOK_SECRET");
  app.add_option(
         "--webhook-connections",
         line.webhook_connections,
         "How many are posted at a time; 1 keeps their order"
  )
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app.add_option("--settle-after-ms", line.settle_after_ms, "How long slow payments and refunds take")
      ->capture_default_str();
  app.add_option("--seed", line.seed, "The same seed gives the same ids and the same chaos; 0: a random one");
  app.add_flag("--chaos", line.chaos, "Duplicate, delay and thereby reorder webhooks");
  app.add_flag("--verbose", line.is_verbose, "Log each call");
}

std::int64_t real_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch()
  )
      .count();
}

http::server_options listening(const command_line& line) {
  http::server_options options;
  options.address = line.address;
  options.port = line.port;
  options.threads = 1;        // the sandbox is not made for more
  options.max_wait = 5'000ms; // a slow answer is better than a refused one
  options.drain_timeout = 500ms;
  return options;
}

/// Whoever chose port 0 learns which one it became; the file appears complete or not at all.
void publish(const command_line& line, const std::string& url, std::uint16_t port) {
  std::cout << "listening on " << url << std::endl;
  if (line.port_file.empty()) return;
  std::ofstream(line.port_file + ".new") << port << '\n';
  std::filesystem::rename(line.port_file + ".new", line.port_file);
}

void wait_for_end() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  int received = 0;
  sigwait(&signals, &received);
}

void block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

std::vector<http::route> all_routes(sandbox& account, api& calls) {
  auto rows = calls.routes();
  for (auto& each : control_routes(account, calls.failing()))
    rows.push_back(std::move(each));
  for (auto& each : page_routes(account))
    rows.push_back(std::move(each));
  return rows;
}

void serve(const command_line& line) {
  block_signals();
  http::listening_socket door(line.address, line.port);
  const auto port = door.port();
  const auto url = "http://" + http::host_and_port(line.address, port);
  http::io_loop* loop = nullptr;
  courier* carrier = nullptr;
  sandbox account({
      .base_url = line.public_url.empty() ? url : line.public_url,
      .secret_key = line.secret_key,
      .seed = line.seed != 0 ? line.seed : std::random_device{}(),
      .settle_after_ms = line.settle_after_ms,
      .real_ms = real_ms,
      .hooks = {
          .chaos = line.chaos,
          .send = [&carrier](webhook_attempt attempt) { carrier->send(std::move(attempt)); },
          .real_seconds = [] { return real_ms() / 1'000; }},
  });
  api calls(account);
  follow_payments(account);
  if (!line.webhook_url.empty()) {
    const auto& endpoint = add_webhook_endpoint(account, line.webhook_url, line.webhook_secret);
    if (line.webhook_secret.empty())
      std::cout << "webhook secret " << endpoint.at("_secrets").get_array().front().get_string() << std::endl;
  }
  const bool is_kept = !line.state_file.empty();
  if (is_kept) load(line.state_file, account, calls.keys());
  std::uint64_t saved_at = 0;
  http::server server(listening(line), all_routes(account, calls), [&](http::io_loop& made) {
    loop = &made;
    made.every(5ms, [&account] { account.clock.run_due(); });
    made.every(2s, [&] {
      if (is_kept && account.documents.size() < most_kept_often && saved_at != account.changes) {
        saved_at = account.changes;
        save(line.state_file, account, calls.keys());
      }
    });
  });
  courier posts(line.webhook_connections, [&](std::uint64_t attempt, unsigned status) {
    loop->post([&account, attempt, status] { account.hooks.answered(attempt, status); });
  });
  carrier = &posts;
  server.start(std::move(door));
  publish(line, url, port);
  wait_for_end();
  server.stop();
  if (is_kept) save(line.state_file, account, calls.keys());
}

} // namespace

} // namespace tessera::paysim

int main(int count, char** arguments) {
  CLI::App app("A payment provider to try with: Stripe's API, without Stripe and without money.");
  tessera::paysim::command_line line;
  describe(app, line);
  CLI11_PARSE(app, count, arguments);
  spdlog::set_default_logger(spdlog::stderr_logger_mt("paysim"));
  spdlog::set_level(line.is_verbose ? spdlog::level::debug : spdlog::level::info);
  try {
    tessera::paysim::serve(line);
  } catch (const std::exception& why) {
    std::cerr << "paysim: " << why.what() << '\n';
    return 1;
  }
  return 0;
}
