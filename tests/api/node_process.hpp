#pragma once

#include "tests/support/json.hpp"
#include "tests/support/process.hpp"

#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace tessera::test {

/// A script of tests/node that goes on until the test ends. It says what happens, a line of JSON each; the
/// first line has its port.
class node_process {
public:
  explicit node_process(const std::string& script, std::vector<std::string> arguments = {})
      : process_({
            .command = command_of(script, std::move(arguments)),
            .environment = {},
            .output_file = {},
        }) {
    if (!process_.wait_for_output("\"port\":", milliseconds{30'000}))
      throw std::runtime_error(script + " (did `npm ci` run in tests/node?): " + process_.output());
    port_ = integer_at(lines().front(), "/port").value();
  }

  std::int64_t port() const { return port_; }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  /// Whole lines that it has said so far.
  std::vector<std::string> lines() const {
    const auto output = process_.output();
    std::istringstream text(output.substr(0, output.rfind('\n') + 1));
    std::vector<std::string> all;
    for (std::string line; std::getline(text, line);)
      all.push_back(line);
    return all;
  }
  /// Those in which the text stands.
  std::vector<std::string> lines_with(const std::string& text) const {
    std::vector<std::string> found;
    for (auto& line : lines())
      if (line.find(text) != line.npos) found.push_back(line);
    return found;
  }

private:
  static std::vector<std::string> command_of(const std::string& script, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"/usr/bin/env", "node", std::string(TESSERA_NODE) + "/" + script});
    return arguments;
  }

  process process_;
  std::int64_t port_ = 0;
};

} // namespace tessera::test
