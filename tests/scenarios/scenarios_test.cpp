// Every scenario by every driver that has what it needs.
#include "tests/scenarios/core_driver.hpp"
#include "tests/scenarios/http_driver.hpp"
#include "tests/scenarios/player.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>

namespace tessera::test {

namespace {

struct driver_kind {
  const char* name;
  std::set<std::string> has;
  std::unique_ptr<scenario_driver> (*make)();

  /// What the scenario needs and this one has not.
  std::vector<std::string> lacks(const scenario& story) const {
    std::vector<std::string> missing;
    std::ranges::set_difference(story.needs, has, std::back_inserter(missing));
    return missing;
  }
};

const std::vector<driver_kind>& drivers() {
  static const std::vector<driver_kind> all = {
      {"core", {"clock", "grants"}, core_driver},
      {"http", {"keys"}, http_driver},
  };
  return all;
}

const std::vector<scenario>& stories() {
  static const auto all = read_scenarios(TESSERA_SCENARIOS);
  return all;
}

struct performance {
  const driver_kind* by;
  const scenario* story;
};

void PrintTo(const performance& each, std::ostream* out) {
  *out << each.story->name << " by " << each.by->name;
}

std::vector<performance> performances() {
  std::vector<performance> all;
  for (const auto& driver : drivers())
    for (const auto& story : stories())
      if (driver.lacks(story).empty()) all.push_back({&driver, &story});
  return all;
}

std::string name_of(const testing::TestParamInfo<performance>& each) {
  auto name = std::string(each.param.by->name) + "_" + each.param.story->name;
  std::ranges::replace(name, '-', '_');
  return name;
}

class ScenarioTest : public testing::TestWithParam<performance> {};

TEST_P(ScenarioTest, IsTrue) {
  play(*GetParam().story, *GetParam().by->make());
}

INSTANTIATE_TEST_SUITE_P(All, ScenarioTest, testing::ValuesIn(performances()), name_of);

TEST(ScenariosTest, NoneIsLeftOutSilently) {
  std::set<std::string> told;
  for (const auto& driver : drivers()) {
    std::size_t count = 0;
    std::string left_out;
    for (const auto& story : stories()) {
      const auto missing = driver.lacks(story);
      if (missing.empty()) {
        ++count;
        told.insert(story.name);
        continue;
      }
      left_out += "\n  not " + story.name + ": it needs";
      for (const auto& each : missing)
        left_out += " " + each;
    }
    std::cout << driver.name << ": " << count << " of " << stories().size() << " scenarios" << left_out
              << '\n';
  }
  for (const auto& story : stories())
    EXPECT_TRUE(told.contains(story.name)) << story.name << " is told by no driver";
}

} // namespace

} // namespace tessera::test
