#pragma once

#include "config/load.hpp"

namespace CLI { // NOLINT(readability-identifier-naming): theirs
class App;      // NOLINT(readability-identifier-naming)
}

namespace tessera::config {

/// What the command line says about the configuration.
struct command_line {
  std::string file; // --config, empty when not given
  text_map overrides;
};

/// Adds `--config` and a flag for every key (`--http-port` sets `http.port`) to a subcommand. `into` must
/// outlive the parse.
void add_flags(CLI::App& app, command_line& into);

} // namespace tessera::config
