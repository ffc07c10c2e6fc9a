#pragma once

#include "tests/support/actor_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

/// Accounts on a ledger in memory.
namespace tessera::test {

/// Spends for "crm". The key `key`, if there is one, stands for this amount.
inline consume_credits spend(const account_id& account, std::int64_t amount, std::uint32_t key = 0) {
  auto command = consume(amount);
  command.account = account;
  if (key != 0) command.idempotency = a_key(key, static_cast<std::uint32_t>(amount));
  return command;
}

class AccountTest : public testing::Test {
protected:
  /// What the ledger holds, as the units of each entry after the genesis and the lots.
  std::vector<std::int64_t> spends_of(const account_id& account) {
    std::vector<std::int64_t> units;
    for (const auto& event : world.ledger().events(account))
      if (event.booked.type == entry_type::spend) units.push_back(event.booked.units.value());
    return units;
  }

  credits available(const account_id& account) {
    const auto asked = world.ask(balance_query{account, "crm"});
    world.deliver();
    return world.answer(asked)->usable;
  }

  /// A key that is in the ledger and that no node remembers.
  void spend_long_ago(const account_id& account, std::int64_t amount, std::uint32_t key) {
    ledger_author author(world.ledger().load(std::vector{account}).front());
    const auto writes = author.spend(amount, a_key(key, static_cast<std::uint32_t>(amount)));
    const write_set* round[] = {&writes};
    ASSERT_EQ(world.ledger().append(round).status, persistence::append_status::committed);
  }

  void TearDown() override {
    world.settle();
    EXPECT_EQ(world.unanswered(), 0u);
    EXPECT_EQ(world.answered_twice(), 0u);
    EXPECT_EQ(world.depth(), 0u);
  }

  actor_world world;
};

} // namespace tessera::test
