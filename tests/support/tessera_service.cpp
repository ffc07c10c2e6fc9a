#include "tests/support/tessera_service.hpp"

#include "tests/support/json.hpp"
#include "tests/support/log_secrets.hpp"

#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace tessera::test {

namespace {

/// A file that holds the password: one that is told as an argument can be seen by others.
std::string written(const std::string& path, const std::string& text) {
  std::ofstream(path) << text;
  return path;
}

/// `"name":"value",` or nothing when there is no value.
std::string optional_member(const std::string& name, const std::string& value) {
  return value.empty() ? "" : "\"" + name + "\":\"" + value + "\",";
}

} // namespace

tessera_service::tessera_service(service_options options)
    : options_(std::move(options)),
      cluster_(options_.cluster ? *options_.cluster : postgres_cluster::shared()),
      database_(options_.database), state_(make_temporary_directory()), port_(free_port()) {
  if (database_.empty()) {
    database_ = cluster_.create_database();
    migrate();
  }
  if (options_.start) start();
}

namespace {

/// Lives as long as the last service, which a test may keep until the process ends.
std::vector<std::string>& all_leaks() {
  static auto& lines = *new std::vector<std::string>;
  return lines;
}

} // namespace

const std::vector<std::string>& tessera_service::leaks() {
  return all_leaks();
}

tessera_service::~tessera_service() {
  for (auto& line : secrets_in(log(), {operator_key()}))
    all_leaks().push_back(std::move(line));
  process_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(state_, ignored);
}

void tessera_service::migrate() {
  const auto done = command({"migrate", "--database-url", cluster_.url(database_)});
  if (!done.ok()) throw std::runtime_error("tessera migrate: " + done.output);
}

std::map<std::string, std::string> tessera_service::environment() const {
  std::map<std::string, std::string> all = {
      {"TESSERA_DATABASE_URL", cluster_.url(database_, "tessera_service")},
      {"TESSERA_HTTP_ADDRESS", "127.0.0.1"},
      {"TESSERA_HTTP_PORT", std::to_string(port_)},
      {"TESSERA_OPERATOR_KEY", operator_key()},
      {"TESSERA_PAYMENTS_ALLOW_TEST", "true"},
      {"TESSERA_AUTH_SIGNING_KEY_FILE", signing_key_file()},
      {"TESSERA_SPOOL_DIR", spool()},
  };
  for (const auto& [name, value] : options_.environment)
    all[name] = value;
  return all;
}

namespace {

bool wants_faults(const std::map<std::string, std::string>& environment) {
  return environment.contains("TESSERA_CRASH_AT") || environment.contains("TESSERA_CLUSTER_LEASES");
}

} // namespace

void tessera_service::start() {
  launch();
  if (!wait_until_ready()) throw std::runtime_error("tessera serve is not ready: " + log());
}

void tessera_service::launch() {
  process_.reset();
  process_ = std::make_unique<test::process>(process_options{
      .command = {wants_faults(options_.environment) ? TESSERA_BINARY_WITH_FAULTS : TESSERA_BINARY, "serve"},
      .environment = environment(),
      .output_file = {},
  });
}

bool tessera_service::wait_until_ready(milliseconds timeout) {
  bool ready = false;
  wait_until(timeout, [&] {
    ready = client().get("/readyz").status() == 200;
    return ready || !process_->alive();
  });
  return ready;
}

std::optional<exit_status> tessera_service::stop(milliseconds timeout) {
  process().terminate();
  return process().wait(timeout);
}

