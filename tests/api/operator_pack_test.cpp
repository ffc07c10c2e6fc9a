// What is shipped beside the binary agrees with it: manual, completions, alert rules, dashboard, unit.
#include "tests/api/api_world.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <regex>
#include <set>

namespace tessera::test {

namespace {

using names = std::set<std::string>;
using testing::HasSubstr;
using testing::IsSupersetOf;

const std::string packaging = TESSERA_PACKAGING;

names matches(const std::string& text, const char* pattern) {
  const std::regex expression(pattern);
  names found;
  for (auto at = std::sregex_iterator(text.begin(), text.end(), expression); at != std::sregex_iterator();
       ++at)
    found.insert(at->str(1));
  return found;
}

std::string output_of(std::vector<std::string> arguments) {
  const auto done = api_world::instance().service().command(std::move(arguments));
  EXPECT_TRUE(done.ok()) << done.output;
  return done.output;
}

/// The words after "Subcommands:" in a help text.
names commands_in(const std::string& help) {
  const auto at = help.find("Subcommands:");
  return at == std::string::npos ? names{} : matches(help.substr(at), "\n  ([a-z][a-z-]*)  ");
}

/// The help texts of all commands, by command.
std::map<std::string, std::string> all_help() {
  std::map<std::string, std::string> found;
  for (const auto& command : commands_in(output_of({"--help"}))) {
    found[command] = output_of({command, "--help"});
    for (const auto& below : commands_in(found[command]))
      found[command + " " + below] = output_of({command, below, "--help"});
  }
  return found;
}

/// What bash offers after these words.
names offered(const std::string& script, const std::string& words) {
  const auto done = run(
      {.command =
           {"bash",
            "-c",
            "eval \"$1\"; read -ra COMP_WORDS <<<\"$2\"; COMP_WORDS+=(''); "
            "COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _tessera; printf '%s\\n' \"${COMPREPLY[@]}\"",
            "bash",
            script,
            words},
       .environment = {},
       .output_file = {}}
  );
  EXPECT_TRUE(done.ok()) << done.output;
  return matches(done.output, "([^\n]+)\n");
}

} // namespace

TEST(ManualTest, NamesEveryCommandAndOption) {
  const auto page = std::regex_replace(output_of({"manual"}), std::regex(R"(\\-)"), "-");
  const auto help = all_help();
  EXPECT_GE(help.size(), 10u) << "the help text is not read any more";
  for (const auto& [command, text] : help) {
    if (commands_in(text).empty()) {
      EXPECT_THAT(page, HasSubstr(".SS tessera " + command + "\n")) << command;
    }
    // A setting stands there by its variable, an option by itself.
    for (const auto& variable : matches(text, R"(\[(TESSERA_[A-Z_]+)\])"))
      EXPECT_THAT(page, HasSubstr(variable)) << command;
    const auto without_settings = text.substr(0, text.find("\nConfiguration:"));
    for (const auto& option : matches(without_settings, "(--[a-z-]+)"))
      EXPECT_THAT(page, HasSubstr(option)) << command;
  }
}

TEST(CompletionTest, BashOffersWhatHelpNames) {
  const auto script = output_of({"completion", "bash"});
  EXPECT_THAT(offered(script, "tessera"), IsSupersetOf(commands_in(output_of({"--help"}))));
  for (const auto& [command, text] : all_help()) {
    const auto found = offered(script, "tessera " + command);
    EXPECT_THAT(found, IsSupersetOf(commands_in(text))) << command;
    EXPECT_THAT(found, IsSupersetOf(matches(text, "\n  (?:-h,)?(--[a-z-]+)"))) << command;
  }
}

TEST(CompletionTest, BashOffersTheOptionsOfACommandBehindItsOthers) {
  const auto script = output_of({"completion", "bash"});
  EXPECT_TRUE(offered(script, "tessera key create --tenant acme --json").contains("--scope"));
  EXPECT_TRUE(offered(script, "tessera key create --tenant").empty()) << "a tenant's id, which nobody knows";
  EXPECT_FALSE(offered(script, "tessera serve --config").contains("--json")) << "files";
}

TEST(CompletionTest, EveryShellHasEveryCommand) {
  for (const auto* shell : {"zsh", "fish"}) {
    const auto script = output_of({"completion", shell});
    for (const auto& [command, text] : all_help())
      EXPECT_THAT(
          script,
          HasSubstr("'" + std::string(shell == std::string("fish") ? "__tessera_at " : "") + command + "'")
      );
  }
}

class PackFileTest : public testing::TestWithParam<const char*> {};

TEST_P(PackFileTest, NamesOnlyMetricsThatTheServiceHas) {
  auto client = api_world::instance().service().client();
  const auto metrics = matches(client.get("/metrics").response.body, "# TYPE (tessera_[a-z_]+) ");
  const auto used = matches(read_file(packaging + GetParam()), "\\b(tessera_[a-z_]+)");
  EXPECT_GE(used.size(), 10u);
  EXPECT_THAT(metrics, IsSupersetOf(used));
}

INSTANTIATE_TEST_SUITE_P(
    Metrics,
    PackFileTest,
    testing::Values("/prometheus/tessera.rules.yml", "/grafana/tessera.json"),
    [](const auto& each) { return std::string(each.index == 0 ? "AlertRules" : "Dashboard"); }
);

TEST(DashboardTest, IsJsonAndEveryPanelAsksSomething) {
  const auto panels = items_at(read_file(packaging + "/grafana/tessera.json"), "/panels");
  EXPECT_GE(panels.size(), 10u);
  for (const auto& panel : panels)
    if (text_at(panel, "/type") != "row") {
      EXPECT_NE("", text_at(panel, "/targets/0/expr")) << panel;
    }
}

TEST(ServiceUnitTest, SetsOnlyVariablesThatTheProgramKnows) {
  const auto unit = read_file(packaging + "/systemd/tessera.service");
  const auto secret = make_temporary_directory() + "/secret";
  std::ofstream(secret) << "postgresql://localhost/tessera\n";
  const auto variables = matches(unit, "\nEnvironment=(TESSERA_[A-Z_]+)=%[dS]/");
  EXPECT_EQ(matches(unit, "\nEnvironment=([^=]+)=").size(), variables.size());
  EXPECT_TRUE(variables.contains("TESSERA_DATABASE_URL_FILE"));
  process_options check = {.command = {TESSERA_BINARY, "check-config"}, .environment = {}, .output_file = {}};
  for (const auto& variable : variables)
    check.environment[variable] = secret;
  const auto done = run(check);
  EXPECT_TRUE(done.ok()) << done.output;
}

} // namespace tessera::test
