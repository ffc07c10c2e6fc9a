// POST /api/credits/freeze and /api/credits/unfreeze (decision 0042).
#include "messages/freezes.hpp"

#include "http/auth/idempotency.hpp"
#include "http/json/reader.hpp"
#include "http/json/writer.hpp"
#include "http/routes/credits/credits.hpp"
#include "http/routes/credits/entity_fields.hpp"
#include "http/routing/query.hpp"
#include "http/routing/rejections.hpp"
#include "messages/entry_names.hpp"

#include <chrono>
#include <utility>

namespace tessera::http {

namespace {

struct freeze_body {
  entity_ref entity;
  std::string reason; // empty: none
};

freeze_body read(json::object fields) {
  freeze_body body;
  body.entity = read_entity(fields);
  body.reason = fields.optional_string("reason", {.most = 500}).value_or("");
  return body;
}

std::optional<idempotency_key>
key_of(const freeze_body& body, bool frozen, std::string_view key, const caller& who) {
  fingerprint print;
  print.add(to_string(body.entity.type)).add(body.entity.id).add(who.application).add(body.reason);
  const auto route = frozen ? "POST /api/credits/freeze" : "POST /api/credits/unfreeze";
  return optional_key(who.tenant->tenant, route, key, print);
}

/// `transactionId` is the entry that says so: null where the entity was so already.
response render(const freeze_receipt& told, const entity_ref& entity, bool frozen) {
  response answer;
  json::writer out(answer.body);
  out.begin_object().field("success", true).field("entityType", to_string(entity.type));
  out.field("entityId", entity.id).field("frozen", frozen).key("transactionId");
  told.seq == 0 ? out.null() : out.string(transaction_id_of({told.account, told.seq}));
  out.field("replayed", told.replayed).end_object();
  if (told.replayed) answer.headers.emplace_back("Idempotent-Replayed", "true");
  return answer;
}

caller_handler change(service& with, bool frozen) {
  return [&with, frozen](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    std::string_view key;
    if (const auto wrong = read_idempotency_key(request, key)) return refuse(*wrong);
    json::reader reader(request.body);
    auto body = read(reader.object());
    const auto wrong = or_of_query(reader.refusal(), request.query);
    if (wrong && wrong->status == 400) return refuse(*wrong);
    if (const auto missing = find_application(request, who)) return refuse(*missing);
    if (wrong && body.entity.id.empty()) return refuse(*wrong);
    const auto at = find_entity(who, act::freeze, body.entity);
    if (at.refused) return refuse(*at.refused);
    if (wrong) return refuse(*wrong);

    change_freeze command;
    command.account = at.found->account;
    command.frozen = frozen;
    command.caller_key = key;
    command.idempotency = key_of(body, frozen, key, who);
    command.reason = std::move(body.reason);
    command.requested_by = who.as_principal();
    command.request_id = request.request_id;
    command.until = std::chrono::steady_clock::now() + with.patience;
    with.behind.freeze(
        std::move(command),
        [respond, refuse, frozen, entity = body.entity](const result<freeze_receipt>& told) {
          told ? respond(render(*told, entity, frozen)) : refuse(problem_of(told.why()));
        }
    );
  };
}

} // namespace

caller_handler freeze(service& with) {
  return change(with, true);
}
caller_handler unfreeze(service& with) {
  return change(with, false);
}

} // namespace tessera::http
