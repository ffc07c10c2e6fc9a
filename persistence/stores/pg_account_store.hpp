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
  std::vector<std::vector<receive_credits>> waiting(std::span<const inbox_page> pages) override;
  void save(std::span<const account_snapshot> snapshots) override;

  /// Accounts that hold lots which are over at `now` and not closed; at most `limit` of them.
  std::vector<account_id> due_for_expiry(time_point now, int limit);
  /// Accounts with inbox rows that wait since `before` or longer; at most `limit`.
  std::vector<account_id> with_waiting_inbox(time_point before, int limit);

private:
  pg::connection& session();

  pg::connection session_;
  std::chrono::milliseconds limit_;
};

} // namespace tessera::persistence
