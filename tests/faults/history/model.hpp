#pragma once

#include "tests/faults/history/attempt.hpp"
#include "tests/faults/history/ledger.hpp"

#include <random>

/// A service that makes no mistake, on paper: histories and ledgers for tests of the checker.
namespace tessera::test {

using random_source = std::mt19937_64;

struct model_options {
  std::size_t accounts = 4;
  std::size_t workers = 8;
  std::size_t operations = 800;
};

struct simulated {
  history done;
  ledger rows;
};

/// Clients that overlap, lose answers, retry with the same key, replay old keys, buy, read and are refused.
simulated simulate(std::uint64_t seed, model_options options = {});

/// Gives the entries seq, balances, instants and hashes that follow from each other again, and forgets
/// snapshot and lots: what is wrong afterwards is wrong between ledger and answers.
void reseal(account_rows& rows);

/// Only the hashes.
void rehash(account_rows& rows);

/// A spend or a purchase with neither seq nor balances: for `reseal`.
entry unsealed(
    const account_rows& rows, entry_type type, std::int64_t units, std::uint64_t op, std::uint32_t number
);

} // namespace tessera::test
