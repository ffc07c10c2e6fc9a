#include "persistence/stores/inbox_store.hpp"

#include "persistence/stores/entity_store.hpp"

#include <cassert>
#include <set>

namespace tessera::persistence {

namespace {

using type = pg::parameters::type;

// What every row says.
#define TESSERA_ASKED                                                                                        \
  "inbox_id, account_id, tenant_id, kind, principal_kind, principal_id, principal_application, request_id,"  \
  " reference"

template <class Row> pg::parameters asked(const tenant_id& tenant, const Row& row) {
  pg::parameters p;
  p.add(row.id).add(row.account).add(tenant).add(static_cast<std::int16_t>(row.kind));
  p.add(static_cast<std::int16_t>(row.requested_by.kind)).add(row.requested_by.id);
  return p.add(row.requested_by.application).add(row.request_id).add(row.reference);
}

bool moves(const instruction& row) {
  return row.kind == inbox_kind::move_on || row.kind == inbox_kind::recall;
}

/// In the order of their ids, as everybody locks them. One that was deleted is as good as none: the error is
/// that of the key that refers to it.
void hold_both(pg::transaction& in, const tenant_id& tenant, const instruction& row) {
  std::set<account_id> entities{row.account};
  if (moves(row) && row.to) entities.insert(*row.to);
  std::erase_if(entities, [&](const account_id& account) { return hold_entity(in, tenant, account); });
  if (entities.empty()) return;
  const bool is_own = entities.contains(row.account);
  throw pg::error(
      "an instruction needs entities that are there",
      "23503",
      is_own ? "credit_inbox_entity_exists" : "credit_inbox_receiver_exists",
      {}
  );
}

} // namespace

void leave(
    pg::transaction& in, const tenant_id& tenant, const receive_credits& row, std::string_view reason
) {
  assert(row.lots.size() == 1 && !row.sender);
  const auto& brought = row.lots.front();
  const bool has_its_time = brought.effective_at != time_point{};
  const bool has_a_day = !brought.expiry_date.empty();
  in.execute(
      "INSERT INTO credit_inbox (" TESSERA_ASKED ", credits, lot_id, root_lot_id, parent_lot_id, lot_kind,"
      " priority, effective_at, expires_at, expiry_date, applications, purchase_id, unit_cost_minor, "
      "currency,"
      " reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, "
      "$18::date,"
      " $19, $20, $21, $22, $23)",
      asked(tenant, row)
          .add(brought.amount.value())
          .add(brought.id)
          .add(brought.root)
          .add(brought.parent)
          .add(static_cast<std::int16_t>(brought.kind))
          .add(static_cast<std::int16_t>(brought.priority))
          .add(has_its_time ? std::optional(brought.effective_at) : std::nullopt)
          .add(brought.expires_at)
          .add(has_a_day ? std::optional(brought.expiry_date) : std::nullopt)
          .add_array(
              type::text, brought.applications, [](const std::string& id) -> std::string_view { return id; }
          )
          .add(brought.purchase_id)
          .add(brought.unit_cost_minor)
          .add(brought.currency)
          .add(reason)
  );
}

void leave(pg::transaction& in, const tenant_id& tenant, const instruction& row) {
  const bool sets_aside = row.kind == inbox_kind::set_aside;
  hold_both(in, tenant, row);
  in.execute(
      "INSERT INTO credit_inbox (" TESSERA_ASKED ", credits, partial, roots, purpose, ttl_us, holds,"
      " to_account_id, carrier_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,"
      " $16, $17)",
      asked(tenant, row)
          .add(row.wanted.value())
          .add(row.partial)
          .add_array(type::uuid, row.roots, [](const lot_id& root) { return root; })
          .add(sets_aside ? std::optional(static_cast<std::int16_t>(row.purpose)) : std::nullopt)
          .add(sets_aside ? std::optional(std::int64_t{row.ttl.count()}) : std::nullopt)
          .add_array(
              type::int8, row.holds, [](std::uint64_t hold) { return static_cast<std::int64_t>(hold); }
          )
          .add(moves(row) ? row.to : std::nullopt)
          .add(moves(row) ? std::optional(row.carrier) : std::nullopt)
  );
}

std::optional<inbox_outcome> outcome_of(pg::transaction& in, const tenant_id& tenant, const inbox_id& row) {
  const auto rows = in.execute(
      "SELECT account_id, absorbed_seq, coalesce(fulfilled, 0), coalesce(refused_code, '')"
      " FROM credit_inbox WHERE tenant_id = $1 AND inbox_id = $2",
      pg::parameters().add(tenant).add(row)
  );
  if (rows.empty()) return std::nullopt;
  inbox_outcome outcome{{}, credits{rows.int8(0, 2)}, rows.text(0, 3)};
  if (const auto seq = rows.optional_int8(0, 1))
    outcome.carried_out = {rows.id<account_id>(0, 0), static_cast<std::uint64_t>(*seq)};
  return outcome;
}

} // namespace tessera::persistence
