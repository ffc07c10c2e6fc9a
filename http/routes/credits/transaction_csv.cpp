#include "http/routes/credits/credits.hpp"
#include "http/routes/credits/transaction_fields.hpp"
#include "http/routes/credits/transaction_text.hpp"
#include "http/routing/csv_line.hpp"
#include "messages/entry_names.hpp"

namespace tessera::http {

namespace {

constexpr std::string_view columns =
    "transactionId,seq,entityType,entityId,type,credits,application,meter,eventId,idempotencyKey,metadata,"
    "lots,"
    "availableAfter,reservedAfter,totalAfter,debtAfter,reference,requestedByKind,requestedById,"
    "requestedByApplication,requestId,occurredAt,bookedAt,hash,cause,reason\r\n";

/// `lot:units` for each slice, with spaces between.
std::string lots_of(const entry& e) {
  std::string text;
  for (const auto& part : e.slices) {
    if (!text.empty()) text += ' ';
    text += to_string(part.lot) + ":" + std::to_string(part.units.value());
  }
  return text;
}

} // namespace

void append_csv_header(std::string& out) {
  out += columns;
}

void append_csv_line(std::string& out, const transaction& t) {
  const auto& e = t.booked;
  csv_line line(out);
  line.text(transaction_id_of({e.account, e.seq})).number(static_cast<std::int64_t>(e.seq));
  line.text(to_string(t.entity.type)).text(t.entity.id);
  line.text(to_string(e.type)).number(e.units.value());
  line.text(e.application).text(e.meter).text(e.event_id).text(e.caller_key).text(e.metadata);
  line.text(lots_of(e));
  line.number(e.after.available.value()).number(e.after.reserved.value());
  line.number(e.after.total().value()).number(e.after.debt.value());
  line.text(reference_name(e).empty() ? std::string_view{} : std::string_view(e.reference));
  line.text(to_string(e.requested_by.kind)).text(e.requested_by.id).text(e.requested_by.application);
  line.text(e.request_id).text(to_rfc3339(e.occurred_at)).text(to_rfc3339(e.booked_at)).text(to_hex(e.hash));
  line.text(cause_of(e)).text(reason_of(t));
  line.end();
}

} // namespace tessera::http
