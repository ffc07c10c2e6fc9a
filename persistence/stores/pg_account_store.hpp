#pragma once

#include "persistence/pg/connection.hpp"
#include "persistence/stores/journal_store.hpp"

#include <chrono>

namespace tessera::persistence {

/// Loads and saves accounts with the writer's session. Connects by itself, and again after a loss.
class pg_account_store final : public account_store {
public:
  pg_account_store(std::string url, std::string application_name, std::chrono::milliseconds limit);

  std::vector<account_history> load(std::span<const account_id> accounts) override;
  std::vector<std::vector<inbox_command>> waiting(std::span<const inbox_page> pages) override;
  std::vector<std::pair<account_id, std::vector<alert_threshold>>>
  thresholds(std::span<const account_id> accounts) override;
  void save(std::span<const account_snapshot> snapshots) override;

private:
  pg::connection& session();

  pg::connection session_;
  std::chrono::milliseconds limit_;
};

} // namespace tessera::persistence
