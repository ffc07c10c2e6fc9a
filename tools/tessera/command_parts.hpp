#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace CLI {
class App;
}

namespace tessera::cli {

/// The command that others stand below, made when it is first asked for: `tessera GROUP …`.
CLI::App& group(CLI::App& app, const std::string& name, const std::string& what);

/// What was made, as JSON or a line each.
void print(bool json, std::initializer_list<std::pair<std::string_view, std::string>> fields);

} // namespace tessera::cli
