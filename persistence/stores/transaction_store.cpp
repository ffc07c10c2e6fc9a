#include "persistence/stores/transaction_store.hpp"

#include "persistence/stores/ledger_applications.hpp"
#include "persistence/stores/page_merge.hpp"
#include "persistence/stores/transactions_of_type.hpp"

namespace tessera::persistence {

namespace {

transaction_page scanned_page(pg::transaction& in, list_transactions query) {
  auto opened = open_streams(in, query);
  // What is newer when the first page is read is not of these pages.
  if (query.oldest_first && !query.after) query.newest = opened.newest;
  page_merge merge(query, std::move(opened.streams));
  while (!merge.settled())
    merge.take(scan(in, query, merge.choose()));
  return merge.page();
}

} // namespace

transaction_page transactions_of(pg::transaction& in, const list_transactions& asked) {
  auto query = asked;
  query.applications.named = names_of(in, query.of.tenant, query.applications);
  const bool has_index = query.type && *query.type != entry_type::spend;
  return has_index ? transactions_of_type(in, query) : scanned_page(in, query);
}

} // namespace tessera::persistence
