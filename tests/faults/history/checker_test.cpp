#include "messages/entry_names.hpp"
#include "tests/faults/history/chain.hpp"
#include "tests/faults/history/checker.hpp"
#include "tests/faults/history/model.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <iostream>
#include <set>
#include <sstream>

namespace tessera::test {

namespace {

/// A history and its ledger, with the places that mutations look for.
class specimen {
public:
  explicit specimen(std::uint64_t seed) : all_(simulate(seed)), random_(seed) {}

  history& done() { return all_.done; }
  ledger& rows() { return all_.rows; }
  account_rows& rows_of(const attempt& a) { return all_.rows[a.account]; }

  template <class Wanted> attempt& some_attempt(Wanted wanted) {
    std::vector<attempt*> candidates;
    for (auto& each : all_.done.attempts)
      if (wanted(each)) candidates.push_back(&each);
    return *pick(candidates);
  }

  /// The entry that an attempt made.
  entry& entry_of(const attempt& a) {
    auto& entries = rows_of(a).entries;
    return *std::ranges::find(entries, request_of(a.op, a.number), &entry::request_id);
  }

  attempt& some_spend() {
    return some_attempt([](const attempt& a) { return a.what == action::consume && a.ok() && !a.replayed; });
  }
  /// One that nobody repeated.
  attempt& lone_spend() {
    return some_attempt([this](const attempt& a) {
      return a.what == action::consume && a.ok() && !a.replayed &&
             std::ranges::count(all_.done.attempts, a.op, &attempt::op) == 1;
    });
  }
  attempt& some_purchase() {
    return some_attempt([](const attempt& a) { return a.what == action::purchase && a.ok() && !a.replayed; });
  }
  attempt& some_read() {
    return some_attempt([](const attempt& a) { return a.what == action::read && a.seq > 4; });
  }
  attempt& some_refusal() {
    return some_attempt([](const attempt& a) { return a.decided_no(); });
  }

  /// An account's entry in the middle.
  entry& some_entry(account_rows*& rows) {
    rows = &all_.rows[static_cast<std::size_t>(below(all_.rows.size()))];
    return rows->entries[2 + below(rows->entries.size() - 4)];
  }

  account_rows& some_saved_account() {
    std::vector<account_rows*> candidates;
    for (auto& each : all_.rows)
      if (each.snapshot && each.snapshot->seq > 0) candidates.push_back(&each);
    return *pick(candidates);
  }

  std::size_t below(std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_);
  }

  template <class T> T pick(const std::vector<T>& candidates) {
    if (candidates.empty()) throw std::logic_error("the history has no place for this mutation");
    return candidates[below(candidates.size())];
  }

