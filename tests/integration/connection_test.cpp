#include "persistence/pg/connection.hpp"
#include "tests/integration/database_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tessera::test {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(ConnectionTest, WhatAnErrorSaysHasNoContentsOfRows) {
  open_session owner(owner_options(migrated_database()));
  const auto* insert = "INSERT INTO addresses VALUES ('a-secret@example.com')";
  owner.run_script("CREATE TABLE addresses (address text PRIMARY KEY)", patience);
  owner.execute(insert, patience);
  try {
    owner.execute(insert, patience);
    FAIL() << "twice the same key";
  } catch (const pg::error& why) {
    EXPECT_TRUE(why.is_unique_violation());
    EXPECT_THAT(why.what(), HasSubstr("addresses_pkey"));
    EXPECT_THAT(why.what(), Not(HasSubstr("a-secret@example.com")));
    EXPECT_THAT(std::string(why.detail()), HasSubstr("a-secret@example.com"));
  }
}

} // namespace
} // namespace tessera::test
