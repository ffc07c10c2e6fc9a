#include "tests/support/process.hpp"

#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <iterator>
#include <mutex>
#include <stop_token>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>

extern char** environ;

namespace tessera::test {

namespace {

/// Linux ends a child together with the *thread* that forked it, so all children come from one thread that
/// lives as long as the test.
class spawner {
public:
  static spawner& instance() {
    static spawner only;
    return only;
  }

  pid_t spawn(std::function<pid_t()> fork_and_exec) {
    std::packaged_task<pid_t()> task(std::move(fork_and_exec));
    auto pid = task.get_future();
    {
      const std::scoped_lock lock(mutex_);
      task_ = std::move(task);
    }
    changed_.notify_one();
    return pid.get();
  }

private:
  void run(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (changed_.wait(lock, stop, [this] { return task_.valid(); }))
      std::exchange(task_, {})();
  }

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::packaged_task<pid_t()> task_;
  std::jthread thread_{[this](const std::stop_token& stop) { run(stop); }};
};

std::vector<std::string> environment_of(const process_options& options) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    if (!text.starts_with("TESSERA_") && !options.environment.contains(text.substr(0, text.find('='))))
      all.push_back(text);
  }
  for (const auto& [name, value] : options.environment)
    all.emplace_back(name).append("=").append(value);
  return all;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (auto& text : texts)
    pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

/// Runs in the child: only what is safe between fork and exec of a program with threads.
[[noreturn]] void become(char* const* arguments, char* const* environment, int output, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127); // it died before we could ask
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  const int nothing = ::open("/dev/null", O_RDONLY);
  ::dup2(nothing, 0);
  ::dup2(output, 1);
  ::dup2(output, 2);
  ::close_range(3, ~0u, 0);
  ::execvpe(arguments[0], arguments, environment);
  ::_exit(127);
}

exit_status decode(int raw) {
  if (WIFSIGNALED(raw)) return {-1, WTERMSIG(raw)};
  return {WEXITSTATUS(raw), 0};
}

std::string make_temporary_file() {
  auto path = (std::filesystem::temp_directory_path() / "tessera-output-XXXXXX").string();
  const int file = ::mkstemp(path.data());
  if (file < 0) throw std::system_error(errno, std::generic_category(), "mkstemp");
  ::close(file);
  return path;
}

} // namespace

process::process(process_options options) : output_file_(std::move(options.output_file)) {
  if (output_file_.empty()) {
    output_file_ = make_temporary_file();
    own_output_file_ = true;
  }
  const int output = ::open(output_file_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (output < 0) throw std::system_error(errno, std::generic_category(), output_file_);
  auto environment = environment_of(options);
  const auto environment_pointers = pointers_to(environment);
  const auto argument_pointers = pointers_to(options.command);
  const auto parent = ::getpid();
  pid_ = spawner::instance().spawn([&] {
    const auto child = ::fork();
    if (child == 0) become(argument_pointers.data(), environment_pointers.data(), output, parent);
    return child < 0 ? -errno : child;
  });
  ::close(output);
  if (pid_ < 0) throw std::system_error(-pid_, std::generic_category(), "fork");
}

process::~process() {
  kill();
  wait(milliseconds{10'000});
  if (own_output_file_) ::unlink(output_file_.c_str());
}

void process::signal(int number) {
  if (alive()) ::kill(pid_, number);
}

void process::kill() {
  signal(SIGKILL);
}
void process::terminate() {
  signal(SIGTERM);
}
void process::pause() {
  signal(SIGSTOP);
}
void process::resume() {
  signal(SIGCONT);
}

std::optional<exit_status> process::wait(milliseconds timeout) {
  wait_until(timeout, [this] {
    int raw = 0;
    if (!status_ && ::waitpid(pid_, &raw, WNOHANG) == pid_) status_ = decode(raw);
    return status_.has_value();
  });
  return status_;
}

std::string process::output() const {
  return read_file(output_file_);
}

bool process::wait_for_output(const std::string& text, milliseconds timeout) {
  bool said = false;
  wait_until(timeout, [&] {
    const bool ended = !alive(); // asked first: the last words come before the end
    said = output().find(text) != std::string::npos;
    return said || ended;
  });
  return said;
}

command_result run(process_options options, milliseconds timeout) {
  process child(std::move(options));
  if (!child.wait(timeout)) {
    child.kill();
    child.wait(milliseconds{10'000});
  }
  return {child.wait(milliseconds{0}).value_or(exit_status{}), child.output()};
}

std::string read_file(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::string make_temporary_directory() {
  auto path = (std::filesystem::temp_directory_path() / "tessera-test-XXXXXX").string();
  if (::mkdtemp(path.data()) == nullptr) throw std::system_error(errno, std::generic_category(), "mkdtemp");
  std::filesystem::permissions(path, std::filesystem::perms(0755));
  return path;
}

} // namespace tessera::test
