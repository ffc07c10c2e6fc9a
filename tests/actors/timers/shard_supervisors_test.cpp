#include "actors/timers/shard_supervisors.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <stdexcept>

namespace tessera {
namespace {

using persistence::due_account;
using persistence::due_position;
using persistence::due_question;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

account_id an_account(int number) {
  uuid id{};
  id.bytes[0] = static_cast<std::uint8_t>(number);
  return account_id{id};
}

/// What the database would find: rows that stay until they are taken out.
class due_rows {
public:
  void add(std::int16_t shard, int second, int account) {
    rows_.push_back({shard, {time_point{} + std::chrono::seconds{second}, an_account(account)}});
  }
  void take_out(int account) {
    std::erase_if(rows_, [&](const due_account& row) { return row.where.account == an_account(account); });
  }
  std::vector<due_account> behind(std::span<const due_question> shards, int page) const {
    std::vector<due_account> found;
    for (const auto& question : shards) {
      auto mine = rows_;
      std::erase_if(mine, [&](const due_account& row) {
        return row.shard != question.shard || key(row.where) <= key(question.after);
      });
      std::ranges::sort(mine, {}, [](const due_account& row) { return key(row.where); });
      mine.resize(std::min(mine.size(), static_cast<std::size_t>(page)));
      found.insert(found.end(), mine.begin(), mine.end());
    }
    return found;
  }

private:
  static std::pair<time_point, uuid> key(const due_position& where) {
    return {where.at, where.account.value};
  }
  std::vector<due_account> rows_;
};

class ShardSupervisorsTest : public testing::Test {
protected:
  /// Those whom one page reminds.
  std::vector<account_id> step() {
    reminded_.clear();
    more_ = supervisors_.step();
    return reminded_;
  }

  due_rows rows_;
  bool unreachable_ = false;
  bool more_ = false;
  std::vector<account_id> reminded_;
  std::vector<std::int16_t> shards_{3, 7};
  shard_supervisors supervisors_{
      shards_,
      [this](auto shards, int page) {
        if (unreachable_) throw std::runtime_error("away");
        return rows_.behind(shards, page);
      },
      [this](const account_id& account) { reminded_.push_back(account); },
      2};
};

TEST_F(ShardSupervisorsTest, RemindsOfWhatIsDueOnceAWalk) {
  rows_.add(3, 20, 1);
  rows_.add(3, 10, 2);
  EXPECT_THAT(step(), ElementsAre(an_account(2), an_account(1)));
  EXPECT_TRUE(more_) << "the page was full";
  EXPECT_THAT(step(), IsEmpty());
  EXPECT_FALSE(more_);
  EXPECT_THAT(step(), IsEmpty()) << "until the next walk";
  supervisors_.begin();
  EXPECT_THAT(step(), SizeIs(2)) << "what is still due is reminded again";
}

TEST_F(ShardSupervisorsTest, AnAccountWithSeveralLotsIsRemindedOnceAPage) {
  rows_.add(7, 1, 1);
  rows_.add(7, 2, 1);
  EXPECT_THAT(step(), ElementsAre(an_account(1)));
}

TEST_F(ShardSupervisorsTest, OtherNodesShardsAreNotAskedFor) {
  rows_.add(4, 1, 1);
  EXPECT_THAT(step(), IsEmpty());
}

TEST_F(ShardSupervisorsTest, ThoseThatCannotBookKeepNobodyWaiting) {
  for (int stuck = 1; stuck <= 5; ++stuck)
    rows_.add(3, stuck, stuck);
  rows_.add(3, 60, 6);
  step();
  step();
  EXPECT_THAT(step(), ElementsAre(an_account(5), an_account(6)));
}

TEST_F(ShardSupervisorsTest, AWalkThatIsUnderWayGoesOnWhenOthersBegin) {
  for (int account = 1; account <= 5; ++account)
    rows_.add(3, account, account);
  rows_.add(7, 1, 8);
  EXPECT_THAT(step(), ElementsAre(an_account(1), an_account(2), an_account(8)));
  supervisors_.begin();
  EXPECT_THAT(step(), ElementsAre(an_account(3), an_account(4), an_account(8)));
}

TEST_F(ShardSupervisorsTest, WhatWasBookedIsNotRemindedAgain) {
  rows_.add(3, 1, 1);
  step();
  rows_.take_out(1);
  supervisors_.begin();
  EXPECT_THAT(step(), IsEmpty());
}

TEST_F(ShardSupervisorsTest, AnUnreachableDatabaseLosesNoPlace) {
  for (int account = 1; account <= 3; ++account)
    rows_.add(3, account, account);
  step();
  unreachable_ = true;
  EXPECT_THROW(step(), std::runtime_error);
  unreachable_ = false;
  EXPECT_THAT(step(), ElementsAre(an_account(3)));
}

} // namespace
} // namespace tessera
