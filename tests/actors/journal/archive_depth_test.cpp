#include "actors/journal/archive.hpp"
#include "messages/protocols/account_actor.hpp"
#include "tests/support/builders.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <gtest/gtest.h>

#include <future>
#include <stdexcept>
#include <utility>
#include <vector>

namespace tessera::test {
namespace {

/// Knows nobody, and does not say so before it may.
class hesitant_store final : public persistence::account_store {
public:
  explicit hesitant_store(std::shared_future<void> may_answer) : may_answer_(std::move(may_answer)) {}
  std::vector<account_history> load(std::span<const account_id>) override {
    may_answer_.wait();
    return {};
  }
  std::vector<std::vector<inbox_command>> waiting(std::span<const inbox_page> pages) override {
    return std::vector<std::vector<inbox_command>>(pages.size());
  }
  std::vector<std::pair<account_id, std::vector<alert_threshold>>>
  thresholds(std::span<const account_id>) override {
    return {};
  }
  void save(std::span<const account_snapshot>) override {}

private:
  std::shared_future<void> may_answer_;
};

/// Finds the account, and loses the connection before it has read its thresholds.
class half_read_store final : public persistence::account_store {
public:
  std::vector<account_history> load(std::span<const account_id> accounts) override {
    account_history history;
    history.snapshot.account = accounts.front();
    return {history};
  }
  std::vector<std::vector<inbox_command>> waiting(std::span<const inbox_page> pages) override {
    return std::vector<std::vector<inbox_command>>(pages.size());
  }
  std::vector<std::pair<account_id, std::vector<alert_threshold>>>
  thresholds(std::span<const account_id>) override {
    throw std::runtime_error("planned");
  }
  void save(std::span<const account_snapshot>) override {}
};

TEST(ArchiveLoadTest, AHistoryWithoutItsThresholdsIsNone) {
  caf::actor_system_config config;
  caf::actor_system system(config);
  caf::scoped_actor asking(system);
  archive all(
      std::make_unique<half_read_store>(), std::make_unique<half_read_store>(), std::chrono::hours{1}
  );
  all.load(numbered<account_id>(1), caf::actor_cast<account_actor>(caf::actor_cast<caf::actor>(asking)));
  asking->receive(
      [](const account_loaded& told) {
        EXPECT_EQ(errc::database_unavailable, told.failure);
        EXPECT_EQ(nullptr, told.history);
      },
      caf::after(std::chrono::seconds{10}) >> [] { ADD_FAILURE() << "not answered"; }
  );
}

TEST(ArchiveDepthTest, MoreQuestionsThanCanWaitAreRefused) {
  constexpr std::size_t bound = 20'000;
  constexpr std::size_t one_reading = 500; // may be on its way beside those that wait
  constexpr std::size_t asked = bound + one_reading + 100;
  caf::actor_system_config config;
  caf::actor_system system(config);
  caf::scoped_actor asking(system);
  const auto who = caf::actor_cast<account_actor>(caf::actor_cast<caf::actor>(asking));
  std::promise<void> may_answer;
  const auto permission = may_answer.get_future().share();
  archive all(
      std::make_unique<hesitant_store>(permission),
      std::make_unique<hesitant_store>(permission),
      std::chrono::hours{1}
  );
  for (std::size_t i = 0; i < asked; ++i)
    all.load(numbered<account_id>(static_cast<std::uint32_t>(i)), who);

  std::size_t refused = 0;
  std::size_t answered = 0;
  const auto hear = [&](const account_loaded& told) {
    ++answered;
    if (told.failure == errc::overloaded) ++refused;
  };
  const auto silence = caf::after(std::chrono::seconds{10}) >> [&] {
    ADD_FAILURE() << "answered " << answered << " of " << asked;
    answered = asked;
  };
  asking->receive(hear, silence); // at once, though nobody has read anything
  EXPECT_EQ(1u, refused);
  EXPECT_FALSE(all.has_room());
  may_answer.set_value();
  while (answered < asked)
    asking->receive(hear, silence);
  EXPECT_GE(refused, asked - bound - one_reading);
  EXPECT_LE(refused, asked - bound);
  EXPECT_TRUE(all.has_room());
}

} // namespace
} // namespace tessera::test
