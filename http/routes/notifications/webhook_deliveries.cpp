// GET /api/webhook-endpoints/:id/deliveries, POST …/:deliveryId/replay
#include "http/routes/credits/entity_fields.hpp"
#include "http/routes/directory/changes.hpp"
#include "http/routes/notifications/list_page.hpp"
#include "http/routes/notifications/no_body.hpp"
#include "http/routes/notifications/notification_json.hpp"
#include "http/routes/notifications/notifications.hpp"

#include <utility>

namespace tessera::http {

namespace {

constexpr std::string_view replay_template = "POST /api/webhook-endpoints/:id/deliveries/:deliveryId/replay";

cursor_purpose purpose_of_deliveries(const list_notifications& wanted) {
  cursor_purpose purpose;
  purpose.add("GET /api/webhook-endpoints/:id/deliveries").add(to_string(wanted.tenant));
  return purpose.add(wanted.recipient.value_or(""));
}

constexpr list_form<notification_view> delivery_form{"deliveries", write_delivery, position_text};

} // namespace

caller_handler webhook_deliveries(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    query_reader query(request.query);
    const auto asked = read_page(query);
    if (const auto wrong = query.refusal()) return refuse(*wrong);
    const std::string id(request.parameters.front());
    if (!is_valid_id(id)) return refuse(problem_of(errc::webhook_endpoint_unknown));
    list_notifications wanted;
    wanted.tenant = who.tenant->tenant;
    wanted.limit = asked.limit;
    wanted.recipient = id;
    std::optional<std::string> place;
    if (const auto forged = open_page(with, purpose_of_deliveries(wanted), asked, place))
      return refuse(*forged);
    // Of an endpoint that is there.
    notification_gateway(with.behind)
        .find(
            webhook_endpoint_query{wanted.tenant, id},
            [&with, &request, respond, refuse, wanted, asked](const result<webhook_endpoint>& found) {
              if (!found) return refuse(problem_of(found.why()));
              list_source<list_notifications, notification_page, notification_view> from{
                  wanted, purpose_of_deliveries(wanted), begin_behind, &notification_page::notifications};
              answer_page(with, request, respond, std::move(from), asked, delivery_form);
            }
        );
  };
}

caller_handler replay_webhook_delivery(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    std::string_view key;
    if (const auto wrong = read_idempotency_key(request, key)) return refuse(*wrong);
    if (const auto wrong = wrong_body(request)) return refuse(*wrong);
    if (const auto foreign = check_application(request, who)) return refuse(*foreign);
    if (const auto unknown = wrong_query(request)) return refuse(*unknown);
    const std::string endpoint(request.parameters.front());
    const std::string id(request.parameters.back());
    const auto named = notification_id_of(id);
    if (!is_valid_id(endpoint) || !named) return refuse(problem_of(errc::notification_unknown));
    tessera::retry_notification command{who.tenant->tenant, *named, endpoint, origin_of(request, who)};
    fingerprint print;
    print.add(endpoint).add(id);
    const auto once = own_key(request, who, command.tenant, replay_template, key, print);
    notification_gateway(with.behind)
        .change(
            repeatable<tessera::retry_notification, notification_view>{
                std::move(command), once, word_delivery},
            [respond, refuse](const result<kept_answer>& told) {
              told ? respond(to_response(*told)) : refuse(problem_of(told.why()));
            }
        );
  };
}

} // namespace tessera::http
