#include "http/routes/credits/upward.hpp"

#include "http/auth/idempotency.hpp"
#include "http/routes/credits/allocation_json.hpp"
#include "http/routes/credits/entity_fields.hpp"
#include "http/routes/credits/lot_choice_fields.hpp"
#include "http/routing/rejections.hpp"

#include <chrono>
#include <string>
#include <utility>

namespace tessera::http {

namespace {

std::string_view template_of(inbox_kind kind) {
  return kind == inbox_kind::reclaim ? "POST /api/credits/reclaim" : "POST /api/credits/return";
}

fingerprint print_of(const upward_body& body, std::string_view application) {
  fingerprint print;
  print.add(to_string(body.from.type)).add(body.from.id).add(application).add(body.amount.value());
  print.add(body.to ? to_string(body.to->type) : "").add(body.to ? body.to->id : "");
  add_lot_choice(print, body.lots);
  return print;
}

} // namespace

void read_upward(json::object& fields, upward_body& body, std::string_view type_field) {
  body.amount = credits{fields.integer("credits", amount_rules)};
  body.lots = read_lot_choice(fields);
  if (!body.from.id.empty() && body.from.type == entity_type::tenant)
    fields.reject(type_field, "no_parent", "There is nobody above a tenant.");
}

void send_up(
    service& with,
    inbox_kind kind,
    const upward_call& call,
    const directory_entity& from,
    const directory_entity& to,
    request& request,
    const responder& respond,
    const caller& who
) {
  const auto tenant = who.tenant->tenant;
  allocate_credits command;
  command.account = from.account;
  command.kind = kind;
  command.legs = {{to.account, call.body.amount, {}}};
  command.lots = call.body.lots;
  command.requested_by = who.as_principal();
  command.request_id = request.request_id;
  command.until = std::chrono::steady_clock::now() + with.patience;
  command.caller_key = call.key;
  command.idempotency =
      optional_key(tenant, template_of(kind), call.key, print_of(call.body, who.application));
  with.behind.allocate(
      std::move(command),
      tenant,
      [respond, &request, from = call.body.from, application = who.application](
          const result<allocation_outcome>& told
      ) {
        respond(
            told ? answer_about(*told, 201) : to_response(problem_of(told.why(), from, application), request)
        );
      }
  );
}

} // namespace tessera::http
