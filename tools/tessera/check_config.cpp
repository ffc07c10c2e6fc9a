// tessera check-config
#include "tools/tessera/commands.hpp"
#include "tools/tessera/read_settings.hpp"

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>

namespace tessera::cli {

void add_check_config(CLI::App& app) {
  auto line = std::make_shared<config::command_line>();
  auto* command = app.add_subcommand(
      "check-config", "Print the configuration that `serve` would use, or what is wrong with it"
  );
  config::add_flags(*command, *line);
  command->callback([line] { std::cout << config::render(read_settings(*line, {})); });
}

} // namespace tessera::cli
