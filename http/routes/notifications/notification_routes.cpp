// GET /api/notifications, POST /api/notifications/:id/retry
#include "http/routes/directory/changes.hpp"
#include "http/routes/notifications/list_page.hpp"
#include "http/routes/notifications/no_body.hpp"
#include "http/routes/notifications/notification_json.hpp"
#include "http/routes/notifications/notifications.hpp"

#include <utility>

namespace tessera::http {

namespace {

constexpr std::string_view retry_template = "POST /api/notifications/:id/retry";
constexpr const char* statuses[] = {
    "queued", "claimed", "sent", "delivered", "skipped", "suppressed", "dead"};
constexpr const char* channels[] = {"email", "sms", "webhook"};

struct notification_filter {
  page_question page;
  list_notifications wanted;
};

notification_filter read(query_reader& query) {
  notification_filter asked;
  asked.page = read_page(query);
  if (const auto status =
          query.choice("status", {"queued", "claimed", "sent", "delivered", "skipped", "suppressed", "dead"}))
    asked.wanted.status = statuses[*status];
  if (const auto channel = query.choice("channel", {"email", "sms", "webhook"}))
    asked.wanted.channel = channels[*channel];
  if (const auto kind = query.text("kind")) asked.wanted.kind = *kind;
  asked.wanted.limit = asked.page.limit;
  return asked;
}

cursor_purpose purpose_of(const list_notifications& wanted) {
  cursor_purpose purpose;
  purpose.add("GET /api/notifications").add(to_string(wanted.tenant));
  return purpose.add(wanted.status.value_or(""))
      .add(wanted.channel.value_or(""))
      .add(wanted.kind.value_or(""));
}

constexpr list_form<notification_view> notification_form{"notifications", write_notification, position_text};

} // namespace

caller_handler notifications(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    query_reader query(request.query);
    auto asked = read(query);
    if (const auto wrong = query.refusal()) return refuse(*wrong);
    auto& wanted = asked.wanted;
    wanted.tenant = who.tenant->tenant;
    list_source<list_notifications, notification_page, notification_view> from{
        wanted, purpose_of(wanted), begin_behind, &notification_page::notifications};
    answer_page(with, request, respond, std::move(from), asked.page, notification_form);
  };
}

caller_handler retry_notification(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    std::string_view key;
    if (const auto wrong = read_idempotency_key(request, key)) return refuse(*wrong);
    if (const auto wrong = wrong_body(request)) return refuse(*wrong);
    if (const auto foreign = check_application(request, who)) return refuse(*foreign);
    if (const auto unknown = wrong_query(request)) return refuse(*unknown);
    const std::string id(request.parameters.front());
    const auto named = notification_id_of(id);
    if (!named) return refuse(problem_of(errc::notification_unknown));
    tessera::retry_notification command{who.tenant->tenant, *named, {}, origin_of(request, who)};
    const auto once =
        own_key(request, who, command.tenant, retry_template, key, std::move(fingerprint().add(id)));
    notification_gateway(with.behind)
        .change(
            repeatable<tessera::retry_notification, notification_view>{
                std::move(command), once, word_notification},
            [respond, refuse](const result<kept_answer>& told) {
              told ? respond(to_response(*told)) : refuse(problem_of(told.why()));
            }
        );
  };
}

} // namespace tessera::http
