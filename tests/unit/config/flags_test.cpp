#include "config/flags.hpp"
#include "config/keys.hpp"

#include <CLI/CLI.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tessera::config {
namespace {

using testing::HasSubstr;
using testing::Not;

command_line parse(std::vector<std::string> arguments) {
  CLI::App app;
  command_line line;
  add_flags(app, line);
  std::reverse(arguments.begin(), arguments.end()); // as CLI11 wants them
  app.parse(arguments);
  return line;
}

TEST(FlagsTest, NameTheKeysTheySet) {
  const auto line = parse({"--config", "a.toml", "--http-port", "9000", "--limits-scale=2"});

  EXPECT_EQ(line.file, "a.toml");
  EXPECT_EQ(line.overrides, (text_map{{"http.port", "9000"}, {"limits.scale", "2"}}));
}

TEST(FlagsTest, OfferEveryKeyButTheHiddenSecretsInTheHelp) {
  CLI::App app;
  command_line line;
  add_flags(app, line);

  for (const auto& k : keys()) {
    if (k.visibility == secrecy::hidden)
      EXPECT_THAT(app.help(), Not(HasSubstr(flag_of(k) + " ")));
    else
      EXPECT_THAT(app.help(), HasSubstr(flag_of(k) + " "));
  }
}

TEST(FlagsTest, RefuseAnUnknownOne) {
  EXPECT_THROW(parse({"--http-prot", "1"}), CLI::ParseError);
}

} // namespace
} // namespace tessera::config