  violations checked() { return check(all_.done, all_.rows); }

private:
  simulated all_;
  random_source random_;
};

struct mutation {
  const char* name;
  violation_kind expected;
  std::function<void(specimen&)> apply;
};

/// Makes an answer say what the entry at `seq` says.
void tell_state(attempt& read, const account_rows& rows, std::int64_t seq) {
  const auto& state = rows.entries[static_cast<std::size_t>(seq)];
  read.seq = seq;
  read.available = state.after.available.value();
  read.used = state.after.used.value();
}

/// Two neighbours whose requests followed each other change places, and their answers say so.
void swap_in_time(specimen& s) {
  for (auto& first : s.done().attempts)
    for (auto& second : s.done().attempts) {
      if (first.account != second.account || first.complete_us >= second.invoke_us ||
          second.seq != first.seq + 1)
        continue;
      if (first.what != action::consume || second.what != action::consume || first.replayed ||
          second.replayed)
        continue;
      auto& rows = s.rows_of(first);
      const auto at = static_cast<std::size_t>(first.seq);
      std::swap(rows.entries[at], rows.entries[at + 1]);
      reseal(rows);
      for (auto& each : s.done().attempts)
        if (each.account == first.account && each.seq != not_told && each.ok() &&
            (each.op == first.op || each.op == second.op)) {
          const auto& made = *std::ranges::find(rows.entries, key_of(each.op), &entry::caller_key);
          each.seq = static_cast<std::int64_t>(made.seq);
          each.available = made.usable_after.value();
        }
      return;
    }
  throw std::logic_error("no two neighbours in time");
}

void read_after_another_goes_back(specimen& s) {
  for (auto& first : s.done().attempts)
    for (auto& second : s.done().attempts) {
      const bool both_read = first.what == action::read && second.what == action::read && first.seq > 1;
      if (!both_read || first.account != second.account || first.complete_us >= second.invoke_us) continue;
      tell_state(second, s.rows_of(second), first.seq - 1);
      return;
    }
  throw std::logic_error("no two reads in time");
}

/// The first state after a read whose request had not begun when the read was answered.
void read_what_comes_later(specimen& s) {
  for (auto& read : s.done().attempts)
    for (auto& later : s.done().attempts) {
      if (read.what != action::read || later.what != action::consume || !later.ok() || later.replayed)
        continue;
      if (read.account != later.account || read.complete_us >= later.invoke_us) continue;
      tell_state(read, s.rows_of(read), later.seq);
      return;
    }
  throw std::logic_error("no spend after a read");
}

void remove_resolution(specimen& s) {
  const auto op = s.some_attempt([](const attempt& a) { return a.unknown(); }).op;
  std::erase_if(s.done().attempts, [op](const attempt& a) {
    return a.op == op && (a.ok() || a.decided_no());
  });
}

void append_spend(account_rows& rows, std::int64_t units, std::uint64_t op, std::uint32_t number) {
  rows.entries.push_back(unsealed(rows, entry_type::spend, units, op, number));
  reseal(rows);
}

const std::vector<mutation>& mutations() {
  using enum violation_kind;
  static const std::vector<mutation> all{
      {"DroppedRow",
       seq_gap,
       [](specimen& s) {
         account_rows* rows = nullptr;
         auto& victim = s.some_entry(rows);
         rows->entries.erase(rows->entries.begin() + (&victim - rows->entries.data()));
       }},
      {"LostAck",
       lost_ack,
       [](specimen& s) {
         const auto& a = s.some_spend();
         auto& rows = s.rows_of(a);
         std::erase_if(rows.entries, [&](const entry& e) { return e.caller_key == key_of(a.op); });
         reseal(rows);
       }},
      {"LostPurchase",
       lost_ack,
       [](specimen& s) {
         const auto& a = s.some_purchase();
         auto& rows = s.rows_of(a);
         std::erase_if(rows.entries, [&](const entry& e) {
           return e.request_id == request_of(a.op, a.number);
         });
         reseal(rows);
       }},
      {"DoubleApply",
       duplicate_key,
       [](specimen& s) {
         const auto& a = s.some_spend();
         append_spend(s.rows_of(a), a.amount, a.op, a.number);
       }},
      {"DoublePurchase",
       duplicate_key,
       [](specimen& s) {
         const auto& a = s.some_purchase();
         auto& rows = s.rows_of(a);
         rows.entries.push_back(unsealed(rows, entry_type::purchase, a.amount, a.op, a.number));
         reseal(rows);
       }},
      {"AppliedInTwoAccounts",
       duplicate_key,
       [](specimen& s) {
         const auto& a = s.some_spend();
         append_spend(s.rows()[(a.account + 1) % s.rows().size()], a.amount, a.op, a.number);
       }},
      {"StolenKey",
       duplicate_key,
       [](specimen& s) {
         const auto& a = s.some_spend();
         const auto& b = s.some_attempt([&](const attempt& x) {
           return x.account == a.account && x.op != a.op && x.what == action::consume && x.ok() &&
                  !x.replayed;
         });
         s.entry_of(b).caller_key = key_of(a.op);
         rehash(s.rows_of(a));
       }},
      {"WrongSeqTold", wrong_answer, [](specimen& s) { ++s.some_spend().seq; }},
      {"WrongAvailableTold", wrong_answer, [](specimen& s) { --s.some_spend().available; }},
      {"WrongAmountTaken",
       wrong_answer,
       [](specimen& s) {
         const auto& a = s.lone_spend();
         s.entry_of(a).units += credits{1};
         reseal(s.rows_of(a));
       }},
      {"WrongPurchaseTold",
       wrong_answer,
       [](specimen& s) { s.done().references[s.some_purchase().reference] = "pur-none"; }},
      {"WrongNewBalance", wrong_answer, [](specimen& s) { s.some_purchase().available += 1'000'000; }},
      {"WrongAccount",
       wrong_answer,
       [](specimen& s) {
         auto& a = s.some_spend();
         a.account = static_cast<std::uint32_t>((a.account + 1) % s.rows().size());
       }},
      {"RefusedButApplied",
       refused_but_applied,
       [](specimen& s) {
         const auto& a = s.some_refusal();
         append_spend(s.rows_of(a), a.amount, a.op, a.number);
       }},
      {"ShedButApplied",
       refused_but_applied,
       [](specimen& s) {
         auto& a = s.lone_spend();
         a.result = outcome::refused;
         a.status = 503;
         a.code = answer_code::database_unavailable;
         a.retry_after = true;
         a.seq = a.available = not_told;
       }},
      {"SeqGap",
       seq_gap,
       [](specimen& s) {
         account_rows* rows = nullptr;
         const auto from = &s.some_entry(rows) - rows->entries.data();
         for (auto i = static_cast<std::size_t>(from); i < rows->entries.size(); ++i)
           ++rows->entries[i].seq;
         rehash(*rows);
       }},
      {"DuplicateSeq",
       duplicate_seq,
       [](specimen& s) {
         account_rows* rows = nullptr;
         const auto from = &s.some_entry(rows) - rows->entries.data();
         for (auto i = static_cast<std::size_t>(from); i < rows->entries.size(); ++i)
           --rows->entries[i].seq;
         rehash(*rows);
       }},
      {"BrokenHash",
       broken_chain,
       [](specimen& s) {
         account_rows* rows = nullptr;
         s.some_entry(rows).hash[7] ^= 1;
       }},
      {"AlteredEntry",
       broken_chain,
       [](specimen& s) {
         account_rows* rows = nullptr;
         s.some_entry(rows).meter = "changed";
       }},
      {"AlteredLot",
       broken_chain,
       [](specimen& s) { ++s.rows_of(s.some_purchase()).lots.front().terms.priority; }},
      {"LotOfNoEntry",
       broken_chain,
       [](specimen& s) {
         auto& lots = s.rows_of(s.some_purchase()).lots;
         lots.push_back(lots.front());
       }},
      {"ForeignTenant",
       broken_chain,
       [](specimen& s) {
         account_rows* rows = nullptr;
         s.some_entry(rows).tenant.value.bytes[3] ^= 1;
         rehash(*rows);
       }},
      {"BalanceOffByOne",
       broken_balance,
       [](specimen& s) {
         account_rows* rows = nullptr;
         s.some_entry(rows).after.available += credits{1};
         rehash(*rows);
       }},
      {"CreditsFromNowhere",
       conservation,
       [](specimen& s) {
         account_rows* rows = nullptr;
         const auto from = &s.some_entry(rows) - rows->entries.data();
         for (auto i = static_cast<std::size_t>(from); i < rows->entries.size(); ++i)
           rows->entries[i].after.available += credits{1};
         rehash(*rows);
       }},
      {"NegativeBalance",
       negative_balance,
       [](specimen& s) {
         const auto& a = s.lone_spend();
         s.entry_of(a).units += credits{1'000'000};
         reseal(s.rows_of(a));
       }},
      {"LotOverdrawn",
       lot_overdrawn,
       [](specimen& s) {
         auto& e = s.entry_of(s.some_spend());
         e.slices.front().lot.value.bytes[0] ^= 0xff;
         for (auto& each : s.rows())
           rehash(each);
       }},
      {"SlicesDoNotAddUp",
       lot_overdrawn,
       [](specimen& s) {
         const auto& a = s.some_spend();
         s.entry_of(a).slices.clear();
         rehash(s.rows_of(a));
       }},
      {"BookedOutOfOrder",
       booked_out_of_order,
       [](specimen& s) {
         account_rows* rows = nullptr;
         s.some_entry(rows).booked_at -= std::chrono::seconds{1};
         rehash(*rows);
       }},
      {"UnknownEntryType",
       unknown_entry_type,
       [](specimen& s) {
         account_rows* rows = nullptr;
         s.some_entry(rows).type = static_cast<entry_type>(entry_type_count);
         rehash(*rows);
       }},
      {"SnapshotWithAnotherBalance",
       snapshot_disagrees,
       [](specimen& s) { s.some_saved_account().snapshot->now.used += credits{1}; }},
      {"SnapshotWithAnotherHash",
       snapshot_disagrees,
       [](specimen& s) { s.some_saved_account().snapshot->head[0] ^= 1; }},
      {"SnapshotAhead",
       snapshot_disagrees,
       [](specimen& s) { s.some_saved_account().snapshot->seq += 1'000'000; }},
      {"SnapshotOfALot",
       snapshot_disagrees,
       [](specimen& s) { s.some_saved_account().lots.front().terms.free += credits{1}; }},
      {"InboxRowAbsorbedElsewhere",
       inbox_mismatch,
       [](specimen& s) { ++*s.rows_of(s.some_purchase()).inbox.front().absorbed_seq; }},
      {"PurchaseWithoutInboxRow",
       inbox_mismatch,
       [](specimen& s) { s.rows_of(s.some_purchase()).inbox.pop_back(); }},
      {"InboxRowAbsorbedByNobody",
       inbox_not_absorbed,
       [](specimen& s) { s.rows_of(s.some_purchase()).inbox.back().absorbed_seq.reset(); }},
      {"PhantomEntry", phantom_entry, [](specimen& s) { append_spend(s.rows()[0], 1, 99'999'999, 0); }},
      {"EntryOfNobody",
       phantom_entry,
       [](specimen& s) {
         const auto& a = s.lone_spend();
         s.entry_of(a).caller_key = "somebody";
         rehash(s.rows_of(a));
       }},
      {"UnresolvedUnknown", unresolved_unknown, remove_resolution},
      {"FirstAnswerCalledReplay", wrong_replayed_flag, [](specimen& s) { s.some_spend().replayed = true; }},
      {"ReplayCalledFirstAnswer",
       wrong_replayed_flag,
       [](specimen& s) {
         s.some_attempt([](const attempt& a) { return a.ok() && a.replayed; }).replayed = false;
       }},
      {"MadeByAnAttemptThatNeverWas",
       wrong_replayed_flag,
       [](specimen& s) {
         auto& a = s.lone_spend();
         s.entry_of(a).request_id = request_of(a.op, 7);
         a.replayed = true;
         rehash(s.rows_of(a));
       }},
      {"WrongRead", wrong_read, [](specimen& s) { ++s.some_read().available; }},
      {"ReadOfNoState", wrong_read, [](specimen& s) { s.some_read().seq = 1'000'000; }},
      {"RefusedWithWrongBalance",
       wrong_refusal,
       [](specimen& s) {
         auto& a = s.some_refusal();
         a.amount = 1'000'000;
         a.available = a.would_allow = 900'000;
       }},
      {"RefusedWithWrongAllowance", wrong_refusal, [](specimen& s) { ++s.some_refusal().would_allow; }},
      {"RefusedThoughEnough",
       wrong_refusal,
       [](specimen& s) {
         auto& a = s.some_refusal();
         a.amount = a.available;
       }},
      {"RealTimeSwap", real_time, swap_in_time},
      {"StaleRead",
       stale_read,
       [](specimen& s) {
         // The purchases at the start were answered long before.
         auto& a = s.some_attempt([](const attempt& x) { return x.what == action::read && x.seq > 40; });
         tell_state(a, s.rows_of(a), a.seq - 40);
       }},
      {"ReadFromTheFuture", read_from_future, read_what_comes_later},
      {"ReadWentBack", read_went_back, read_after_another_goes_back},
      {"ServerError",
       unexpected_answer,
       [](specimen& s) {
         auto& a = s.some_attempt([](const attempt& x) { return x.unknown(); });
         a.status = 500;
       }},
      {"NoRetryAfter",
       missing_retry_after,
       [](specimen& s) {
         s.some_attempt([](const attempt& a) { return a.status == 503; }).retry_after = false;
       }},
  };
  return all;
}

class MutationTest : public testing::TestWithParam<mutation> {};

TEST_P(MutationTest, IsFound) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    specimen s(seed);

