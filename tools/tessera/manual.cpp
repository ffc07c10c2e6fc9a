// tessera manual: the page tessera(1), made from what the command line and the configuration say of
// themselves.
#include "config/keys.hpp"
#include "tools/tessera/command_description.hpp"
#include "tools/tessera/commands.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <iostream>

namespace tessera::cli {

namespace {

constexpr auto before_commands = R"(.SH NAME
tessera \- prepaid credits: sold, allocated and metered
.SH SYNOPSIS
.B tessera
.I COMMAND
.RI [ OPTIONS ]
.SH DESCRIPTION
Keeps prepaid credits for tenants, their organisations and their locations. Applications ask it before they do something
that costs: it spends the credits, or says no and what would pass. It is one process and one PostgreSQL.
)";

constexpr auto before_settings = R"(.SH CONFIGURATION
.BR serve ", " check-config " and " doctor
take these. A TOML file has the names, the environment the variables; a flag is the name with
.B \-\-
before it and a hyphen for each dot and underscore. A flag wins over the environment, that over the file. An unknown
or wrong key stops the start; every mistake is told at once. Secrets come from a variable or a file.
.TP
.BI \-\-config " FILE"
The TOML file.
)";

constexpr auto after_settings = R"(.SH EXIT STATUS
.TP
.B 0
It was done.
.TP
.B 1
It failed, or what was examined is not as it should be.
.TP
.B 2
The command line or the configuration is wrong.
.SH SIGNALS
.B serve
drains on SIGTERM and SIGINT: requests in flight are answered, balances written down, the shards given back; 9 seconds
at most. Killing it is safe, too.
.SH FILES
.TP
.I /etc/tessera/tessera.toml
The configuration that the packaged service reads.
.TP
.I /etc/tessera/credentials/
The URL of the database and the key of the operator, for root alone.
.SH SEE ALSO
.BR psql (1),
.BR systemd.exec (5),
.I /usr/share/doc/tessera/operating.md
)";

/// As text of roff: no hyphen is a dash, no line is a request, no backslash an escape.
std::string text(std::string_view plain) {
  std::string out;
  for (const char c : plain) {
    if (c == '-' || c == '\\') out += '\\';
    c == '\\' ? out += 'e' : out += c;
  }
  return out.starts_with('.') || out.starts_with('\'') ? "\\&" + out : out;
}

void append(std::string& page, const option_description& option) {
  page += ".TP\n.BI " + text(option.name);
  if (!option.value.empty()) page += " \" " + text(option.value) + "\"";
  page += '\n' + text(option.text) + (option.required ? " (required)" : "") + '\n';
}

/// Commands that can be called; what only leads to others is named with them.
void append(std::string& page, const command_description& command) {
  page += ".SS tessera " + text(command.path) + '\n' + text(command.text) + ".\n";
  for (const auto& option : command.options)
    if (option.group != configuration_group && option.name != "--help" && option.name != "--config")
      append(page, option);
}

void append(std::string& page, const config::key& key) {
  page += ".TP\n.BR " + text(key.name) + " \", \" " + text(config::variable_of(key)) + '\n' + text(key.doc);
  if (key.visibility == config::secrecy::hidden)
    page += " A secret: no flag, not in the file.";
  else if (key.visibility == config::secrecy::open)
    page += " Default: " + text(key.show({})) + '.';
  page += '\n';
}

std::string manual(const std::vector<command_description>& commands) {
  std::string page =
      ".\\\" Made by `tessera manual`.\n.TH TESSERA 1 \"\" \"tessera " TESSERA_VERSION "\" \"Tessera\"\n";
  page += before_commands;
  for (const auto& option : commands.front().options)
    append(page, option);
  page += ".SH COMMANDS\nEach explains itself with\n.BR \\-\\-help .\n";
  for (const auto& command : commands)
    if (command.next.empty()) append(page, command);
  page += before_settings;
  for (const auto& key : config::keys())
    append(page, key);
  return page + after_settings;
}

} // namespace

void add_manual(CLI::App& app) {
  auto* command = app.add_subcommand("manual", "Print the manual page, tessera(1)");
  command->callback([&app] { std::cout << manual(describe(app)); });
}

} // namespace tessera::cli
