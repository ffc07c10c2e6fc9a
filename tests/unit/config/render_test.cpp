#include "config/keys.hpp"
#include "config/load.hpp"
#include "config/toml_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <unistd.h>

namespace tessera::config {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const auto source = std::filesystem::path(__FILE__).parent_path() / "../../..";

std::string example_file() {
  std::ifstream stream(source / "config/tessera.example.toml");
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// Takes the comment sign away from every `# key = value`.
std::string with_every_key(const std::string& example) {
  return std::regex_replace(example, std::regex("(^|\n)# ([a-z_]+ = )"), "$1$2");
}

TEST(ExampleTest, IsWhatTheTableSays) {
  EXPECT_EQ(example_file(), render_example());
}

TEST(ExampleTest, DocumentsEveryKeyOnceWithItsVariable) {
  const auto example = example_file();

  std::multiset<std::string> named;
  for (const auto& value : parse_toml(with_every_key(example)).values)
    named.insert(value.name);

  EXPECT_EQ(named.size(), keys().size());
  for (const auto& k : keys()) {
    EXPECT_EQ(named.count(std::string(k.name)), 1u) << k.name;
    EXPECT_THAT(example, HasSubstr("[" + variable_of(k) + "]"));
  }
}

TEST(ExampleTest, ChangesNothingWhenItsValuesAreUsed) {
  const auto path =
      std::filesystem::path(testing::TempDir()) / ("tessera-example-" + std::to_string(::getpid()) + ".toml");
  auto values = with_every_key(example_file());
  values = std::regex_replace(
      values,
      std::regex(
          "\n(operator_key|url|fallback_url|secret_key|webhook_secret|token_secret|auth_token) = \"\"\n"
      ),
      "\n"
  ); // an empty one is no value
  std::ofstream(path) << values;

  const auto loaded = load({.file = path, .environ = {}, .overrides = {}, .required = {}});
  std::filesystem::remove(path);

  EXPECT_THAT(loaded.errors, IsEmpty());
  EXPECT_EQ(render(loaded.settings), render(load({}).settings));
}

TEST(RenderTest, NeverShowsASecret) {
  const auto loaded = load({
      .file = {},
      .environ =
          {{"TESSERA_OPERATOR_KEY", "key-that-must-not-be-seen"},
           {"TESSERA_DATABASE_URL", "postgresql://u:hidden@h/d"}},
      .overrides = {},
      .required = {},
  });

  const auto shown = render(loaded.settings);

  EXPECT_THAT(shown, HasSubstr("operator_key = \"***\""));
  EXPECT_THAT(shown, HasSubstr("url = \"***\""));
  EXPECT_THAT(shown, Not(HasSubstr("must-not-be-seen")));
  EXPECT_THAT(shown, Not(HasSubstr("hidden")));
}

TEST(RenderTest, IsTomlThatSaysTheSame) {
  const auto loaded = load({
      .file = {},
      .environ = {{"TESSERA_LOG_FILE", "a\"b\\c\td"}, {"TESSERA_LIMITS_SCALE", "1000"}},
      .overrides = {},
      .required = {},
  });

  const auto again = parse_toml(render(loaded.settings));

  EXPECT_THAT(again.errors, IsEmpty());
  EXPECT_EQ(again.values.size(), keys().size());
  const auto file = std::ranges::find(again.values, "log.file", &toml_value::name);
  ASSERT_NE(file, again.values.end());
  EXPECT_EQ(file->text, "a\"b\\c\td");
}

TEST(KeysTest, HaveNamesVariablesAndFlagsOfTheirOwn) {
  std::set<std::string> seen;
  for (const auto& k : keys()) {
    EXPECT_TRUE(seen.insert(std::string(k.name)).second) << k.name;
    EXPECT_TRUE(seen.insert(variable_of(k)).second) << k.name;
    EXPECT_TRUE(seen.insert(flag_of(k)).second) << k.name;
    EXPECT_FALSE(k.doc.empty()) << k.name;
  }
}

TEST(KeysTest, GiveEverySecretAFile) {
  for (const auto& k : keys())
    EXPECT_TRUE(k.visibility == secrecy::open || twin_of(k) != nullptr) << k.name;
}

} // namespace
} // namespace tessera::config
