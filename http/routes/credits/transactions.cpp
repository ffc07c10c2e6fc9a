// GET /api/credits/transactions?entityType=…&entityId=…: the newest page of one entity's ledger.
#include "http/json/writer.hpp"
#include "http/routes/credits/credits.hpp"
#include "http/routes/credits/entity_fields.hpp"
#include "http/routing/query.hpp"
#include "http/routing/rejections.hpp"

#include <algorithm>

namespace tessera::http {

namespace {

constexpr std::int64_t default_limit = 50;
constexpr std::string_view cursor_prefix = "s"; // opaque to callers: a seq of the account

std::string hex(const digest& bytes) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (const auto byte : bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

void write_text(json::writer& out, std::string_view name, const std::string& text) {
  if (!text.empty()) out.field(name, text);
}

void write_reference(json::writer& out, const entry& e) {
  out.key("reference").begin_object();
  if (e.type == entry_type::purchase) write_text(out, "purchaseId", e.reference);
  const bool of_allocation = e.type == entry_type::allocate_out || e.type == entry_type::allocate_in ||
                             e.type == entry_type::return_in;
  if (of_allocation) write_text(out, "allocationId", e.reference);
  out.end_object();
}

void write_entry(json::writer& out, const entity_ref& entity, const entry& e) {
  out.begin_object().field("transactionId", transaction_id(e.account, e.seq)).field("seq", e.seq);
  out.field("entityType", to_string(entity.type)).field("entityId", entity.id);
  out.field("type", to_string(e.type)).field("credits", e.units.value());
  out.key("application");
  e.application.empty() ? out.null() : out.string(e.application);
  write_text(out, "meter", e.meter);
  write_text(out, "eventId", e.event_id);
  write_text(out, "idempotencyKey", e.caller_key);
  if (!e.metadata.empty()) out.key("metadata").raw(e.metadata);
  out.key("lots").begin_array();
  for (const auto& part : e.slices)
    out.begin_object().field("lotId", to_string(part.lot)).field("units", part.units.value()).end_object();
  out.end_array();
  out.field("availableAfter", e.after.available.value()).field("reservedAfter", e.after.reserved.value());
  out.field("totalAfter", e.after.total().value()).field("debtAfter", e.after.debt.value());
  write_reference(out, e);
  out.key("requestedBy").begin_object().field("kind", to_string(e.requested_by.kind));
  write_text(out, "id", e.requested_by.id);
  write_text(out, "application", e.requested_by.application);
  out.end_object().field("requestId", e.request_id);
  out.field("occurredAt", to_rfc3339(e.occurred_at)).field("bookedAt", to_rfc3339(e.booked_at));
  out.field("hash", hex(e.hash)).end_object();
}

response render(const entity_ref& entity, const transaction_page& page) {
  response answer;
  json::writer out(answer.body);
  out.begin_object().field("success", true).key("transactions").begin_array();
  for (const auto& e : page.entries)
    write_entry(out, entity, e);
  out.end_array().key("nextCursor");
  page.next_before ? out.string(std::string(cursor_prefix) + std::to_string(*page.next_before)) : out.null();
  out.end_object();
  return answer;
}

/// False for anything that this service has not given out.
bool read_cursor(std::string_view cursor, std::optional<std::uint64_t>& before) {
  const auto digits = cursor.substr(std::min(cursor.size(), cursor_prefix.size()));
  const bool well_formed =
      cursor.starts_with(cursor_prefix) && !digits.empty() && digits.size() <= 18 && digits[0] != '0' &&
      std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (well_formed) before = std::stoull(std::string(digits));
  return well_formed;
}

} // namespace

caller_handler transactions(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    if (const auto missing = find_application(request, who)) return refuse(*missing);
    query_reader query(request.query);
    list_transactions wanted;
    wanted.tenant = who.tenant->tenant;
    wanted.application = who.application;
    wanted.limit = static_cast<int>(query.integer("limit", 1, 1000).value_or(default_limit));
    const auto cursor = query.text("cursor");
    const auto type = query.text("entityType");
    const auto id = query.text("entityId");
    if (!type || !id) query.reject(type ? "entityId" : "entityType", "required", "Name the entity.");
    if (const auto wrong = query.refusal()) return refuse(*wrong);
    if (cursor && !read_cursor(*cursor, wanted.before_seq))
      return refuse(simple_problem(400, "invalid_cursor", "The cursor is not one of ours"));
    entity_ref ref;
    if (const auto wrong = read_entity(*type, *id, ref)) return refuse(*wrong);
    const auto at = find_entity(who, ref);
    if (at.refused) return refuse(*at.refused);
    wanted.account = at.found->account;
    with.behind.list(wanted, [respond, refuse, ref](const result<transaction_page>& page) {
      page ? respond(render(ref, *page)) : refuse(problem_of(page.why()));
    });
  };
}

} // namespace tessera::http
