#pragma once

#include "config/settings.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tessera::config {

/// Names to texts: variables (`TESSERA_HTTP_PORT`) or keys (`http.port`).
using text_map = std::map<std::string, std::string>;

struct load_request {
  std::optional<std::filesystem::path> file;
  text_map environ;                  // only what begins with TESSERA_ is looked at
  text_map overrides;                // by key, from the flags; they win
  std::vector<std::string> required; // keys that must have a value in the end, such as database.url
};

struct config_error {
  std::string where; // `tessera.toml:3:1`, `TESSERA_HTTP_PORT` or `--http-port`
  std::string reason;
  friend bool operator==(const config_error&, const config_error&) = default;
};
std::string to_string(const config_error& error);

struct load_result {
  config::settings settings;
  std::vector<config_error> errors; // all of them at once; the settings count only when there are none
  std::vector<std::string> warnings;
  bool ok() const { return errors.empty(); }
};

/// Defaults, then the file, then the environment, then the overrides. Reads `*_file` secrets; prints nothing.
load_result load(const load_request& request);

/// The process's variables that begin with TESSERA_.
text_map tessera_environment();

/// The settings as TOML, secrets as `***`.
std::string render(const settings& current);

/// What config/tessera.example.toml holds: every key with its meaning and default.
std::string render_example();

} // namespace tessera::config
