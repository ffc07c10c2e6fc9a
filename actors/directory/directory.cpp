#include "actors/directory/directory.hpp"

#include "persistence/stores/directory_store.hpp"
#include "persistence/stores/pg_journal_store.hpp"
#include "persistence/stores/snapshot_store.hpp"

#include <spdlog/spdlog.h>

#include <cstring>
#include <pthread.h>
#include <unordered_set>
#include <utility>

namespace tessera {

namespace {

using namespace std::chrono_literals;

constexpr auto poll_interval = 1s;
constexpr std::chrono::milliseconds limit = 1'500ms; // below what a request waits

} // namespace

std::size_t directory::digest_hash::operator()(const digest& value) const noexcept {
  std::size_t head = 0;
  std::memcpy(&head, value.data(), sizeof head);
  return head;
}

/// The directory's session; reconnects when it was lost.
class directory::reader {
public:
  explicit reader(const std::string& url) : session_(persistence::writer_session(url, "tessera-directory")) {}

  /// Tenants whose version is not the one that is known, loaded anew; and the unknown ones in question.
  std::vector<std::shared_ptr<const tenant_snapshot>> changes(
      const std::vector<std::shared_ptr<const tenant_snapshot>>& known,
      const std::vector<directory_question>& questions
  ) {
    if (!session_.is_open()) session_.open();
    std::unordered_map<tenant_id, std::uint64_t> versions;
    std::vector<tenant_id> ids;
    for (const auto& tenant : known) {
      versions.emplace(tenant->tenant, tenant->version);
      ids.push_back(tenant->tenant);
    }
    std::unordered_set<tenant_id> stale;
    for (const auto& [id, version] : persistence::tenant_versions(session_, ids, limit))
      if (versions.at(id) != version) stale.insert(id);
    for (const auto& question : questions)
      if (const auto tenant = tenant_in(question); tenant && !versions.contains(*tenant))
        stale.insert(*tenant);
    std::vector<std::shared_ptr<const tenant_snapshot>> loaded;
    for (const auto& id : stale)
      if (auto snapshot = persistence::load_tenant(session_, id, limit))
        loaded.push_back(std::move(snapshot));
    return loaded;
  }

private:
  std::optional<tenant_id> tenant_in(const directory_question& question) {
    if (question.id) return question.id;
    if (question.key_sha256) return persistence::tenant_of_key(session_, *question.key_sha256, limit);
    if (question.tenant.empty()) return std::nullopt;
    return persistence::tenant_by_id(session_, question.tenant, limit);
  }

  pg::connection session_;
};

directory::directory(std::string url) : url_(std::move(url)), thread_([this] { run(); }) {}

directory::~directory() {
  {
    std::lock_guard lock(requests_mutex_);
    stopped_ = true;
    requested_.notify_all();
  }
  thread_.join();
}

std::optional<authenticated_key> directory::find_key(const digest& key_sha256) const {
  const std::shared_lock lock(snapshots_mutex_);
  const auto place = key_places_.find(key_sha256);
  if (place == key_places_.end()) return std::nullopt;
  const auto& tenant = snapshots_.at(place->second.tenant);
  return authenticated_key{tenant, &tenant->keys[place->second.index].second};
}

std::shared_ptr<const tenant_snapshot> directory::find_tenant(const tenant_id& tenant) const {
  const std::shared_lock lock(snapshots_mutex_);
  const auto found = snapshots_.find(tenant);
  return found == snapshots_.end() ? nullptr : found->second;
}

/// A walk: only the operator names tenants.
std::shared_ptr<const tenant_snapshot> directory::find_tenant_named(std::string_view id) const {
  const std::shared_lock lock(snapshots_mutex_);
  for (const auto& [key, snapshot] : snapshots_)
    if (snapshot->id == id) return snapshot;
  return nullptr;
}

std::size_t directory::tenants() const {
  const std::shared_lock lock(snapshots_mutex_);
  return snapshots_.size();
}

void directory::refresh(directory_question question, std::function<void(bool)> done) {
  std::lock_guard lock(requests_mutex_);
  requests_.push_back({std::move(question), std::move(done)});
  requested_.notify_one();
}

void directory::run() {
  pthread_setname_np(pthread_self(), "directory");
  reader from(url_);
  std::unique_lock lock(requests_mutex_);
  while (!stopped_) {
    requested_.wait_for(lock, poll_interval, [this] { return stopped_ || !requests_.empty(); });
    // Everybody who asks now is served by the same read.
    const auto asked = std::exchange(requests_, {});
    lock.unlock();
    std::vector<directory_question> questions;
    for (const auto& r : asked)
      questions.push_back(r.question);
    std::vector<std::shared_ptr<const tenant_snapshot>> known;
    {
      const std::shared_lock reading(snapshots_mutex_);
      for (const auto& [id, snapshot] : snapshots_)
        known.push_back(snapshot);
    }
    bool reached = true;
    try {
      for (auto& loaded : from.changes(known, questions))
        publish(std::move(loaded));
    } catch (const std::exception& why) {
      spdlog::warn("directory: {}", why.what());
      reached = false;
    }
    for (const auto& r : asked)
      r.done(reached);
    lock.lock();
  }
}

void directory::publish(std::shared_ptr<const tenant_snapshot> loaded) {
  const std::unique_lock lock(snapshots_mutex_);
  auto& kept = snapshots_[loaded->tenant];
  if (kept)
    for (const auto& [hash, key] : kept->keys)
      key_places_.erase(hash);
  for (std::size_t i = 0; i < loaded->keys.size(); ++i)
    key_places_[loaded->keys[i].first] = {loaded->tenant, i};
  kept = std::move(loaded);
}

} // namespace tessera
