// tessera serve
#include "actors/cluster/lease_keeper.hpp"
#include "tools/tessera/commands.hpp"
#include "tools/tessera/logging.hpp"
#include "tools/tessera/node.hpp"
#include "tools/tessera/read_settings.hpp"

#include <CLI/CLI.hpp>
#include <spdlog/spdlog.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <pthread.h>
#include <unistd.h>

namespace tessera::cli {

namespace {

// A drain that hangs must not outlive the 10 s that a supervisor gives (contract 9).
constexpr unsigned drain_watchdog_seconds = 9;

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

bool is_pending(const sigset_t& signals) {
  sigset_t pending;
  sigset_t wanted;
  return sigpending(&pending) == 0 && sigandset(&wanted, &pending, &signals) == 0 && !sigisemptyset(&wanted);
}

/// Whoever chose port 0 learns which one it became; the file appears complete or not at all.
void publish_port(const std::string& path, std::uint16_t port) {
  if (path.empty()) return;
  const auto temporary = path + ".new";
  std::ofstream(temporary) << port << '\n';
  std::filesystem::rename(temporary, path);
}

void serve(const config::settings& settings) {
  start_logging(settings.log);
  std::signal(SIGPIPE, SIG_IGN);
  // Blocked before any thread is made, so that only sigwait below gets them.
  const auto signals = stop_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::optional<node> running;
  try {
    running.emplace(settings, [&signals] { return is_pending(signals); });
  } catch (const start_given_up& why) {
    spdlog::info(why.what());
    return;
  }
  publish_port(settings.http.port_file, running->port());
  spdlog::info("listening on {}", http::host_and_port(settings.http.server.address, running->port()));
  int received = 0;
  sigwait(&signals, &received);
  alarm(drain_watchdog_seconds);
  running->shut_down();
}

} // namespace

void add_serve(CLI::App& app) {
  auto line = std::make_shared<config::command_line>();
  auto* command = app.add_subcommand("serve", "Run the service");
  config::add_flags(*command, *line);
  command->callback([line] { serve(read_settings(*line, {"database.url"})); });
}

} // namespace tessera::cli
