#include "persistence/stores/reversal_store.hpp"

#include "persistence/stores/entry_rows.hpp"
#include "persistence/stores/int8.hpp"
#include "persistence/stores/validity_store.hpp"

#include <utility>

namespace tessera::persistence {

namespace {

bool is_reversible(entry_type type) {
  return type == entry_type::spend || type == entry_type::capture;
}

std::optional<entry> entry_of(pg::transaction& in, const reversible_query& query) {
  const auto rows = in.execute(
      "SELECT " TESSERA_ENTRY_COLUMNS " FROM credit_entries e"
      " WHERE e.account_id = $1 AND e.seq = $2 AND e.tenant_id = $3",
      pg::parameters().add(query.spent.account).add(int8_of(query.spent.seq)).add(query.tenant)
  );
  return rows.empty() ? std::nullopt : std::optional(entry_at(rows, 0));
}

/// As they were opened, but empty.
std::vector<lot> lots_of(pg::transaction& in, const std::vector<slice>& slices) {
  const auto rows = in.execute(
      "SELECT " TESSERA_LOT_TERMS ", l.amount, l.free, l.held, " TESSERA_LOT_DAY
      " FROM credit_lots l WHERE l.lot_id = ANY ($1)",
      pg::parameters().add_array(
          pg::parameters::type::uuid, slices, [](const slice& part) { return part.lot; }
      )
  );
  std::vector<lot> lots;
  for (int i = 0; i < rows.size(); ++i) {
    lots.push_back(lot_at(rows, i).second);
    lots.back().free = lots.back().held = credits{};
  }
  return lots;
}

/// One statement: no reversal comes between the two.
void read_what_changes(pg::transaction& in, reversible_spend& spend) {
  const auto rows = in.execute(
      "SELECT (SELECT last.seq FROM credit_entries last WHERE last.account_id = $1"
      "   ORDER BY last.seq DESC LIMIT 1),"
      " (SELECT coalesce(sum(r.units), 0)::bigint FROM credit_reversals r"
      "   WHERE r.account_id = $1 AND r.spent_seq = $2)",
      pg::parameters().add(spend.spent.account).add(int8_of(spend.spent.seq))
  );
  spend.as_of = static_cast<std::uint64_t>(rows.int8(0, 0));
  spend.reversed = credits{rows.int8(0, 1)};
}

} // namespace

result<reversible_spend> find_reversible(pg::transaction& in, const reversible_query& query) {
  auto booked = entry_of(in, query);
  const bool is_visible = booked && (!query.application || booked->application.empty() ||
                                     booked->application == *query.application);
  if (!is_visible) return errc::transaction_unknown;
  if (!is_reversible(booked->type)) return errc::nothing_to_reverse;
  reversible_spend spend;
  spend.spent = query.spent;
  spend.type = booked->type;
  spend.lots = lots_of(in, booked->slices);
  spend.slices = std::move(booked->slices);
  spend.application = std::move(booked->application);
  spend.meter = std::move(booked->meter);
  spend.spender = std::move(booked->requested_by);
  spend.occurred_at = booked->occurred_at;
  read_what_changes(in, spend);
  if (query.regrant_days) {
    auto found = find_validity(in, {query.tenant, *query.regrant_days}).value();
    spend.regrant_expiry_date = std::move(found.expiry_date);
    spend.regrant_expires_at = found.expires_at;
  }
  return spend;
}

} // namespace tessera::persistence
