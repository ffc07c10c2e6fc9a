#include "config/flags.hpp"

#include "config/keys.hpp"

#include <CLI/CLI.hpp> // costly to compile: only here

namespace tessera::config {

void add_flags(CLI::App& app, command_line& into) {
  app.add_option("--config", into.file, "TOML file, see config/tessera.example.toml")->type_name("FILE");
  for (const auto& k : keys()) {
    if (k.visibility == secrecy::hidden) continue; // other users can read a command line
    const auto set = [&into, name = std::string(k.name)](const std::string& text) {
      into.overrides[name] = text;
    };
    app.add_option_function<std::string>(flag_of(k), set, std::string(k.doc) + " [" + variable_of(k) + "]")
        ->type_name("VALUE")
        ->group("Configuration");
  }
}

} // namespace tessera::config
