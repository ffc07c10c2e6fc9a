#include "http/routes/credits/credits.hpp"
#include "http/routes/credits/transaction_fields.hpp"
#include "http/routes/credits/transaction_text.hpp"
#include "messages/entry_names.hpp"

namespace tessera::http {

namespace {

void write_if_any(json::writer& out, std::string_view name, const std::string& text) {
  if (!text.empty()) out.field(name, text);
}

void write_reference(json::writer& out, const entry& e) {
  out.key("reference").begin_object();
  if (const auto name = reference_name(e); !name.empty()) write_if_any(out, name, e.reference);
  out.end_object();
}

void write_principal(json::writer& out, const principal& who) {
  out.key("requestedBy").begin_object().field("kind", to_string(who.kind));
  write_if_any(out, "id", who.id);
  write_if_any(out, "application", who.application);
  out.end_object();
}

} // namespace

void write_transaction(json::writer& out, const transaction& t) {
  const auto& e = t.booked;
  out.begin_object().field("transactionId", transaction_id_of({e.account, e.seq})).field("seq", e.seq);
  out.field("entityType", to_string(t.entity.type)).field("entityId", t.entity.id);
  out.field("type", to_string(e.type)).field("credits", e.units.value());
  out.key("application");
  e.application.empty() ? out.null() : out.string(e.application);
  if (const auto cause = cause_of(e); !cause.empty()) out.field("cause", cause);
  write_if_any(out, "reason", std::string(reason_of(t)));
  write_if_any(out, "meter", e.meter);
  write_if_any(out, "eventId", e.event_id);
  write_if_any(out, "idempotencyKey", e.caller_key);
  if (!e.metadata.empty()) out.key("metadata").raw(e.metadata);
  write_lots(out, e.slices);
  out.field("availableAfter", e.after.available.value()).field("reservedAfter", e.after.reserved.value());
  out.field("totalAfter", e.after.total().value()).field("debtAfter", e.after.debt.value());
  write_reference(out, e);
  write_principal(out, e.requested_by);
  out.field("requestId", e.request_id);
  out.field("occurredAt", to_rfc3339(e.occurred_at)).field("bookedAt", to_rfc3339(e.booked_at));
  out.field("hash", to_hex(e.hash)).end_object();
}

} // namespace tessera::http
