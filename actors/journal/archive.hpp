#pragma once

#include "actors/account/environment.hpp"
#include "actors/support/worker_queue.hpp"
#include "persistence/stores/journal_store.hpp"

#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <unordered_map>
#include <vector>

namespace tessera {

/// Reads accounts and writes snapshots in batches: a thread for each, so that a flood of snapshots does not
/// hold up an activation. A snapshot that the database refuses is dropped, and nobody's with it: its account
/// is folded from the one before.
class archive final : public account_archive {
public:
  archive(
      std::unique_ptr<persistence::account_store> reader,
      std::unique_ptr<persistence::account_store> writer,
      std::chrono::milliseconds write_interval
  );
  ~archive() override;
  /// Answers what was asked, writes the snapshots that are queued, and ends the threads; what comes later
  /// stays undone.
  void finish();

  void load(const account_id& account, const account_actor& who) override;
  void load_inbox(const inbox_page& page, const account_actor& who) override;
  void save(account_snapshot snapshot) override;
  /// At least half of the questions that may wait are left: for accounts that may wake up later.
  bool has_room() const;

private:
  struct question {
    inbox_page page; // of the account; the first one, when the whole account is asked for
    account_actor who;
    bool inbox_only = false;
  };
  void read();
  void answer_loads(const std::vector<question>& asked);
  void answer_inboxes(const std::vector<question>& asked);
  void write();
  bool write_batch(std::size_t most);
  enum class outcome { written, refused, later }; // refused: it will never be written
  outcome try_to_write(std::span<const account_snapshot> batch);
  bool write_one_by_one(std::vector<account_snapshot> batch);
  void put_back(std::span<account_snapshot> batch);

  std::unique_ptr<persistence::account_store> reader_;
  std::unique_ptr<persistence::account_store> writer_;
  std::chrono::milliseconds write_interval_;

  worker_queue<question> questions_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::unordered_map<account_id, account_snapshot> snapshots_; // the newest of each account
  bool stopped_ = false;

  std::thread reading_;
  std::thread writing_;
};

} // namespace tessera
