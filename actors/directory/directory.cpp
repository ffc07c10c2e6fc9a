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
constexpr auto between_passes = 20ms;                // those who ask meanwhile share one
constexpr auto longest_commit = 60s;                 // far above the limits of the sessions that end one
constexpr auto time_for_failures = 1s;               // of a pass: nobody else waits for long
constexpr std::chrono::milliseconds limit = 1'500ms; // below what a request waits
constexpr std::chrono::milliseconds load_limit = 5'000ms;

} // namespace

std::size_t directory::digest_hash::operator()(const digest& value) const noexcept {
  std::size_t head = 0;
  std::memcpy(&head, value.data(), sizeof head);
  return head;
}

/// The directory's session; reconnects when it was lost.
class directory::reader {
public:
  reader(const std::string& url, const std::atomic<bool>& stopped) : session_(options(url, stopped)) {}

  /// Before anything is asked. Throws when the database is away.
  void connect() {
    if (!session_.is_open()) session_.open();
  }

  /// Of the tenants that are known, those whose version is not the one that is known.
  std::vector<tenant_id> stale(const snapshots& known) {
    std::unordered_map<tenant_id, std::uint64_t> versions;
    std::vector<tenant_id> ids;
    for (const auto& tenant : known) {
      versions.emplace(tenant->tenant, tenant->version);
      ids.push_back(tenant->tenant);
    }
    std::vector<tenant_id> changed;
    for (const auto& [id, version] : persistence::tenant_versions(session_, ids, limit))
      if (versions.at(id) != version) changed.push_back(id);
    note_ended_sessions(known, ids);
    return changed;
  }

  std::optional<tenant_id> tenant_of_key(const digest& key_sha256) {
    const auto now = unknown_keys::clock::now();
    if (unknown_.has(key_sha256, now)) return std::nullopt;
    const auto found = persistence::tenant_of_key(session_, key_sha256, limit);
    if (!found) unknown_.add(key_sha256, now);
    return found;
  }
  std::optional<tenant_id> tenant_named(const std::string& id) {
    return persistence::tenant_by_id(session_, id, limit);
  }
  std::shared_ptr<const tenant_snapshot> load(const tenant_id& tenant) {
    return persistence::load_tenant(session_, tenant, load_limit);
  }

private:
  static pg::session_options options(const std::string& url, const std::atomic<bool>& stopped) {
    auto chosen = persistence::writer_session(url, "tessera-directory", load_limit);
    chosen.give_up = &stopped;
    return chosen;
  }

  /// They don't raise the version. Whoever ends one may commit a moment after the time that they wrote.
  void note_ended_sessions(const snapshots& known, const std::vector<tenant_id>& ids) {
    const auto now = session_ends::clock::now();
    if (now - asked_for_ended_ < poll_interval / 2) return; // passes may be many
    const auto span = std::chrono::ceil<std::chrono::milliseconds>(now - asked_for_ended_) + longest_commit;
    std::unordered_map<tenant_id, session_ends*> noting;
    for (const auto& tenant : known)
      noting.emplace(tenant->tenant, tenant->ended_since.get());
    for (const auto& [tenant, session] : persistence::sessions_ended_within(session_, ids, span, limit))
      noting.at(tenant)->add(session, now);
    asked_for_ended_ = now;
  }

  pg::connection session_;
  unknown_keys unknown_;
  session_ends::clock::time_point asked_for_ended_ = session_ends::clock::now() - poll_interval;
};

directory::directory(std::string url, std::chrono::milliseconds believed)
    : url_(std::move(url)), failures_(believed), thread_([this] { run(); }) {}

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
  if (place == key_places_.end() || withheld_.contains(place->second.tenant)) return std::nullopt;
  const auto& tenant = snapshots_.at(place->second.tenant);
  return authenticated_key{tenant, &tenant->keys[place->second.index].second};
}

std::shared_ptr<const tenant_snapshot> directory::find_tenant(const tenant_id& tenant) const {
  const std::shared_lock lock(snapshots_mutex_);
  const auto found = snapshots_.find(tenant);
  return found == snapshots_.end() || withheld_.contains(tenant) ? nullptr : found->second;
}

/// A walk: only the operator names tenants.
std::shared_ptr<const tenant_snapshot> directory::find_tenant_named(std::string_view id) const {
  const std::shared_lock lock(snapshots_mutex_);
  for (const auto& [key, snapshot] : snapshots_)
    if (snapshot->id == id && !withheld_.contains(key)) return snapshot;
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
  reader from(url_, stopped_);
  auto not_before = failed_loads::clock::now();
  std::unique_lock lock(requests_mutex_);
  for (;;) {
    requested_.wait_for(lock, poll_interval, [this] { return stopped_ || !requests_.empty(); });
    requested_.wait_until(lock, not_before, [this] { return stopped_.load(); });
    if (stopped_) break;
    // Everybody who asks now is served by the same read.
    const auto asked = std::exchange(requests_, {});
    lock.unlock();
    pass(from, asked);
    not_before = failed_loads::clock::now() + between_passes;
    lock.lock();
  }
  const auto late = std::exchange(requests_, {});
  lock.unlock();
  for (const auto& one : late)
    one.done(false);
}

