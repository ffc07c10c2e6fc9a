#pragma once

#include "config/flags.hpp"
#include "config/load.hpp"

#include <string>
#include <vector>

namespace tessera::cli {

/// The settings from file, environment and flags. Prints warnings; throws CLI::RuntimeError (2) after it has
/// printed every error.
config::settings read_settings(const config::command_line& line, std::vector<std::string> required);

} // namespace tessera::cli
