// tessera doctor: would `serve` work here, and does what it relies on hold?
#include "config/flags.hpp"
#include "config/load.hpp"
#include "http/json/writer.hpp"
#include "tools/tessera/commands.hpp"
#include "tools/tessera/findings.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <iostream>
#include <memory>

namespace tessera::cli {

std::string_view to_string(verdict which) {
  switch (which) {
  case verdict::ok: return "ok";
  case verdict::warning: return "warning";
  case verdict::failed: return "failed";
  }
  return "failed";
}

bool findings::any_failed() const {
  return std::ranges::any_of(all_, [](const finding& each) { return each.which == verdict::failed; });
}

namespace {

struct doctor_options {
  config::command_line line;
  bool json = false;
};

config::load_result load(const doctor_options& chosen, findings& into) {
  config::load_request request;
  if (!chosen.line.file.empty()) request.file = chosen.line.file;
  request.environ = config::tessera_environment();
  request.overrides = chosen.line.overrides;
  request.required = {"database.url"};
  auto loaded = config::load(request);
  for (const auto& warning : loaded.warnings)
    into.warn("configuration", warning);
  for (const auto& error : loaded.errors)
    into.fail("configuration", to_string(error));
  if (loaded.ok()) into.ok("configuration", "every key is known and valid");
  return loaded;
}

void print(const findings& found) {
  for (const auto& each : found.all()) {
    const auto word = to_string(each.which);
    std::cout << word << std::string(9 - word.size(), ' ') << each.subject << ": " << each.detail << '\n';
  }
}

void print_json(const findings& found) {
  std::string text;
  http::json::writer out(text);
  out.begin_object().field("ok", !found.any_failed()).key("checks").begin_array();
  for (const auto& each : found.all())
    out.begin_object()
        .field("check", each.subject)
        .field("status", to_string(each.which))
        .field("detail", each.detail)
        .end_object();
  out.end_array().end_object();
  std::cout << text << '\n';
}

void run(const doctor_options& chosen) {
  findings found;
  const auto loaded = load(chosen, found);
  if (loaded.ok()) {
    examine_database(loaded.settings, found);
    examine_host(loaded.settings, found);
  }
  chosen.json ? print_json(found) : print(found);
  if (!loaded.ok()) throw CLI::RuntimeError(2);
  if (found.any_failed()) throw CLI::RuntimeError(1);
}

} // namespace

void add_doctor(CLI::App& app) {
  auto chosen = std::make_shared<doctor_options>();
  auto* command = app.add_subcommand(
      "doctor",
      "Check configuration, database, roles, clock, directories and ports; exit code 1 when one fails"
  );
  config::add_flags(*command, chosen->line);
  command->add_flag("--json", chosen->json, "Answer as JSON");
  command->callback([chosen] { run(*chosen); });
}

} // namespace tessera::cli
