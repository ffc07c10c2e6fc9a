#include "http/routes/credits/balance_body.hpp"

#include "http/routes/credits/nullable_fields.hpp"

#include <algorithm>
#include <limits>

namespace tessera::http {

namespace {

void write_lot_lists(json::writer& out, const balance_view& view) {
  out.key("lots").begin_array();
  for (const auto& each : view.lots)
    write_lot(out, each);
  out.end_array();
}

/// The lot that is over first, or null when none ever is.
const lot* soonest(const balance_view& view) {
  const lot* first = nullptr;
  for (const auto& each : view.lots)
    if (each.expires_at && (!first || *each.expires_at < *first->expires_at)) first = &each;
  return first;
}

void write_figures(json::writer& out, const balances& figures) {
  out.field("totalCredits", figures.total().value()).field("usedCredits", figures.used.value());
  out.field("reservedCredits", figures.reserved.value());
  out.field("availableCredits", figures.available.value()).field("debt", figures.debt.value());
}

/// What the application may spend is available to it.
void write_own_figures(json::writer& out, const balance_view& view) {
  out.field("totalCredits", view.now.total().value()).field("usedCredits", view.now.used.value());
  out.field("reservedCredits", view.now.reserved.value()).field("availableCredits", view.usable.value());
  out.field("debt", view.now.debt.value());
}

/// What is there and neither spent nor over: moves between entities change where, not how much.
credits remaining(const balances& figures) {
  return figures.available + figures.reserved;
}

/// Of many accounts: the sum of a rollup may be beyond what one may hold, and stays within 64 bits.
credits together(credits own, credits below) {
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  return credits{own.value() + std::min(below.value(), most - own.value())};
}

balances together(const balances& own, const balances& below) {
  return {
      together(own.available, below.available),
      together(own.reserved, below.reserved),
      together(own.used, below.used),
      together(own.debt, below.debt)};
}

void write_rollup(json::writer& out, const balance_rollup& sums) {
  out.begin_object().field("own", remaining(sums.own).value());
  out.field("descendants", remaining(sums.descendants).value());
  out.field("inTransit", sums.in_transit.value());
  out.key("breakdown").begin_object().key("own").begin_object();
  write_figures(out, sums.own);
  out.end_object().key("descendants").begin_object().field("entities", sums.descendant_count);
  write_figures(out, sums.descendants);
  out.end_object().end_object().end_object();
}

void begin(json::writer& out, response& answer, const entity_ref& entity, const balance_view& view) {
  answer.headers.emplace_back("X-Balance-Seq", std::to_string(view.seq));
  out.begin_object().field("success", true);
  out.field("entityType", to_string(entity.type)).field("entityId", entity.id);
}

} // namespace

void write_lot(json::writer& out, const lot& written) {
  out.begin_object().field("lotId", to_string(written.id)).field("rootLotId", to_string(written.root));
  write_text(out, "purchaseId", written.purchase_id);
  out.field("kind", to_string(written.kind)).field("credits", written.amount.value());
  out.field("free", written.free.value()).field("held", written.held.value());
  write_time(out, "effectiveAt", written.effective_at);
  write_time(out, "expiresAt", written.expires_at);
  write_text(out, "expiryDate", written.expiry_date);
  out.key("applications").begin_array();
  for (const auto& application : written.applications)
    out.string(application);
  out.end_array().field("priority", int{written.priority}).end_object();
}

response balance_body(
    const entity_ref& entity,
    const balance_view& view,
    const std::optional<balance_rollup>& rollup,
    bool descendants
) {
  response answer;
  json::writer out(answer.body);
  begin(out, answer, entity, view);
  if (descendants && rollup)
    write_figures(out, together(rollup->own, rollup->descendants));
  else
    write_own_figures(out, view);
  const auto* first = soonest(view);
  write_time(out, "expiresAt", first ? first->expires_at : std::nullopt);
  write_text(out, "expiryDate", first ? first->expiry_date : std::string());
  out.field("frozen", view.frozen);
  write_lot_lists(out, view);
  out.key("rollup");
  rollup ? write_rollup(out, *rollup) : static_cast<void>(out.null());
  write_time(out, "asOf", view.as_of);
  out.end_object();
  return answer;
}

response lots_body(const entity_ref& entity, const balance_view& view) {
  response answer;
  json::writer out(answer.body);
  begin(out, answer, entity, view);
  write_lot_lists(out, view);
  write_time(out, "asOf", view.as_of);
  out.end_object();
  return answer;
}

} // namespace tessera::http
