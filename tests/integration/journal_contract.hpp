#pragma once

#include "persistence/stores/journal_store.hpp"
#include "tests/support/builders.hpp"
#include "tests/support/memory_journal_store.hpp"

#include <memory>
#include <string>

/// What every ledger must do: one list of tests (journal_contract_test.cpp) for PostgreSQL and for the memory
/// that the actors' tests run on.
namespace tessera::test {

/// A ledger under test, with accounts and inbox rows put there by other means than its stores.
class ledger_under_test {
public:
  virtual ~ledger_under_test() = default;

  /// Two writers are two nodes, or two lanes.
  virtual std::unique_ptr<persistence::journal_store> writer() = 0;
  virtual std::unique_ptr<persistence::account_store> accounts() = 0;

  /// A new account; returns its genesis.
  virtual entry open_account() = 0;
  virtual void put_inbox(const inbox_command& row) = 0;
  virtual inbox_row inbox(const inbox_id& id) = 0;
};

std::unique_ptr<ledger_under_test> memory_under_test();
/// On a database of the shared cluster, which all tests share: their accounts differ.
std::unique_ptr<ledger_under_test> postgres_under_test();

/// Numbers and ids that no other test of the process uses.
std::uint32_t fresh_number();
template <class Id> Id fresh() {
  return numbered<Id>(fresh_number());
}

} // namespace tessera::test
