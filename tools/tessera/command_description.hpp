#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

/// What the command line understands, as plain values: the manual and the completions are made from it.
namespace tessera::cli {

struct option_description {
  std::string name;  // "--json"
  std::string value; // what follows it, "VALUE" or "FILE"; empty: nothing
  std::string text;
  std::string group; // the settings of the service are in "Configuration"
  bool required = false;
};

struct command_description {
  std::string path; // "key create"; empty: the program itself
  std::string text;
  std::vector<option_description> options;
  std::vector<std::string> next; // the words that may follow: "create"
};

constexpr auto configuration_group = "Configuration";

/// The program first, then its commands, a group before its members.
std::vector<command_description> describe(const CLI::App& program);

/// Whether the option's value is the name of a file.
bool takes_file(const option_description& option);

} // namespace tessera::cli