    GetParam().apply(s);

    EXPECT_GE(s.checked().count(GetParam().expected), 1u) << "seed " << seed << "\n" << s.checked();
  }
}

INSTANTIATE_TEST_SUITE_P(All, MutationTest, testing::ValuesIn(mutations()), [](const auto& each) {
  return std::string(each.param.name);
});

TEST(CheckerTest, FindsNothingInAFaultlessHistory) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    specimen s(seed);
    EXPECT_TRUE(s.checked().empty()) << "seed " << seed << "\n" << s.checked();
  }
}

TEST(CheckerTest, HasAMutationForEveryKindOfViolation) {
  std::set<violation_kind> covered;
  for (const auto& each : mutations())
    covered.insert(each.expected);

  EXPECT_EQ(covered.size(), violation_kind_count);
}

TEST(CheckerTest, ToleratesStaleReadsAndRefusalsOfSeveralOwners) {
  specimen s(1);
  auto& a = s.some_attempt([](const attempt& x) { return x.what == action::read && x.seq > 40; });
  tell_state(a, s.rows_of(a), a.seq - 40);

  EXPECT_TRUE(check(s.done(), s.rows(), {.one_owner = false}).empty());
}

TEST(CheckerTest, CanLeaveOpenWhatNobodyAskedFor) {
  specimen s(1);
  remove_resolution(s);

  EXPECT_EQ(check(s.done(), s.rows(), {.all_resolved = false}).count(violation_kind::unresolved_unknown), 0u);
}

