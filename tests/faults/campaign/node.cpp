#include "tests/faults/campaign/node.hpp"

#include <csignal>
#include <stdexcept>
#include <utility>

namespace tessera::test {

namespace {

// Enough to see what happened, without keeping a night's logs in memory.
constexpr std::size_t kept_log = 8u << 20;

/// Accounts go to rest and are written down all the time.
variables restless(variables wished) {
  wished.try_emplace("TESSERA_ACCOUNTS_IDLE_PASSIVATION_SECONDS", "1");
  wished.try_emplace("TESSERA_ACCOUNTS_SNAPSHOT_INTERVAL_SECONDS", "1");
  wished.try_emplace("TESSERA_CLUSTER_NODE_NAME", "fault-a");
  return wished;
}

} // namespace

node::node(postgres_cluster& cluster, std::string database, variables environment)
    : cluster_(cluster), database_(std::move(database)), environment_(restless(std::move(environment))) {
  if (database_.empty())
    database_ =
        tessera_service({.environment = {}, .database = {}, .cluster = &cluster_, .start = false}).database();
}

bool node::start(const std::string& crash_at) {
  retire();
  auto environment = environment_;
  if (!crash_at.empty()) environment["TESSERA_CRASH_AT"] = crash_at;
  service_ = std::make_unique<tessera_service>(service_options{
      .environment = environment, .database = database_, .cluster = &cluster_, .start = false});
  try {
    service_->start();
  } catch (const std::runtime_error&) {
    const auto ended = wait(milliseconds{0});
    if (!crash_at.empty() && ended && ended->signal == SIGKILL) return false;
    throw;
  }
  port_ = service_->port();
  return true;
}

void node::kill() {
  port_ = 0;
  if (service_) service_->kill();
}

std::optional<exit_status> node::stop() {
  const auto ended = service_->stop();
  port_ = 0;
  return ended;
}

std::optional<exit_status> node::wait(milliseconds timeout) {
  const auto ended = service_->process().wait(timeout);
  if (ended) port_ = 0;
  return ended;
}

std::string node::log() const {
  return old_logs_ + (service_ ? service_->log() : "");
}

void node::retire() {
  if (!service_) return;
  kill();
  old_logs_ += service_->log() + "--- the next run ---\n";
  if (old_logs_.size() > kept_log) old_logs_.erase(0, old_logs_.size() - kept_log);
  service_.reset();
}

} // namespace tessera::test
