#pragma once

#include "persistence/pg/connection.hpp"
#include "persistence/stores/journal_store.hpp"
#include "persistence/stores/proven_heads.hpp"

#include <chrono>

namespace tessera::persistence {

/// Appends through the journal functions (0004_journal.sql; journal_append is that of 0012): one pipeline
/// segment and one Sync per round. Connects by itself, and again after a loss.
class pg_journal_store final : public journal_store {
public:
  /// `url` names a login that may become tessera_writer; `writer` is written into every entry. A round that
  /// takes longer than `limit` is unknown, one of whose statements the database has given up before is not.
  pg_journal_store(std::string url, node_incarnation writer, std::chrono::milliseconds limit);

  append_outcome append(const journal_round& round) override;
  bool find_keys(std::span<const uuid> keys, std::vector<recorded_spend>& found) override;
  bool keys_between(
      const account_id& account, std::uint64_t begin, std::uint64_t end, std::vector<recorded_spend>& found
  ) override;

private:
  bool connected();
  bool look_up(const char* sql, const pg::parameters& values, std::vector<recorded_spend>& found);
  append_outcome explain(const pg::error& why, std::span<const write_set* const> round);

  pg::connection session_;
  proven_heads proven_; // by session_
  node_incarnation writer_;
  std::chrono::milliseconds limit_;
};

/// The session options of everything that acts for the node itself.
pg::session_options writer_session(
    std::string url,
    std::string application_name,
    std::chrono::milliseconds statement_limit = std::chrono::milliseconds{4'000}
);

} // namespace tessera::persistence
