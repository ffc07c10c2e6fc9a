#pragma once

#include "actors/directory/failed_loads.hpp"
#include "actors/directory/unknown_keys.hpp"
#include "messages/directory.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace tessera {

/// The node's copies of the tenants that it serves, loaded when somebody first asks and reloaded within a
/// second after their version has risen. Safe from any thread; reading never waits for the database. A tenant
/// that has changed and can't be read is found by nobody after `believed`, as long as the database answers
/// otherwise.
class directory final : public directory_view {
public:
  explicit directory(std::string url, std::chrono::milliseconds believed = std::chrono::seconds{10});
  ~directory() override;

  std::optional<authenticated_key> find_key(const digest& key_sha256) const override;
  std::shared_ptr<const tenant_snapshot> find_tenant(const tenant_id& tenant) const override;
  std::shared_ptr<const tenant_snapshot> find_tenant_named(std::string_view id) const override;

  /// Brings what is known up to date, and looks for the tenant in question if there is one; then calls `done`
  /// on the directory's thread, with false when the database could not be asked, or not for that tenant. For
  /// a key, tenant or entity that is not known: it may be a moment old.
  void refresh(directory_question question, std::function<void(bool)> done);

  std::size_t tenants() const;

private:
  struct request {
    directory_question question;
    std::function<void(bool)> done;
  };
  struct digest_hash {
    std::size_t operator()(const digest& value) const noexcept;
  };
  struct key_place {
    tenant_id tenant;
    std::size_t index = 0; // into its snapshot's keys
  };
  class reader;
  using snapshots = std::vector<std::shared_ptr<const tenant_snapshot>>;

  // On the directory's thread
  void run();
  void pass(reader& from, const std::vector<request>& asked);
  std::vector<tenant_id> tenants_to_load(
      reader& from, const std::vector<request>& asked, std::vector<std::optional<tenant_id>>& wanted
  );
  std::optional<tenant_id> tenant_in(reader& from, const directory_question& question);
  std::optional<tenant_id> tenant_of_known_key(const digest& key_sha256) const;
  snapshots all() const;
  void load(reader& from, const tenant_id& tenant);
  void try_again(reader& from, const std::vector<tenant_id>& failing);
  void withhold(const std::vector<tenant_id>& failing);
  void publish(std::shared_ptr<const tenant_snapshot> loaded);

  std::string url_;

  mutable std::shared_mutex snapshots_mutex_;
  std::unordered_map<tenant_id, std::shared_ptr<const tenant_snapshot>> snapshots_;
  std::unordered_map<digest, key_place, digest_hash> key_places_;
  std::unordered_set<tenant_id> withheld_; // of snapshots_: too old to be believed

  std::mutex requests_mutex_;
  std::condition_variable requested_;
  std::vector<request> requests_;
  std::atomic<bool> stopped_{false};
  failed_loads failures_; // the thread's
  std::thread thread_;
};

} // namespace tessera
