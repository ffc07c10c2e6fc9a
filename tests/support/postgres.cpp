#include "tests/support/postgres.hpp"

#include "tests/support/process.hpp"
#include "tests/support/wait.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <memory>
#include <spawn.h>
#include <stdexcept>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

extern char** environ;

namespace tessera::test {

namespace {

const std::string script_path = TESSERA_SOURCE_DIR "/tools/lib/postgres.sh";

constexpr std::size_t small_data = 256u << 20;
constexpr std::size_t small_wal = 192u << 20;

struct pipe_ends {
  int read = -1;
  int write = -1;
};

pipe_ends make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  return {ends[0], ends[1]};
}

/// Starts the guard as nobody's child: it must outlive whoever kills the test and its children.
void start_guard(const std::string& directory, int input, int output) {
  std::string program = "setsid \"$0\" guard \"$1\" <&0 &";
  std::string script = script_path;
  std::string argument = directory;
  std::string shell = "bash";
  std::string option = "-c";
  char* const arguments[] = {
      shell.data(), option.data(), program.data(), script.data(), argument.data(), nullptr};
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, input, 0);
  ::posix_spawn_file_actions_adddup2(&actions, output, 1);
  ::posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_addclosefrom_np(&actions, 3);
  pid_t pid = -1;
  const int error = ::posix_spawnp(&pid, "bash", &actions, nullptr, arguments, environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::system_error(error, std::generic_category(), "bash");
  ::waitpid(pid, nullptr, 0);
}

using connection = std::unique_ptr<PGconn, decltype(&PQfinish)>;
using answer = std::unique_ptr<PGresult, decltype(&PQclear)>;

answer ask(PGconn* database, const std::string& sql, const std::vector<const char*>& parameters = {}) {
  const auto count = static_cast<int>(parameters.size());
  answer got(
      PQexecParams(database, sql.c_str(), count, nullptr, parameters.data(), nullptr, nullptr, 0), &PQclear
  );
  const auto status = PQresultStatus(got.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
    throw std::runtime_error(std::string(PQerrorMessage(database)) + "in: " + sql);
  return got;
}

std::string first_value(const answer& got) {
  return PQntuples(got.get()) > 0 && PQnfields(got.get()) > 0 ? PQgetvalue(got.get(), 0, 0) : "";
}

connection open_connection(const std::string& url) {
  connection opened(PQconnectdb(url.c_str()), &PQfinish);
  if (PQstatus(opened.get()) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(opened.get()));
  return opened;
}

} // namespace

postgres_cluster& postgres_cluster::shared() {
  static postgres_cluster only;
  return only;
}

postgres_cluster::postgres_cluster(postgres_options options)
    : options_(options), directory_(make_temporary_directory()) {
  const auto wish = make_pipe();
  const auto done = make_pipe();
  start_guard(directory_, wish.read, done.write);
  ::close(wish.read);
  ::close(done.write);
  guard_ = wish.write;
  guard_done_ = done.read;
  home_ = script("home");
  start();
  if (options.small != on_small_disk::nothing) part_disks();
}

/// The log of changes lies beside the data, on the small disk or the one that stays: so either can be full
/// alone.
void postgres_cluster::part_disks() {
  namespace fs = std::filesystem;
  stop();
  const auto all = fs::path(home_) / "data";
  const bool data_is_small = options_.small == on_small_disk::data;
  const auto part = data_is_small ? all / "base" : all / "pg_wal";
  const auto kept = fs::path(home_) / "kept";
  fs::rename(part, kept);
  fs::create_directory(part);
  disk_ = std::make_unique<small_disk>(part, data_is_small ? small_data : small_wal);
  const auto copied =
      run({.command = {"cp", "-a", kept.string() + "/.", part.string()}, .environment = {}, .output_file = {}}
      );
  if (!copied.ok()) throw std::runtime_error("cp: " + copied.output);
  // What cp leaves out is the directory itself: it belongs to whoever runs the server.
  const auto owned = run(
      {.command = {"chown", "--reference=" + kept.string(), part.string()},
       .environment = {},
       .output_file = {}}
  );
  if (!owned.ok()) throw std::runtime_error("chown: " + owned.output);
  fs::remove_all(kept);
  start();
}

postgres_cluster::~postgres_cluster() {
  ::close(guard_);
  char nothing = 0;
  pollfd end{guard_done_, POLLIN, 0};
  if (::poll(&end, 1, 60'000) > 0) [[maybe_unused]]
    const auto ended = ::read(guard_done_, &nothing, 1);
  ::close(guard_done_);
}

std::string postgres_cluster::url(const std::string& database, const std::string& user) const {
  return "postgresql://" + user + "@/" + database + place_;
}

std::string postgres_cluster::create_database(const std::string& copy_of) {
  static std::atomic<int> made{0};
  auto name = "tessera_" + std::to_string(++made);
  query("postgres", "CREATE DATABASE " + name + " TEMPLATE " + copy_of);
  return name;
}

void postgres_cluster::drop_database(const std::string& database) {
  query("postgres", "DROP DATABASE IF EXISTS " + database + " WITH (FORCE)");
}

std::string postgres_cluster::query(const std::string& database, const std::string& sql) const {
  const auto opened = open_connection(url(database));
  return first_value(ask(opened.get(), sql));
}

int postgres_cluster::terminate_backends(const std::string& application_name) const {
  const auto opened = open_connection(url());
  const auto ended =
      ask(opened.get(),
          "SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM pg_stat_activity WHERE "
          "application_name LIKE $1",
          {application_name.c_str()});
  return std::stoi(first_value(ended));
}

void postgres_cluster::stop_immediate() {
  script("down-immediate");
}

void postgres_cluster::kill() {
  signal_all(SIGKILL);
  wait_until(milliseconds{10'000}, [this] { return processes().empty(); });
}

void postgres_cluster::stop() {
  script("down");
}

void postgres_cluster::start() {
  const auto started = script("up");
  place_ = started.substr(started.find('?'));
}

void postgres_cluster::pause() {
  signal_all(SIGSTOP);
}
void postgres_cluster::resume() {
  signal_all(SIGCONT);
}

std::string postgres_cluster::log() const {
  return read_file(home_ + "/postgres.log");
}

std::string postgres_cluster::script(const std::string& verb) const {
  auto done = run({
      .command = {"bash", script_path, verb, directory_},
      .environment =
          {{"PG_PROFILE", "test"},
           {"PG_FSYNC", options_.fsync ? "on" : "off"},
           {"PG_TEMPLATE", TESSERA_SOURCE_DIR "/build/postgres-template"}},
      .output_file = {},
  });
  if (!done.ok()) throw std::runtime_error("postgres.sh " + verb + ": " + done.output);
  while (done.output.ends_with('\n'))
    done.output.pop_back();
  return done.output;
}

/// Every process of the cluster has the data directory as its working directory.
std::vector<pid_t> postgres_cluster::processes() const {
  const auto data = home_ + "/data";
  std::vector<pid_t> found;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const auto name = entry.path().filename().string();
    pid_t pid = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (error != std::errc{} || end != name.data() + name.size()) continue;
    std::error_code gone;
    if (std::filesystem::read_symlink(entry.path() / "cwd", gone) == data) found.push_back(pid);
  }
  return found;
}

/// Twice: the postmaster may have forked between the look and the signal.
void postgres_cluster::signal_all(int number) const {
  for (int round = 0; round < 2; ++round)
    for (const auto pid : processes())
      ::kill(pid, number);
}

} // namespace tessera::test
