#include "persistence/stores/transfer_statements.hpp"

#include "persistence/stores/round_statements.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace tessera::persistence {

namespace {

using type = pg::parameters::type;

struct sent_lot {
  const receive_credits* row;
  std::size_t position;
  const lot* terms;
};

/// An entry that the world is told about, and what the event is called.
struct told_entry {
  const entry* booked;
  std::string_view kind;
};

std::string_view event_of(entry_type of) {
  switch (of) {
  case entry_type::purchase: return "credits.purchased";
  case entry_type::allocate_in: return "credits.allocated";
  case entry_type::expire: return "credits.expired";
  case entry_type::refund: return "credits.refunded";
  default: return {};
  }
}

pg::statement send_statement(const std::vector<const receive_credits*>& rows) {
  pg::parameters p;
  const auto column = [&](type of, auto project) { p.add_array(of, rows, project); };
  column(type::uuid, [](const receive_credits* r) { return r->id; });
  column(type::uuid, [](const receive_credits* r) { return r->account; });
  column(type::int2, [](const receive_credits* r) { return static_cast<std::int16_t>(r->kind); });
  column(type::text, [](const receive_credits* r) -> std::string_view { return r->reference; });
  column(type::uuid, [](const receive_credits* r) {
    return r->sender ? std::optional(r->sender->account) : std::nullopt;
  });
  column(type::int8, [](const receive_credits* r) {
    return r->sender ? std::optional(static_cast<std::int64_t>(r->sender->seq)) : std::nullopt;
  });
  column(type::int2, [](const receive_credits* r) {
    return static_cast<std::int16_t>(r->requested_by.kind);
  });
  column(type::text, [](const receive_credits* r) -> std::string_view { return r->requested_by.id; });
  column(type::text, [](const receive_credits* r) -> std::string_view {
    return r->requested_by.application;
  });
  column(type::text, [](const receive_credits* r) -> std::string_view { return r->request_id; });
  column(type::int8, [](const receive_credits* r) {
    credits sum;
    for (const auto& each : r->lots)
      sum += each.amount;
    return sum.value();
  });
  return {"SELECT journal_send($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)", std::move(p)};
}

pg::statement send_lots_statement(const std::vector<sent_lot>& lots) {
  pg::parameters p;
  const auto column = [&](type of, auto project) { p.add_array(of, lots, project); };
  column(type::uuid, [](const sent_lot& l) { return l.row->id; });
  column(type::int2, [](const sent_lot& l) { return static_cast<std::int16_t>(l.position); });
  column(type::uuid, [](const sent_lot& l) { return l.terms->id; });
  column(type::uuid, [](const sent_lot& l) { return l.terms->root; });
  column(type::uuid, [](const sent_lot& l) { return l.terms->parent; });
  column(type::int2, [](const sent_lot& l) { return static_cast<std::int16_t>(l.terms->kind); });
  column(type::int2, [](const sent_lot& l) { return static_cast<std::int16_t>(l.terms->priority); });
  column(type::timestamptz, [](const sent_lot& l) { return l.terms->effective_at; });
  column(type::timestamptz, [](const sent_lot& l) { return l.terms->expires_at; });
  column(type::text, [](const sent_lot& l) {
    return l.terms->expiry_date.empty() ? std::nullopt
                                        : std::optional<std::string_view>(l.terms->expiry_date);
  });
  column(type::text, [](const sent_lot& l) { return array_literal(l.terms->applications); });
  column(type::text, [](const sent_lot& l) -> std::string_view { return l.terms->purchase_id; });
  column(type::int8, [](const sent_lot& l) { return l.terms->unit_cost_minor; });
  column(type::text, [](const sent_lot& l) -> std::string_view { return l.terms->currency; });
  column(type::int8, [](const sent_lot& l) { return l.terms->amount.value(); });
  return {"SELECT journal_send_lots($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15)", std::move(p)};
}

pg::statement answer_statement(const std::vector<const recorded_spend*>& answers) {
  pg::parameters p;
  const auto column = [&](type of, auto project) { p.add_array(of, answers, project); };
  column(type::uuid, [](const recorded_spend* a) { return a->idempotency.key; });
  column(type::uuid, [](const recorded_spend* a) { return a->idempotency.fingerprint; });
  column(type::uuid, [](const recorded_spend* a) { return a->account; });
  column(type::int8, [](const recorded_spend* a) { return static_cast<std::int64_t>(a->seq); });
  column(type::int2, [](const recorded_spend* a) { return static_cast<std::int16_t>(a->blocker); });
  column(type::text, [](const recorded_spend* a) {
    return has_entry(*a) ? std::nullopt : std::optional(to_string(a->refused));
  });
  column(type::int8, [](const recorded_spend* a) { return a->amount.value(); });
  column(type::int8, [](const recorded_spend* a) { return a->available.value(); });
  column(type::int8, [](const recorded_spend* a) { return a->would_allow.value(); });
  return {"SELECT journal_answer($1,$2,$3,$4,$5,$6,$7,$8,$9)", std::move(p)};
}

pg::statement tell_statement(const std::vector<told_entry>& told) {
  pg::parameters p;
  p.add_array(type::uuid, told, [](const told_entry& t) { return t.booked->account; });
  p.add_array(type::int8, told, [](const told_entry& t) { return static_cast<std::int64_t>(t.booked->seq); });
  p.add_array(type::text, told, [](const told_entry& t) { return t.kind; });
  return {"SELECT journal_tell($1,$2,$3)", std::move(p)};
}

} // namespace

void add_transfer_statements(std::vector<pg::statement>& into, std::span<const write_set* const> round) {
  std::vector<const receive_credits*> rows;
  std::vector<sent_lot> lots;
  std::vector<const recorded_spend*> answers;
  std::vector<told_entry> told;
  for (const auto* set : round) {
    for (const auto& row : set->sent) {
      rows.push_back(&row);
      for (std::size_t i = 0; i < row.lots.size(); ++i)
        lots.push_back({&row, i, &row.lots[i]});
    }
    if (set->remembered) answers.push_back(&*set->remembered);
    for (const auto& event : set->events)
      if (const auto kind = event_of(event.booked.type); !kind.empty()) told.push_back({&event.booked, kind});
  }
  if (!rows.empty()) into.push_back(send_statement(rows));
  if (!lots.empty()) into.push_back(send_lots_statement(lots));
  if (!answers.empty()) into.push_back(answer_statement(answers));
  if (!told.empty()) into.push_back(tell_statement(told));
}

bool tells_others(const write_set& set) {
  return std::any_of(set.events.begin(), set.events.end(), [](const account_event& event) {
    return !event_of(event.booked.type).empty();
  });
}

} // namespace tessera::persistence
