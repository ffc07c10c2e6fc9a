#pragma once

#include "tests/support/http_client.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/process.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace tessera::test {

struct service_options {
  std::map<std::string, std::string>
      environment;                     // TESSERA_* beyond, or instead of, what the service is given anyway
  std::string database;                // empty: a new one, migrated
  postgres_cluster* cluster = nullptr; // null: the shared one
  bool start = true;
};

/// The real binary on a free port, against a database of its own.
class tessera_service {
public:
  explicit tessera_service(service_options options = {});
  ~tessera_service();

  /// Starts it and waits until it is ready. Throws std::runtime_error with its log when it never is.
  void start();
  /// Starts it and does not wait.
  void launch();
  /// SIGTERM and the exit status; empty when it was still running after the timeout.
  std::optional<exit_status> stop(milliseconds timeout = milliseconds{15'000});
  /// kill -9.
  void kill();
  /// `kill`, then `start` on the same port and database.
  void crash_and_restart();
  bool wait_until_ready(milliseconds timeout = milliseconds{30'000});
  /// To pause, resume, signal or read its log. Throws when it was never started.
  test::process& process();

  std::uint16_t port() const { return port_; }
  std::string base_url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  std::string operator_key() const { return "operator-key-of-the-tests-0123456789"; }
  postgres_cluster& cluster() { return cluster_; }
  const std::string& database() const { return database_; }
  std::string log() const;
  /// Lines with a secret, in the logs of all services of this process that are gone.
  static const std::vector<std::string>& leaks();
  /// Where its signing keys are.
  std::string signing_key_file() const { return state_ + "/signing-key.pem"; }

  /// Where its mails are.
  std::string spool() const { return state_ + "/spool"; }

  /// A new connection, with that bearer token when there is one.
  http_client client(const std::string& bearer = {}) const;
  http_client operator_client() const { return client(operator_key()); }

  /// Runs `tessera ARGUMENTS…` with this service's environment and the owner's database URL.
  command_result command(std::vector<std::string> arguments) const;

  // The directory. What the operator makes, through the command line; an empty id lets the service choose.
  std::string create_tenant(const std::string& id = {}) const;
  /// Somebody with a password, through the command line; `entities` are `organization/org-1:editor`. Returns
  /// the user's id.
  std::string create_user(
      const std::string& tenant,
      const std::string& email,
      const std::string& password,
      const std::string& role = "user",
      const std::vector<std::string>& entities = {},
      const std::vector<std::string>& applications = {}
  ) const;
  /// Signs in through the API; the answer's body. Throws std::runtime_error unless it is 200.
  std::string sign_in(const std::string& email, const std::string& password) const;
  /// Returns the key itself. `entity` is `organization/org-1`: bound to it and what is below.
  std::string create_api_key(
      const std::string& tenant,
      const std::vector<std::string>& scopes,
      const std::string& application = {},
      const std::string& entity = {}
  ) const;
  void create_package(
      const std::string& tenant, const std::string& id, std::int64_t credits, std::int64_t price_minor
  ) const;

  // What a key with the scope `directory:write` makes, through the API. Returns the id.
  std::string
  create_organization(const std::string& key, const std::string& id, const std::string& parent = {}) const;
  std::string
  create_location(const std::string& key, const std::string& id, const std::string& organization) const;
  std::string create_application(const std::string& key, const std::string& id) const;

private:
  std::map<std::string, std::string> environment() const;
  void migrate();
  /// The JSON that the command prints; throws std::runtime_error with its words when it fails.
  std::string answer_of(std::vector<std::string> arguments) const;
  /// The new thing's id; throws std::runtime_error with the answer when there is none.
  std::string made(
      const std::string& key, const std::string& route, const std::string& json, const std::string& id
  ) const;

  service_options options_;
  postgres_cluster& cluster_;
  std::string database_;
  std::string state_; // a directory for what it makes
  std::uint16_t port_;
  std::unique_ptr<test::process> process_;
};

} // namespace tessera::test
