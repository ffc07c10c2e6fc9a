#include "persistence/stores/transaction_store.hpp"

#include "persistence/stores/grant_store.hpp"
#include "persistence/stores/ledger_applications.hpp"
#include "persistence/stores/page_merge.hpp"
#include "persistence/stores/transactions_of_type.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

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

/// The row that brought a grant says why; its entry names the row.
std::optional<inbox_id> grant_row_of(const entry& booked) {
  const bool is_grant = booked.type == entry_type::grant || booked.type == entry_type::bonus;
  return is_grant ? row_of_grant(booked.reference) : std::nullopt;
}

void add_reasons(pg::transaction& in, std::vector<transaction>& shown) {
  std::vector<inbox_id> rows;
  for (const auto& each : shown)
    if (const auto row = grant_row_of(each.booked)) rows.push_back(*row);
  if (rows.empty()) return;
  const auto said = in.execute(
      "SELECT inbox_id, reason FROM credit_inbox WHERE inbox_id = ANY ($1) AND reason <> ''",
      pg::parameters().add_array(pg::parameters::type::uuid, rows, [](const inbox_id& id) { return id; })
  );
  std::map<inbox_id, std::string> reasons;
  for (int i = 0; i < said.size(); ++i)
    reasons.emplace(said.id<inbox_id>(i, 0), said.text(i, 1));
  for (auto& each : shown)
    if (const auto row = grant_row_of(each.booked))
      if (const auto found = reasons.find(*row); found != reasons.end()) each.reason = found->second;
}

} // namespace

transaction_page transactions_of(pg::transaction& in, const list_transactions& asked) {
  auto query = asked;
  query.applications.named = names_of(in, query.of.tenant, query.applications);
  // What callers do all the time pays for no index of its own (0015).
  const bool has_index = query.type && *query.type != entry_type::spend && *query.type != entry_type::capture;
  auto page = has_index ? transactions_of_type(in, query) : scanned_page(in, query);
  add_reasons(in, page.transactions);
  return page;
}

} // namespace tessera::persistence
