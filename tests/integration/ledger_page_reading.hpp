#pragma once

#include "persistence/stores/transaction_store.hpp"
#include "tests/integration/ledger_reading.hpp"

namespace tessera::test {

/// Follows the pages of that ledger.
class LedgerPageReadingTest : public LedgerReadingTest {
protected:
  transaction_page page(const list_transactions& query) {
    return in_tenant([&](auto& in) { return persistence::transactions_of(in, query); });
  }
  list_transactions crm_of(const account_id& account) {
    list_transactions query;
    query.of = {tenant.id, {{account, false}}};
    query.applications.named = {"crm"};
    return query;
  }
  /// Follows the pages; `between` happens after each.
  std::vector<std::string> all(
      list_transactions query, const std::function<void()>& between = [] {}
  ) {
    std::vector<std::string> names;
    for (;;) {
      const auto read = page(query);
      EXPECT_LE(read.transactions.size(), static_cast<std::size_t>(query.limit));
      for (const auto& each : read.transactions)
        names.push_back(each.entity.id + "/" + std::to_string(each.booked.seq));
      if (!read.next) return names;
      query.after = read.next;
      query.newest = read.newest;
      between();
    }
  }
};

} // namespace tessera::test