void tessera_service::kill() {
  process().kill();
  process().wait(milliseconds{10'000});
}

void tessera_service::crash_and_restart() {
  kill();
  start();
}

test::process& tessera_service::process() {
  if (!process_) throw std::logic_error("the service was never started");
  return *process_;
}

std::string tessera_service::log() const {
  return process_ ? process_->output() : "";
}

http_client tessera_service::client(const std::string& bearer) const {
  http_client made("127.0.0.1", port_);
  if (!bearer.empty()) made.set_bearer(bearer);
  return made;
}

command_result tessera_service::command(std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(), TESSERA_BINARY);
  auto variables = environment();
  variables["TESSERA_DATABASE_URL"] = cluster_.url(database_);
  return run({.command = std::move(arguments), .environment = std::move(variables), .output_file = {}});
}

std::string tessera_service::answer_of(std::vector<std::string> arguments) const {
  arguments.emplace_back("--json");
  auto done = command(arguments);
  if (!done.ok()) throw std::runtime_error("tessera " + arguments.front() + ": " + done.output);
  return done.output;
}

std::string tessera_service::create_tenant(const std::string& id) const {
  std::vector<std::string> arguments = {
      "tenant", "create", "--name", id.empty() ? "test" : id, "--plan", "enterprise"};
  if (!id.empty()) arguments.insert(arguments.end(), {"--id", id});
  return text_at(answer_of(arguments), "/tenantId");
}

std::string tessera_service::create_user(
    const std::string& tenant,
    const std::string& email,
    const std::string& password,
    const std::string& role,
    const std::vector<std::string>& entities,
    const std::vector<std::string>& applications
) const {
  std::vector<std::string> arguments = {"user", "create", "--tenant", tenant, "--email", email};
  arguments.insert(
      arguments.end(), {"--role", role, "--password-file", written(state_ + "/password", password)}
  );
  for (const auto& entity : entities)
    arguments.insert(arguments.end(), {"--entity", entity});
  for (const auto& application : applications)
    arguments.insert(arguments.end(), {"--application", application});
  return text_at(answer_of(arguments), "/userId");
}

std::string tessera_service::sign_in(const std::string& email, const std::string& password) const {
  const auto answer =
      client().post("/api/auth/login", R"({"email":")" + email + R"(","password":")" + password + R"("})");
  if (answer.status() != 200)
    throw std::runtime_error("sign in: " + std::to_string(answer.status()) + " " + answer.response.body);
  return answer.response.body;
}

std::string tessera_service::create_api_key(
    const std::string& tenant,
    const std::vector<std::string>& scopes,
    const std::string& application,
    const std::string& entity
) const {
  std::vector<std::string> arguments = {"key", "create", "--tenant", tenant, "--name", "test"};
  for (const auto& scope : scopes)
    arguments.insert(arguments.end(), {"--scope", scope});
  if (!application.empty()) arguments.insert(arguments.end(), {"--application", application});
  if (!entity.empty()) arguments.insert(arguments.end(), {"--entity", entity});
  return text_at(answer_of(arguments), "/key");
}

void tessera_service::create_package(
    const std::string& tenant, const std::string& id, std::int64_t credits, std::int64_t price_minor
) const {
  std::vector<std::string> arguments = {"package", "create", "--tenant", tenant, "--id", id};
  arguments.insert(arguments.end(), {"--credits", std::to_string(credits)});
  arguments.insert(arguments.end(), {"--price-minor", std::to_string(price_minor)});
  answer_of(arguments);
}

std::string tessera_service::made(
    const std::string& key, const std::string& route, const std::string& json, const std::string& id
) const {
  const auto answer = client(key).post(route, json);
  if (answer.status() != 201)
    throw std::runtime_error(
        "POST " + route + " " + json + ": " + std::to_string(answer.status()) + " " + answer.response.body
    );
  return text_at(answer.response.body, "/" + id);
}

std::string tessera_service::create_organization(
    const std::string& key, const std::string& id, const std::string& parent
) const {
  const auto json =
      "{" + optional_member("id", id) + optional_member("parentId", parent) + R"("name":"test"})";
  return made(key, "/api/organizations", json, "organizationId");
}

std::string tessera_service::create_location(
    const std::string& key, const std::string& id, const std::string& organization
) const {
  const auto json =
      "{" + optional_member("id", id) + optional_member("organizationId", organization) + R"("name":"test"})";
  return made(key, "/api/locations", json, "locationId");
}

std::string tessera_service::create_application(const std::string& key, const std::string& id) const {
  return made(key, "/api/applications", R"({"id":")" + id + R"(","name":"test"})", "applicationId");
}

} // namespace tessera::test