void directory::pass(reader& from, const std::vector<request>& asked) {
  std::vector<std::optional<tenant_id>> wanted;
  std::vector<tenant_id> failing;
  bool reached = true;
  try {
    from.connect();
    const auto stale = tenants_to_load(from, asked, wanted);
    for (const auto& tenant : stale)
      if (failures_.contains(tenant))
        failing.push_back(tenant);
      else
        load(from, tenant);
    withhold(failing);
  } catch (const std::exception& why) {
    spdlog::warn("directory: {}", why.what());
    failures_.database_was_away(failed_loads::clock::now());
    reached = false;
  }
  for (std::size_t i = 0; i < asked.size(); ++i)
    asked[i].done(reached && !(wanted[i] && failures_.contains(*wanted[i])));
  if (reached) try_again(from, failing);
}

/// What is asked for comes first. `wanted` says of each question which tenant it is about.
std::vector<tenant_id> directory::tenants_to_load(
    reader& from, const std::vector<request>& asked, std::vector<std::optional<tenant_id>>& wanted
) {
  const auto known = all();
  const auto stale = from.stale(known);
  std::vector<tenant_id> all_of_them;
  std::unordered_set<tenant_id> seen;
  for (const auto& tenant : known)
    seen.insert(tenant->tenant);
  for (const auto& one : asked) {
    wanted.push_back(tenant_in(from, one.question));
    if (wanted.back() && seen.insert(*wanted.back()).second) all_of_them.push_back(*wanted.back());
  }
  all_of_them.insert(all_of_them.end(), stale.begin(), stale.end());
  return all_of_them;
}

std::optional<tenant_id> directory::tenant_in(reader& from, const directory_question& question) {
  if (question.id) return question.id;
  if (question.key_sha256) {
    if (const auto known = tenant_of_known_key(*question.key_sha256)) return known;
    return from.tenant_of_key(*question.key_sha256);
  }
  if (question.tenant.empty()) return std::nullopt;
  return from.tenant_named(question.tenant);
}

std::optional<tenant_id> directory::tenant_of_known_key(const digest& key_sha256) const {
  const std::shared_lock lock(snapshots_mutex_);
  const auto place = key_places_.find(key_sha256);
  return place == key_places_.end() ? std::nullopt : std::optional(place->second.tenant);
}

directory::snapshots directory::all() const {
  const std::shared_lock lock(snapshots_mutex_);
  snapshots known;
  for (const auto& [id, snapshot] : snapshots_)
    known.push_back(snapshot);
  return known;
}

/// One tenant that can't be loaded keeps no other from being read. Throws when the database is away.
void directory::load(reader& from, const tenant_id& tenant) {
  from.connect();
  try {
    auto loaded = from.load(tenant);
    failures_.succeeded(tenant);
    if (loaded) publish(std::move(loaded));
  } catch (const std::exception& why) {
    spdlog::warn("directory: tenant {}: {}", to_string(tenant), why.what());
    failures_.failed(tenant, failed_loads::clock::now());
  }
}

void directory::try_again(reader& from, const std::vector<tenant_id>& failing) {
  const auto begun = failed_loads::clock::now();
  try {
    for (const auto& tenant : failing) {
      const auto now = failed_loads::clock::now();
      if (now - begun >= time_for_failures) return;
      if (failures_.is_due(tenant, now)) load(from, tenant);
    }
  } catch (const std::exception& why) {
    spdlog::warn("directory: {}", why.what());
    failures_.database_was_away(failed_loads::clock::now());
  }
}

/// What was revoked meanwhile nobody knows here: then nobody of the tenant is let in.
void directory::withhold(const std::vector<tenant_id>& failing) {
  const auto now = failed_loads::clock::now();
  for (const auto& tenant : failing) {
    if (!failures_.is_beyond_belief(tenant, now)) continue;
    const std::unique_lock lock(snapshots_mutex_);
    if (snapshots_.contains(tenant) && withheld_.insert(tenant).second)
      spdlog::error("directory: tenant {} can't be read: nobody of it is let in", to_string(tenant));
  }
}

void directory::publish(std::shared_ptr<const tenant_snapshot> loaded) {
  const std::unique_lock lock(snapshots_mutex_);
  withheld_.erase(loaded->tenant);
  auto& kept = snapshots_[loaded->tenant];
  if (kept)
    for (const auto& [hash, key] : kept->keys)
      key_places_.erase(hash);
  for (std::size_t i = 0; i < loaded->keys.size(); ++i)
    key_places_[loaded->keys[i].first] = {loaded->tenant, i};
  kept = std::move(loaded);
}

} // namespace tessera
