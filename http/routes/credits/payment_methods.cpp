// GET and POST /api/credits/payment-methods, DELETE /api/credits/payment-methods/:id: what pays for an entity
// and those below it without anybody there.
#include "http/json/writer.hpp"
#include "http/payments_gateway.hpp"
#include "http/routes/credits/call.hpp"
#include "http/routes/credits/credits.hpp"
#include "http/routes/credits/entity_fields.hpp"
#include "http/routes/credits/ledger_fields.hpp"
#include "http/routes/credits/nullable_fields.hpp"
#include "http/routes/directory/changes.hpp"
#include "http/routing/query.hpp"
#include "http/routing/rejections.hpp"

#include <utility>

namespace tessera::http {

namespace {

constexpr std::string_view attach_template = "POST /api/credits/payment-methods";
constexpr std::string_view detach_template = "DELETE /api/credits/payment-methods/:id";

void write_method(json::writer& out, const saved_method& method) {
  out.begin_object().field("paymentMethodId", method.method_id);
  out.field("entityType", to_string(method.entity.type)).field("entityId", method.entity.id);
  out.field("type", method.kind);
  write_text(out, "brand", method.brand);
  write_text(out, "last4", method.last4);
  out.field("expMonth", method.exp_month).field("expYear", method.exp_year);
  out.field("default", method.is_default);
  write_time(out, "createdAt", method.created_at);
  out.end_object();
}

permitted<attach_method> read_attach(call& from) {
  attach_method command;
  command.entity = read_entity(from.fields);
  command.method_id = from.fields.string("paymentMethodId", {.most = 255, .accepts = is_valid_id});
  command.make_default = from.fields.optional_boolean("default").value_or(true);
  const auto at = from.place(act::purchase, command.entity);
  if (at.refused) return {at.refused, {}, nullptr};
  command.tenant = from.who.tenant->tenant;
  command.account = at.found->account;
  fingerprint print;
  print.add(to_string(command.entity.type)).add(command.entity.id).add(command.method_id);
  print.add(std::int64_t{command.make_default});
  command.idempotency = from.once(attach_template, print);
  return {{}, std::move(command), at.found};
}

void send(const answering& to, permitted<attach_method> asked) {
  if (!to.with.takes_stripe)
    return to.refuse(problem_of(rejection(errc::payment_method_unavailable, "No provider is configured here.")
    ));
  to.with.behind.attach(
      std::move(asked.command),
      [to, entity = asked.at->ref()](const result<saved_method>& kept) {
        if (!kept) return to.refuse(kept.why(), entity);
        response answer;
        answer.status = 201;
        json::writer out(answer.body);
        out.begin_object().field("success", true).key("paymentMethod");
        write_method(out, *kept);
        out.end_object();
        to.respond(std::move(answer));
      }
  );
}

response render(const method_list& list) {
  response answer;
  json::writer out(answer.body);
  out.begin_object().field("success", true).key("paymentMethods").begin_array();
  for (const auto& each : list.methods)
    write_method(out, each);
  out.end_array().end_object();
  return answer;
}

/// Whose methods; a problem that tells what is missing.
std::optional<problem> read_place(query_reader& query, entity_ref& ref) {
  std::optional<std::string_view> type;
  std::optional<std::string_view> id;
  read_entity_filter(query, type, id);
  if (!type || !id) query.reject("entityType", "required", "Name the entity whose methods are meant.");
  if (auto wrong = query.refusal()) return wrong;
  return read_entity(*type, *id, ref);
}

} // namespace

caller_handler attach_payment_method(service& with) {
  return command_route<attach_method>(with, read_attach, send);
}

caller_handler payment_methods(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    query_reader query(request.query);
    entity_ref ref;
    const auto wrong = read_place(query, ref);
    if (wrong && wrong->status == 400) return refuse(*wrong);
    if (const auto missing = find_application(request, who)) return refuse(*missing);
    if (wrong) return refuse(*wrong);
    const auto at = find_entity(who, act::purchase, ref);
    if (at.refused) return refuse(*at.refused);
    with.behind.list(
        list_methods{who.tenant->tenant, at.found->account},
        [respond, refuse](const result<method_list>& list) {
          list ? respond(render(*list)) : refuse(problem_of(list.why()));
        }
    );
  };
}

namespace {

kept_answer word_removed(const method_removed& gone) {
  return word_id("paymentMethodId", gone.method_id);
}

} // namespace

/// One at a place where the caller may not buy looks like none. Of one that is gone the first answer is
/// repeated to whoever has its key.
caller_handler detach_payment_method(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    std::string_view key;
    if (const auto wrong = read_idempotency_key(request, key)) return refuse(*wrong);
    if (const auto missing = find_application(request, who)) return refuse(*missing);
    if (const auto unknown = wrong_query(request)) return refuse(*unknown);
    const auto id = request.parameters.front();
    if (!is_valid_id(id)) return refuse(problem_of(errc::payment_method_unknown));
    const auto tenant = who.tenant->tenant;
    const auto once = own_key(request, who, tenant, detach_template, key, std::move(fingerprint().add(id)));
    const auto gone = [&with, &request, respond, tenant, once](const problem& why) {
      answer_gone(with, tenant, once, respond, request, why);
    };
    const method_query which{tenant, std::string(id)};
    with.behind.find(
        which,
        [&with, respond, refuse, gone, who, once](const result<saved_method>& found) mutable {
          if (!found) return gone(problem_of(found.why()));
          const auto* at = who.tenant->find(found->entity);
          if (at == nullptr || why_may_not(who, act::purchase, at))
            return refuse(problem_of(errc::payment_method_unknown));
          payments_gateway(with.behind)
              .change(
                  repeatable<detach_method, method_removed>{
                      {who.tenant->tenant, found->method_id}, once, word_removed},
                  [respond, gone](const result<kept_answer>& told) {
                    told ? respond(to_response(*told)) : gone(problem_of(told.why()));
                  }
              );
        }
    );
  };
}

} // namespace tessera::http
