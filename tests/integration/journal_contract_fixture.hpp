#pragma once

#include "tests/integration/journal_contract.hpp"
#include "tests/support/ledger_author.hpp"

#include <gtest/gtest.h>

#include <array>
#include <initializer_list>
#include <memory>
#include <ostream>
#include <stdexcept>
#include <string>
#include <vector>

/// What the tests of the contract share.
namespace tessera::test {

struct contract_case {
  const char* name;
  std::unique_ptr<ledger_under_test> (*make)();
};
inline void PrintTo(const contract_case& given, std::ostream* out) {
  *out << given.name;
}

template <class... Sets>
persistence::append_outcome append(persistence::journal_store& store, const Sets&... sets) {
  const std::array<const write_set*, sizeof...(sets)> round{&sets...};
  return store.append(round);
}

/// In the order in which they stand there, also when one author makes them.
inline persistence::append_outcome
append(persistence::journal_store& store, std::initializer_list<write_set> sets) {
  std::vector<const write_set*> round;
  for (const auto& set : sets)
    round.push_back(&set);
  return store.append(round);
}

inline idempotency_key fresh_key(std::uint32_t fingerprint = 1) {
  return a_key(fresh_number(), fingerprint);
}

inline lot fresh_lot(std::int64_t amount) {
  return a_lot(fresh_number(), amount);
}

inline receive_credits fresh_row(const account_id& account, std::int64_t amount) {
  auto row = receive(fresh_lot(amount));
  row.id = fresh<inbox_id>();
  row.account = account;
  row.reference = row.lots.front().purchase_id = "pur-" + std::to_string(fresh_number());
  return row;
}

class JournalContract : public testing::TestWithParam<contract_case> {
protected:
  /// An account that holds `amount`, and who goes on writing it.
  ledger_author author_with(std::int64_t amount) {
    ledger_author author(ledger->open_account());
    EXPECT_EQ(
        append(*store, author.receive(fresh_lot(amount))).status, persistence::append_status::committed
    );
    return author;
  }

  account_history load(const account_id& account) {
    auto found = rows->load(std::vector{account});
    if (found.size() != 1) throw std::runtime_error("the account is not there once");
    return found.front();
  }

  std::vector<recorded_spend> recorded(const std::vector<uuid>& keys) {
    std::vector<recorded_spend> found;
    EXPECT_TRUE(store->find_keys(keys, found));
    return found;
  }

  std::unique_ptr<ledger_under_test> ledger = GetParam().make();
  std::unique_ptr<persistence::journal_store> store = ledger->writer();
  std::unique_ptr<persistence::account_store> rows = ledger->accounts();
};

/// Both ledgers, for a fixture that is JournalContract or more.
#define TESSERA_FOR_EVERY_LEDGER(FIXTURE)                                                                    \
  INSTANTIATE_TEST_SUITE_P(                                                                                  \
      Ledgers,                                                                                               \
      FIXTURE,                                                                                               \
      testing::Values(                                                                                       \
          contract_case{"Memory", memory_under_test}, contract_case{"PostgreSQL", postgres_under_test}       \
      ),                                                                                                     \
      [](const auto& each) { return std::string(each.param.name); }                                          \
  )

} // namespace tessera::test
