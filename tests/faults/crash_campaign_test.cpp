#include "tests/faults/campaign/crash_campaign.hpp"
#include "tests/faults/campaign/settings.hpp"

#include <gtest/gtest.h>

#include <iostream>
#include <stdexcept>

namespace tessera::test {

namespace {

/// TESSERA_FAULT_CYCLES=N for more.
TEST(CrashCampaignTest, OneSpendSurvivesEverything) {
  postgres_cluster cluster({.fsync = true});
  crash_campaign campaign(cluster, {.cycles = fault_setting("CYCLES", 10), .seed = fault_seed()});
  violations found;

  try {
    found = campaign.run();
  } catch (const std::runtime_error& why) {
    ADD_FAILURE() << why.what();
  }

  campaign.print_summary(std::cout);
  EXPECT_TRUE(found.empty()) << found;
  if (HasFailure()) campaign.keep(keep_directory(), found);
}

} // namespace

} // namespace tessera::test
