#pragma once

#include "persistence/stores/journal_store.hpp"

#include <deque>
#include <functional>
#include <initializer_list>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <unordered_map>
#include <unordered_set>
#include <vector>

/// The ledger in memory, held to the same contract as PostgreSQL (tests/integration/journal_contract.hpp).
namespace tessera::test {

struct inbox_row {
  inbox_command command;
  std::optional<std::uint64_t> absorbed_seq;
  credits fulfilled;
  std::optional<errc> refused;

  bool waits() const { return !absorbed_seq && !refused; }
};

/// The rows: what would be the database. Any number of stores may share it. Safe from any thread.
class memory_ledger {
public:
  using round = std::span<const write_set* const>;

  void open_account(const entry& genesis);
  void put_inbox(const inbox_command& command);
  /// Its entity is deleted: nobody may send it credits.
  void close_account(const account_id& account);

  persistence::append_outcome append(round writes, std::span<const balance_alert> alerts = {});
  /// At which balances of the account somebody is told.
  void put_thresholds(const account_id& account, std::vector<alert_threshold> thresholds);
  std::vector<std::pair<account_id, std::vector<alert_threshold>>>
  thresholds(std::span<const account_id> accounts) const;
  /// Every alert that was told.
  std::vector<balance_alert> alerts() const;
  std::vector<recorded_spend> find_keys(std::span<const uuid> keys) const;
  std::vector<recorded_spend>
  keys_between(const account_id& account, std::uint64_t begin, std::uint64_t end) const;
  std::vector<account_history> load(std::span<const account_id> accounts) const;
  std::vector<inbox_command> waiting(const inbox_page& page) const;
  void save(std::span<const account_snapshot> snapshots);

  /// Every entry of the account, the genesis first.
  std::vector<account_event> events(const account_id& account) const;
  entry last(const account_id& account) const;
  account_snapshot snapshot(const account_id& account) const;
  inbox_row inbox(const inbox_id& id) const;
  /// Every row of every inbox.
  std::vector<inbox_row> all_inboxes() const;

private:
  struct account_rows {
    account_snapshot snapshot;
    std::vector<account_event> events;
    hold_reminder reminder;
  };

  const entry* entry_at(const account_id& account, std::uint64_t seq) const;
  std::vector<account_id> outrun(round writes) const;
  std::vector<account_id> passed(round writes) const;
  std::vector<recorded_spend> recorded(std::span<const uuid> keys) const;
  std::optional<persistence::append_outcome> entries_problem(round writes) const;
  std::optional<persistence::append_outcome> lots_problem(round writes) const;
  std::vector<account_id> reversing_too_much(round writes) const;
  bool has_fulfilled_row(round writes) const;
  std::vector<account_id> closed_receivers(round writes) const;
  bool repeats_a_row(round writes) const;
  bool repeats_an_answer(round writes) const;
  void apply(const write_set& writes);
  std::vector<inbox_command> rows_of(const inbox_page& page) const;

  mutable std::mutex mutex_;
  std::unordered_map<account_id, account_rows> accounts_;
  std::unordered_map<uuid, recorded_spend> keys_;
  std::unordered_set<account_id> closed_;
  std::unordered_set<uuid> answers_; // keys of first answers that are remembered beside the entries
  std::unordered_set<lot_id> lots_;
  std::map<inbox_id, inbox_row> inbox_; // oldest first, as its ids rise with time
  std::unordered_map<account_id, std::vector<alert_threshold>> thresholds_;
  std::vector<balance_alert> alerts_;
};

/// What may go wrong with a call.
enum class journal_fault : std::uint8_t {
  none,
  transient,
  refused, // with the first account of the round as the culprit
  unavailable,
  unknown_committed, // it is durable, and the answer is lost
  unknown_lost,      // nothing happened, and the answer is lost
};

/// How often it goes wrong by chance, per call; the same seed gives the same faults.
struct journal_faults {
  std::uint64_t seed = 0;
  double transient = 0;
  double refused = 0; // one account of the round, also when it is alone
  double unavailable = 0;
  double unknown_committed = 0;
  double unknown_lost = 0;
  double find_keys_fails = 0;
};

class memory_journal_store final : public persistence::journal_store {
public:
  explicit memory_journal_store(memory_ledger& ledger, journal_faults faults = {});

  persistence::append_outcome append(const persistence::journal_round& round) override;
  bool find_keys(std::span<const uuid> keys, std::vector<recorded_spend>& found) override;
  bool keys_between(
      const account_id& account, std::uint64_t begin, std::uint64_t end, std::vector<recorded_spend>& found
  ) override;

  /// What the next calls of `append` meet, before chance.
  void next(std::initializer_list<journal_fault> faults) { planned_.assign(faults); }
  /// Every round with this account is refused.
  void refuse(const account_id& account) { culprit_ = account; }
  void fail_look_ups(int count) { failing_look_ups_ = count; }
  void stop_failing() { faults_ = {}; }

  /// Runs when a round is in the ledger, before anybody hears of it.
  std::function<void()> when_committed;

  // What was asked, in write sets and keys.
  std::vector<std::size_t> rounds;
  std::vector<std::size_t> look_ups;

private:
  bool happens(double probability);
  journal_fault choose();
  bool has_culprit(std::span<const write_set* const> round);

  memory_ledger& ledger_;
  journal_faults faults_;
  std::mt19937_64 random_;
  std::deque<journal_fault> planned_;
  std::optional<account_id> culprit_;
  std::optional<account_id> culprit_by_chance_; // until it has been refused alone
  int failing_look_ups_ = 0;
};

class memory_account_store final : public persistence::account_store {
public:
  explicit memory_account_store(memory_ledger& ledger) : ledger_(ledger) {}

  std::vector<account_history> load(std::span<const account_id> accounts) override {
    return ledger_.load(accounts);
  }
  std::vector<std::vector<inbox_command>> waiting(std::span<const inbox_page> pages) override {
    std::vector<std::vector<inbox_command>> found;
    for (const auto& page : pages)
      found.push_back(ledger_.waiting(page));
    return found;
  }
  std::vector<std::pair<account_id, std::vector<alert_threshold>>>
  thresholds(std::span<const account_id> accounts) override {
    return ledger_.thresholds(accounts);
  }
  void save(std::span<const account_snapshot> snapshots) override { ledger_.save(snapshots); }

private:
  memory_ledger& ledger_;
};

} // namespace tessera::test
