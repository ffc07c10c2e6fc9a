#pragma once

#include "tests/faults/campaign/crash_campaign.hpp"
#include "tests/faults/campaign/settings.hpp"
#include "tests/faults/history/ledger_rows.hpp"

#include <gtest/gtest.h>

#include <iostream>
#include <memory>
#include <thread>

namespace tessera::test {

/// One service on a PostgreSQL of its own that means it when it says durable; every test ends with the
/// checker.
class FaultTest : public testing::Test {
protected:
  explicit FaultTest(postgres_options postgres = {.fsync = true}, variables environment = {})
      : cluster_(postgres), node_(cluster_, {}, std::move(environment)) {
    node_.start();
    bank_ = open_bank(node_, 8);
    notes_ = std::make_unique<recorder>(bank_.accounts);
  }

  caller make_caller(std::uint16_t worker) { return caller(bank_, nodes_, *notes_, worker); }

  /// Buys for an account; the first answer counts.
  void buy(std::uint32_t account, std::int64_t amount) {
    auto line = make_caller(999);
    const auto wish = orders_.open(action::purchase, account, amount);
    const auto bought = line.ask(wish, orders_.next_attempt(wish.op), 0);
    ASSERT_TRUE(bought && bought->ok()) << line.last().response.body;
  }

  std::optional<attempt> spend(caller& line, std::uint32_t account, std::int64_t amount) {
    const auto wish = orders_.open(action::consume, account, amount);
    return line.ask(wish, orders_.next_attempt(wish.op), 0);
  }

  /// The figures of the balance as the API tells them.
  attempt read(std::uint32_t account) {
    auto line = make_caller(998);
    const auto wish = orders_.open(action::read, account, 0);
    return line.ask(wish, orders_.next_attempt(wish.op), 0).value_or(attempt{});
  }

  /// Runs `work(index)` on so many threads and waits for all.
  template <class Work> static void in_parallel(std::size_t threads, Work work) {
    std::vector<std::jthread> all;
    for (std::size_t i = 0; i < threads; ++i)
      all.emplace_back([&work, i] { work(static_cast<std::uint16_t>(i)); });
  }

  void expect_no_violation() {
    wait_for_empty_inbox(cluster_, node_, bank_, milliseconds{20'000});
    const auto done = notes_->copy();
    const auto found = check(done, ledger_of(cluster_, node_.database()));
    EXPECT_TRUE(found.empty()) << found;
    if (!HasFailure()) return;
    print_outcomes(std::cout, done);
    keep_evidence(keep_directory(), done, cluster_, node_, found);
  }

  postgres_cluster cluster_;
  node node_;
  std::vector<node*> nodes_{&node_};
  bank bank_;
  std::unique_ptr<recorder> notes_;
  order_book orders_;
};

} // namespace tessera::test
