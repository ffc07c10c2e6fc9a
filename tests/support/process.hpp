#pragma once

#include "tests/support/wait.hpp"

#include <map>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace tessera::test {

struct process_options {
  std::vector<std::string> command; // the program's path first
  std::map<std::string, std::string>
      environment;         // added to the test's own, from which TESSERA_* are taken out
  std::string output_file; // standard output and error, appended; empty: a temporary file
};

struct exit_status {
  int code = -1;
  int signal = 0; // 0: it ended by itself
  friend bool operator==(const exit_status&, const exit_status&) = default;
};

/// A child with a log. It dies with the test, however that ends.
class process {
public:
  /// Throws std::system_error when it cannot be started; a program that does not exist exits with 127.
  explicit process(process_options options);
  ~process();
  process(process&&) = delete;

  pid_t pid() const { return pid_; }
  bool alive() { return !wait(milliseconds{0}); }

  /// Does nothing when it has ended.
  void signal(int number);
  void kill();
  void terminate();
  void pause();
  void resume();

  /// Empty: it was still running when the time was over.
  std::optional<exit_status> wait(milliseconds timeout);

  std::string output() const;
  /// False when the time is over, or it ended without saying it.
  bool wait_for_output(const std::string& text, milliseconds timeout);

private:
  pid_t pid_ = -1;
  std::string output_file_;
  bool own_output_file_ = false;
  std::optional<exit_status> status_;
};

/// What a finished command left.
struct command_result {
  exit_status status;
  std::string output; // standard output and error
  bool ok() const { return status == exit_status{0, 0}; }
};

/// Runs it to the end. Kills it when the time is over.
command_result run(process_options options, milliseconds timeout = milliseconds{60'000});

std::string read_file(const std::string& path);

/// A new directory below the system's place for temporary files; other users may pass through it.
std::string make_temporary_directory();

} // namespace tessera::test