/// A spend becomes the debit of an allocation whose leg arrives, waits, or is lost.
TEST(CheckerTest, FollowsALegFromItsDebitToItsArrival) {
  auto all = simulate(3);
  auto& rows = all.rows.front();
  const auto left = std::ranges::find(rows.entries, entry_type::spend, &entry::type);
  ASSERT_NE(left, rows.entries.end());
  left->type = entry_type::allocate_out;
  left->reference = "alloc-1";
  const auto units = left->units;
  reseal(rows);
  const auto lost = [&](std::vector<inbox_row> waiting) {
    auto receiver = all.rows.back();
    receiver.inbox.insert(receiver.inbox.end(), waiting.begin(), waiting.end());
    violations found;
    transfers moved;
    walk_chain(rows, found, &moved);
    walk_chain(receiver, found, &moved);
    moved.check(found);
    EXPECT_EQ(found.total(), found.count(violation_kind::conservation)) << found;
    return found.count(violation_kind::conservation);
  };
  const inbox_row leg{{}, units, "alloc-1", {}, {}, true};
  EXPECT_EQ(lost({leg}), 0u);
  EXPECT_EQ(lost({}), 1u);
  EXPECT_EQ(lost({leg, leg}), 1u); // twice
}

TEST(CheckerTest, NoMoreIsReversedThanWasSpent) {
  const auto all = simulate(6);
  const auto found_with = [&](int reversals) {
    auto rows = all.rows.front();
    const auto spent = *std::ranges::find(rows.entries, entry_type::spend, &entry::type);
    for (int i = 0; i < reversals; ++i) {
      auto reversal = unsealed(rows, entry_type::reverse, spent.units.value(), nobody, 0);
      reversal.caller_key = key_of(1);
      reversal.slices = spent.slices;
      reversal.reference = transaction_id_of({rows.account, spent.seq});
      rows.entries.push_back(std::move(reversal));
    }
    reseal(rows);
    violations found;
    walk_chain(rows, found);
    EXPECT_EQ(found.total(), found.count(violation_kind::conservation)) << found;
    return found.count(violation_kind::conservation);
  };
  EXPECT_EQ(found_with(0), 0u);
  EXPECT_EQ(found_with(1), 0u);
  EXPECT_EQ(found_with(2), 1u);
}

TEST(CheckerTest, IsFast) {
  const auto large = simulate(1, {.accounts = 8, .workers = 16, .operations = 100'000});
  const auto start = std::chrono::steady_clock::now();

  const auto found = check(large.done, large.rows);

  const auto took =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
  std::cout << large.done.attempts.size() << " attempts checked in " << took.count() << " ms\n";
  EXPECT_TRUE(found.empty()) << found;
  EXPECT_LT(took.count(), 20'000);
}

TEST(HistoryTest, SurvivesALineEach) {
  auto before = simulate(3).done;
  std::ranges::sort(before.accounts);
  std::stringstream lines;

  write_jsonl(lines, before);
  const auto after = read_jsonl(lines);

  std::stringstream again;
  write_jsonl(again, after);
  EXPECT_EQ(lines.str(), again.str());
  EXPECT_EQ(after.attempts.size(), before.attempts.size());
}

} // namespace

} // namespace tessera::test
