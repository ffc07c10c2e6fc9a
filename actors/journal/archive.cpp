#include "actors/journal/archive.hpp"

#include "persistence/pg/connection.hpp"

#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <pthread.h>
#include <unordered_set>
#include <utility>

namespace tessera {

namespace {

constexpr std::size_t max_batch = 500;
constexpr std::size_t max_lots = 1'000; // of the snapshots in one batch
constexpr std::size_t max_questions = 20'000;
constexpr std::chrono::milliseconds read_patience{200};

using thresholds_by_account = std::unordered_map<account_id, std::vector<alert_threshold>>;
thresholds_by_account
thresholds_of(persistence::account_store& reader, const std::vector<account_id>& accounts) {
  auto found = reader.thresholds(accounts);
  return {std::make_move_iterator(found.begin()), std::make_move_iterator(found.end())};
}

} // namespace

archive::archive(
    std::unique_ptr<persistence::account_store> reader,
    std::unique_ptr<persistence::account_store> writer,
    std::chrono::milliseconds write_interval
)
    : reader_(std::move(reader)), writer_(std::move(writer)), write_interval_(write_interval),
      reading_([this] { read(); }), writing_([this] { write(); }) {}

archive::~archive() {
  finish();
}

void archive::finish() {
  questions_.stop();
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
  }
  if (reading_.joinable()) reading_.join();
  if (writing_.joinable()) writing_.join();
}

void archive::load(const account_id& account, const account_actor& who) {
  if (!questions_.push({{account, {}}, who, false}, max_questions))
    caf::anon_send(who, account_loaded{nullptr, errc::overloaded});
}

void archive::load_inbox(const inbox_page& page, const account_actor& who) {
  if (!questions_.push({page, who, true}, max_questions))
    caf::anon_send(who, inbox_loaded{{}, errc::overloaded});
}

void archive::save(account_snapshot snapshot) {
  std::lock_guard lock(mutex_);
  auto& kept = snapshots_[snapshot.account];
  if (kept.seq < snapshot.seq) kept = std::move(snapshot);
}

bool archive::has_room() const {
  return questions_.size() < max_questions / 2;
}

void archive::read() {
  pthread_setname_np(pthread_self(), "archive-read");
  while (auto batch = questions_.take(max_batch, read_patience)) {
    const auto inboxes =
        std::stable_partition(batch->begin(), batch->end(), [](const auto& q) { return !q.inbox_only; });
    answer_loads({batch->begin(), inboxes});
    answer_inboxes({inboxes, batch->end()});
  }
}

void archive::answer_loads(const std::vector<question>& asked) {
  if (asked.empty()) return;
  std::unordered_map<account_id, account_history> histories;
  thresholds_by_account thresholds;
  auto failure = errc::ok;
  try {
    std::unordered_set<account_id> ids;
    for (const auto& q : asked)
      ids.insert(q.page.account);
    const std::vector<account_id> accounts(ids.begin(), ids.end());
    for (auto& history : reader_->load(accounts))
      histories.emplace(history.snapshot.account, std::move(history));
    thresholds = thresholds_of(*reader_, accounts);
  } catch (const std::exception& why) {
    spdlog::warn("archive: cannot read accounts: {}", why.what());
    histories.clear(); // an account that is loaded without its thresholds would tell nobody of its balance
    failure = errc::database_unavailable;
  }
  for (const auto& q : asked) {
    const auto found = histories.find(q.page.account);
    auto history = found == histories.end() ? nullptr : std::make_shared<account_history>(found->second);
    caf::anon_send(q.who, account_loaded{std::move(history), failure, thresholds[q.page.account]});
  }
}

void archive::answer_inboxes(const std::vector<question>& asked) {
  if (asked.empty()) return;
  std::vector<inbox_page> pages;
  for (const auto& q : asked)
    pages.push_back(q.page);
  std::vector<std::vector<inbox_command>> waiting(pages.size());
  thresholds_by_account thresholds;
  auto failure = errc::ok;
  try {
    waiting = reader_->waiting(pages);
    std::vector<account_id> accounts;
    for (const auto& page : pages)
      accounts.push_back(page.account);
    thresholds = thresholds_of(*reader_, accounts);
  } catch (const std::exception& why) {
    spdlog::warn("archive: cannot read inboxes: {}", why.what());
    failure = errc::database_unavailable;
  }
  for (std::size_t i = 0; i < asked.size(); ++i)
    caf::anon_send(asked[i].who, inbox_loaded{std::move(waiting[i]), failure, thresholds[pages[i].account]});
}

void archive::write() {
  pthread_setname_np(pthread_self(), "archive-write");
  std::unique_lock lock(mutex_);
  while (!stopped_) {
    changed_.wait_for(lock, write_interval_, [this] { return stopped_; });
    lock.unlock();
    while (write_batch(max_batch)) {
    }
    lock.lock();
  }
  lock.unlock();
  while (write_batch(max_batch)) {
  }
}

/// False when nothing is left, or nothing can be written now: then the snapshots wait for the next time.
bool archive::write_batch(std::size_t most) {
  std::vector<account_snapshot> batch;
  {
    std::lock_guard lock(mutex_);
    for (std::size_t lots = 0; !snapshots_.empty() && batch.size() < most && lots < max_lots;) {
      batch.push_back(std::move(snapshots_.extract(snapshots_.begin()).mapped()));
      lots += batch.back().lots.size() + batch.back().holds.size();
    }
  }
  if (batch.empty()) return false;
  // In one order everywhere: two nodes that write the same accounts do not block each other.
  std::sort(batch.begin(), batch.end(), [](const auto& a, const auto& b) { return a.account < b.account; });
  const auto written = try_to_write(batch);
  if (written == outcome::refused && batch.size() > 1) return write_one_by_one(std::move(batch));
  if (written == outcome::later) put_back(batch);
  return written != outcome::later;
}

archive::outcome archive::try_to_write(std::span<const account_snapshot> batch) {
  try {
    writer_->save(batch);
    return outcome::written;
  } catch (const pg::error& why) {
    const bool refused = why.rolled_back() && !why.is_transient();
    if (refused && batch.size() == 1)
      spdlog::error(
          "archive: the snapshot of {} is refused: {}", to_string(batch.front().account), why.what()
      );
    else
      spdlog::warn("archive: cannot write {} snapshots: {}", batch.size(), why.what());
    return refused ? outcome::refused : outcome::later;
  } catch (const std::exception& why) {
    spdlog::warn("archive: cannot write {} snapshots: {}", batch.size(), why.what());
    return outcome::later;
  }
}

/// One snapshot of the batch is what the database refuses: it is dropped, the others must not suffer for it.
bool archive::write_one_by_one(std::vector<account_snapshot> batch) {
  const std::span all(batch);
  for (std::size_t i = 0; i < all.size(); ++i)
    if (try_to_write(all.subspan(i, 1)) == outcome::later) {
      put_back(all.subspan(i));
      return false;
    }
  return true;
}

void archive::put_back(std::span<account_snapshot> batch) {
  for (auto& snapshot : batch)
    save(std::move(snapshot));
}

} // namespace tessera
