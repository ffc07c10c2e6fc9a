#include "persistence/stores/transaction_store.hpp"

#include "persistence/stores/entry_rows.hpp"

#include <limits>

namespace tessera::persistence {

transaction_page transactions_of(pg::transaction& in, const list_transactions& query) {
  const auto before = query.before_seq.value_or(std::numeric_limits<std::int64_t>::max());
  // One more than asked for tells whether there is a next page.
  const auto rows = in.execute(
      "SELECT " TESSERA_ENTRY_COLUMNS
      " FROM credit_entries e WHERE e.account_id = $1 AND e.seq > 0 AND e.seq < $2"
      " AND e.application IN ('', $3) ORDER BY e.seq DESC LIMIT $4",
      pg::parameters()
          .add(query.account)
          .add(static_cast<std::int64_t>(before))
          .add(query.application)
          .add(std::int64_t{query.limit + 1})
  );
  transaction_page page;
  for (int i = 0; i < rows.size() && i < query.limit; ++i)
    page.entries.push_back(entry_at(rows, i));
  if (rows.size() > query.limit) page.next_before = page.entries.back().seq;
  return page;
}

} // namespace tessera::persistence
