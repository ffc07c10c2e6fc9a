#pragma once

#include "tools/tessera/command_description.hpp"

namespace tessera::cli {

// Scripts that complete `tessera` and its options in a shell.
std::string bash_completion(const std::vector<command_description>& commands);
std::string zsh_completion(const std::vector<command_description>& commands);
std::string fish_completion(const std::vector<command_description>& commands);

} // namespace tessera::cli
