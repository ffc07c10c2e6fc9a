#include "http/routes/credits/hold_json.hpp"

#include "http/routes/credits/nullable_fields.hpp"
#include "http/routes/credits/transaction_fields.hpp"
#include "messages/entry_names.hpp"

namespace tessera::http {

void write_hold(json::writer& out, const hold_view& hold, const entity_ref& entity) {
  out.field("holdId", hold_id_of(hold.opened));
  out.field("entityType", to_string(entity.type)).field("entityId", entity.id);
  write_text(out, "application", hold.application);
  if (hold.mark.purpose != hold_purpose::spend) out.field("purpose", to_string(hold.mark.purpose));
  out.field("credits", hold.mark.amount.value()).field("captured", hold.mark.captured.value());
  out.field("status", to_string(hold.mark.state)).field("expiresAt", to_rfc3339(hold.mark.ends_at));
  write_lots(out, hold.taken);
}

void write_hold_in_full(json::writer& out, const hold_view& hold, const entity_ref& entity) {
  write_hold(out, hold, entity);
  if (!hold.meter.empty()) out.field("meter", hold.meter);
  if (!hold.metadata.empty()) out.key("metadata").raw(hold.metadata);
  out.key("requestedBy").begin_object().field("kind", to_string(hold.holder.kind));
  if (!hold.holder.id.empty()) out.field("id", hold.holder.id);
  out.end_object().field("createdAt", to_rfc3339(hold.created_at));
}

response answer_about(const hold_view& hold, const entity_ref& entity, unsigned status) {
  response answer;
  answer.status = status;
  json::writer out(answer.body);
  out.begin_object().field("success", true);
  write_hold(out, hold, entity);
  out.field("transactionId", transaction_id_of({hold.opened.account, hold.seq}));
  out.field("availableCredits", hold.available.value()).field("replayed", hold.replayed).end_object();
  answer.headers.emplace_back("X-Balance-Seq", std::to_string(hold.seq));
  if (hold.replayed) answer.headers.emplace_back("Idempotent-Replayed", "true");
  return answer;
}

} // namespace tessera::http
