#include "persistence/stores/round_statements.hpp"

#include "persistence/pg/binary.hpp"
#include "persistence/stores/hold_bytes.hpp"
#include "persistence/stores/hold_reminder_statements.hpp"
#include "persistence/stores/int8.hpp"
#include "persistence/stores/transfer_statements.hpp"

#include <algorithm>
#include <unordered_set>

namespace tessera::persistence {

namespace {

using type = pg::parameters::type;

/// What the first entry of an account in the round was built on.
struct chain_head {
  account_id account;
  std::uint64_t seq;
  digest hash;
};

std::vector<chain_head> chain_heads(std::span<const write_set* const> round) {
  std::vector<chain_head> heads;
  std::unordered_set<account_id> seen;
  for (const auto* set : round) {
    if (set->events.empty()) continue;
    const auto& first = set->events.front().booked;
    if (seen.insert(first.account).second) heads.push_back({first.account, first.seq - 1, set->previous});
  }
  return heads;
}

template <class T, class Condition>
std::vector<const T*> collect(std::span<const write_set* const> round, Condition take) {
  std::vector<const T*> all;
  for (const auto* set : round)
    take(*set, all);
  return all;
}

/// Sorted by account, so that the index is visited in order and two writers meet in the same order.
std::vector<const entry*> entries_of(std::span<const write_set* const> round) {
  auto all = collect<entry>(round, [](const write_set& set, auto& out) {
    for (const auto& event : set.events)
      out.push_back(&event.booked);
  });
  std::stable_sort(all.begin(), all.end(), [](const entry* a, const entry* b) {
    return a->account < b->account;
  });
  return all;
}

/// A round without holds passes none: its rows get nulls.
void add_marks(pg::parameters& p, const std::vector<const entry*>& entries) {
  const bool any = std::ranges::any_of(entries, [](const entry* e) { return e->hold.has_value(); });
  p.add_array(type::bytea, any ? entries : std::vector<const entry*>{}, [](const entry* e) {
    return e->hold ? std::optional(pack_mark(*e->hold)) : std::nullopt;
  });
}

void add_heads(pg::parameters& p, const std::vector<chain_head>& heads) {
  p.add_array(type::uuid, heads, [](const chain_head& h) { return h.account; });
  p.add_array(type::int8, heads, [](const chain_head& h) { return int8_of(h.seq); });
  p.add_array(type::bytea, heads, [](const chain_head& h) -> const digest& { return h.hash; });
}

void add_figures(pg::parameters& p, const std::vector<const entry*>& entries) {
  const auto column = [&](type of, auto project) { p.add_array(of, entries, project); };
  column(type::uuid, [](const entry* e) { return e->account; });
  column(type::int8, [](const entry* e) { return int8_of(e->seq); });
  column(type::uuid, [](const entry* e) { return e->tenant; });
  column(type::int2, [](const entry* e) { return static_cast<std::int16_t>(e->type); });
  column(type::int8, [](const entry* e) { return e->units.value(); });
  column(type::bytea, [](const entry* e) { return pack_slices(e->slices); });
  column(type::int8, [](const entry* e) { return e->after.available.value(); });
  column(type::int8, [](const entry* e) { return e->after.reserved.value(); });
  column(type::int8, [](const entry* e) { return e->after.used.value(); });
  column(type::int8, [](const entry* e) { return e->after.debt.value(); });
  column(type::int8, [](const entry* e) { return e->usable_after.value(); });
  column(type::timestamptz, [](const entry* e) { return e->occurred_at; });
  column(type::timestamptz, [](const entry* e) { return e->booked_at; });
  column(type::uuid, [](const entry* e) {
    return e->idempotency ? std::optional(e->idempotency->key) : std::nullopt;
  });
  column(type::uuid, [](const entry* e) {
    return e->idempotency ? std::optional(e->idempotency->fingerprint) : std::nullopt;
  });
  column(type::int2, [](const entry* e) { return static_cast<std::int16_t>(e->requested_by.kind); });
}

void add_texts(pg::parameters& p, const std::vector<const entry*>& entries) {
  const auto text = [&](const std::string& (*project)(const entry*)) {
    p.add_array(type::text, entries, [project](const entry* e) -> std::string_view { return project(e); });
  };
  text([](const entry* e) -> const std::string& { return e->application; });
  text([](const entry* e) -> const std::string& { return e->meter; });
  text([](const entry* e) -> const std::string& { return e->reference; });
  text([](const entry* e) -> const std::string& { return e->requested_by.id; });
  text([](const entry* e) -> const std::string& { return e->requested_by.application; });
  text([](const entry* e) -> const std::string& { return e->request_id; });
  text([](const entry* e) -> const std::string& { return e->event_id; });
  text([](const entry* e) -> const std::string& { return e->caller_key; });
  text([](const entry* e) -> const std::string& { return e->metadata; });
}

pg::statement append_statement(
    std::span<const write_set* const> round, const node_incarnation& writer, const proven_heads& proven
) {
  auto heads = chain_heads(round);
  std::erase_if(heads, [&](const chain_head& h) { return proven.knows(h.account, h.hash); });
  const auto entries = entries_of(round);
  pg::parameters p;
  add_heads(p, heads);
  p.add(writer);
  add_figures(p, entries);
  add_texts(p, entries);
  p.add_array(type::bytea, entries, [](const entry* e) -> const digest& { return e->hash; });
  add_marks(p, entries);
  return {
      "SELECT "
      "journal_append($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$21,$22,$23,$24,"
      "$25,$26,$27,$28,$29,$30,$31)",
      std::move(p),
  };
}

struct opened_lot {
  const entry* booked;
  std::size_t position; // within the entry
  const lot* opened;
};

pg::statement open_lots_statement(const std::vector<opened_lot>& lots) {
  pg::parameters p;
  const auto column = [&](type of, auto project) { p.add_array(of, lots, project); };
  column(type::uuid, [](const opened_lot& l) { return l.opened->id; });
  column(type::uuid, [](const opened_lot& l) { return l.booked->account; });
  column(type::uuid, [](const opened_lot& l) { return l.booked->tenant; });
  column(type::uuid, [](const opened_lot& l) { return l.opened->root; });
  column(type::uuid, [](const opened_lot& l) { return l.opened->parent; });
  column(type::int8, [](const opened_lot& l) { return int8_of(l.booked->seq); });
  column(type::int2, [](const opened_lot& l) { return static_cast<std::int16_t>(l.position); });
  column(type::int2, [](const opened_lot& l) { return static_cast<std::int16_t>(l.opened->kind); });
  column(type::int2, [](const opened_lot& l) { return static_cast<std::int16_t>(l.opened->priority); });
  column(type::timestamptz, [](const opened_lot& l) { return l.opened->effective_at; });
  column(type::timestamptz, [](const opened_lot& l) { return l.opened->expires_at; });
  column(type::text, [](const opened_lot& l) { return array_literal(l.opened->applications); });
  column(type::text, [](const opened_lot& l) -> std::string_view { return l.opened->purchase_id; });
  column(type::int8, [](const opened_lot& l) { return l.opened->unit_cost_minor; });
  column(type::text, [](const opened_lot& l) -> std::string_view { return l.opened->currency; });
  column(type::int8, [](const opened_lot& l) { return l.opened->amount.value(); });
  column(type::text, [](const opened_lot& l) {
    return l.opened->expiry_date.empty() ? std::nullopt
                                         : std::optional<std::string_view>(l.opened->expiry_date);
  });
  return {
      "SELECT journal_open_lots($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17)", std::move(p)};
}

/// An inbox row that is carried out: by which entry, and how many credits that concerned.
struct absorbed_row {
  inbox_id id;
  std::int64_t seq;
  std::int64_t fulfilled;
};

pg::statement absorb_statement(const std::vector<absorbed_row>& rows) {
  pg::parameters p;
  p.add_array(type::uuid, rows, [](const absorbed_row& row) { return row.id; });
  p.add_array(type::int8, rows, [](const absorbed_row& row) { return row.seq; });
  p.add_array(type::int8, rows, [](const absorbed_row& row) { return row.fulfilled; });
  return {"SELECT journal_absorb($1, $2, $3)", std::move(p)};
}

pg::statement reverse_statement(const std::vector<const entry*>& reversals) {
  pg::parameters p;
  p.add_array(type::uuid, reversals, [](const entry* e) { return e->account; });
  p.add_array(type::int8, reversals, [](const entry* e) { return int8_of(e->seq); });
  return {"SELECT journal_reverse($1, $2)", std::move(p)};
}

} // namespace

std::vector<pg::statement> statements_of(
    std::span<const write_set* const> round, const node_incarnation& writer, const proven_heads& proven
) {
  std::vector<opened_lot> opened;
  std::vector<absorbed_row> absorbed;
  std::vector<std::pair<inbox_id, std::string_view>> refused;
  std::vector<lot_id> closed;
  std::vector<const entry*> reversals;
  bool appends = false;
  for (const auto* set : round) {
    appends = appends || !set->events.empty();
    for (const auto& event : set->events) {
      for (std::size_t i = 0; i < event.opened.size(); ++i)
        opened.push_back({&event.booked, i, &event.opened[i]});
      if (event.booked.type == entry_type::reverse) reversals.push_back(&event.booked);
    }
    for (const auto& id : set->absorbed)
      absorbed.push_back({id, int8_of(set->last_seq()), set->fulfilled.value()});
    for (const auto& [id, code] : set->refused)
      refused.emplace_back(id, to_string(code));
    closed.insert(closed.end(), set->closed.begin(), set->closed.end());
  }

  std::vector<pg::statement> all;
  if (appends) all.push_back(append_statement(round, writer, proven));
  if (!opened.empty()) all.push_back(open_lots_statement(opened));
  if (!closed.empty())
    all.push_back(
        {"SELECT journal_close_lots($1)",
         pg::parameters().add_array(type::uuid, closed, [](const lot_id& id) { return id; })}
    );
  if (!reversals.empty()) all.push_back(reverse_statement(reversals));
  if (!absorbed.empty()) all.push_back(absorb_statement(absorbed));
  if (!refused.empty())
    all.push_back(
        {"SELECT journal_refuse($1, $2)",
         pg::parameters().add_array(
                             type::uuid, refused, [](const auto& row) { return row.first; }
         ).add_array(type::text, refused, [](const auto& row) { return row.second; })}
    );
  add_hold_reminders(all, round);
  add_transfer_statements(all, round);
  return all;
}

pg::parameters heads_of(std::span<const write_set* const> round) {
  const auto heads = chain_heads(round);
  pg::parameters p;
  p.add_array(type::uuid, heads, [](const chain_head& h) { return h.account; });
  p.add_array(type::int8, heads, [](const chain_head& h) { return int8_of(h.seq); });
  return p;
}

std::vector<uuid> keys_of(std::span<const write_set* const> round) {
  std::vector<uuid> keys;
  for (const auto* set : round)
    set->for_each_key([&](const idempotency_key& key) { keys.push_back(key.key); });
  return keys;
}

std::vector<account_id> absorbing_accounts(std::span<const write_set* const> round) {
  std::vector<account_id> accounts;
  for (const auto* set : round)
    if (!set->absorbed.empty() || !set->refused.empty()) accounts.push_back(set->owner());
  return accounts;
}

std::vector<account_id> accounts_in(std::string_view detail) {
  std::vector<account_id> accounts;
  for (std::size_t at = 0; at + 36 <= detail.size(); at += 37)
    if (const auto id = uuid::parse(detail.substr(at, 36))) accounts.emplace_back(*id);
  return accounts;
}

std::string array_literal(const std::vector<std::string>& elements) {
  std::string text = "{";
  for (const auto& element : elements)
    text += (text.size() > 1 ? ",\"" : "\"") + element + "\"";
  return text + "}";
}

std::string pack_slices(const std::vector<slice>& slices) {
  std::string bytes;
  bytes.reserve(slices.size() * 24);
  for (const auto& part : slices) {
    bytes.append(reinterpret_cast<const char*>(part.lot.value.bytes.data()), 16);
    pg::append_big_endian(bytes, part.units.value());
  }
  return bytes;
}

std::vector<slice> unpack_slices(std::string_view bytes) {
  std::vector<slice> slices;
  for (std::size_t at = 0; at + 24 <= bytes.size(); at += 24) {
    slice part;
    std::copy_n(bytes.data() + at, 16, part.lot.value.bytes.begin());
    part.units = credits{pg::read_big_endian<std::int64_t>(bytes.data() + at + 16)};
    slices.push_back(part);
  }
  return slices;
}

} // namespace tessera::persistence
