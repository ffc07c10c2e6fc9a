#include "tools/tessera/command_parts.hpp"

#include "http/json/writer.hpp"

#include <CLI/CLI.hpp>

#include <iostream>

namespace tessera::cli {

CLI::App& group(CLI::App& app, const std::string& name, const std::string& what) {
  for (auto* existing : app.get_subcommands([&](const CLI::App* one) { return one->get_name() == name; }))
    return *existing;
  auto* made = app.add_subcommand(name, what);
  made->require_subcommand(1);
  return *made;
}

void print(bool json, std::initializer_list<std::pair<std::string_view, std::string>> fields) {
  std::string text;
  http::json::writer out(text);
  out.begin_object();
  for (const auto& [name, value] : fields)
    out.field(name, value);
  out.end_object();
  if (json) {
    std::cout << text << '\n';
    return;
  }
  for (const auto& [name, value] : fields)
    std::cout << name << ": " << value << '\n';
}

} // namespace tessera::cli
