#include "tools/tessera/read_settings.hpp"

#include <CLI/CLI.hpp>

#include <iostream>

namespace tessera::cli {

config::settings read_settings(const config::command_line& line, std::vector<std::string> required) {
  config::load_request request;
  if (!line.file.empty()) request.file = line.file;
  request.environ = config::tessera_environment();
  request.overrides = line.overrides;
  request.required = std::move(required);
  auto loaded = config::load(request);
  for (const auto& warning : loaded.warnings)
    std::cerr << "tessera: " << warning << '\n';
  for (const auto& error : loaded.errors)
    std::cerr << "tessera: " << to_string(error) << '\n';
  if (!loaded.ok()) throw CLI::RuntimeError(2);
  return loaded.settings;
}

} // namespace tessera::cli
