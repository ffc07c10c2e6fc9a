// /api/webhook-endpoints[/:id] and POST …/:id/rotate-secret
#include "actors/support/webhook_signature.hpp"
#include "http/routes/credits/entity_fields.hpp"
#include "http/routes/directory/changes.hpp"
#include "http/routes/notifications/list_page.hpp"
#include "http/routes/notifications/no_body.hpp"
#include "http/routes/notifications/notifications.hpp"

#include <utility>

namespace tessera::http {

namespace {

constexpr std::string_view create_template = "POST /api/webhook-endpoints";
constexpr std::string_view edit_template = "PUT /api/webhook-endpoints/:id";
constexpr std::string_view delete_template = "DELETE /api/webhook-endpoints/:id";
constexpr std::string_view rotate_template = "POST /api/webhook-endpoints/:id/rotate-secret";

void write_endpoint(json::writer& out, const webhook_endpoint& one) {
  out.field("endpointId", one.id).field("url", one.url).key("events").begin_array();
  for (const auto& event : one.events)
    out.string(event);
  out.end_array().field("description", one.description);
  out.field("status", one.active ? "active" : "disabled").key("pausedUntil");
  one.paused_until ? out.string(to_rfc3339(*one.paused_until)) : out.null();
  out.field("createdAt", to_rfc3339(one.created_at));
}

kept_answer word_endpoint(const webhook_endpoint& one) {
  kept_answer answer{200, {}, etag_of(one.version), false};
  json::writer out(answer.body);
  out.begin_object().field("success", true);
  write_endpoint(out, one);
  out.end_object();
  return answer;
}

/// The secret is shown in the first answer only: what is kept has none.
std::function<kept_answer(const webhook_secret_made&)> word_secret(const service& with, std::int16_t status) {
  return [secret = with.secret, status](const webhook_secret_made& made) {
    kept_answer answer{status, {}, {}, false};
    json::writer out(answer.body);
    out.begin_object().field("success", true).field("endpointId", made.endpoint.id);
    if (made.is_first_answer && secret)
      out.field(
          "secret",
          webhook_secret_text(webhook_secret(*secret, made.endpoint.id, made.endpoint.secret_generation))
      );
    else
      out.field("secretShown", true);
    out.end_object();
    return answer;
  };
}

/// `*`, or kinds of events.
std::vector<std::string> read_events(json::object& fields) {
  std::vector<std::string> events;
  for (const auto& each : fields.array("events", {.least = 1, .most = 50})) {
    std::string event(each.string({.most = 64}));
    if (event != "*" && !is_webhook_event(event))
      each.reject("unknown_event", "There is no event `" + event + "`.");
    events.push_back(std::move(event));
  }
  return events;
}

json::string_rules url_rules() {
  return {.most = 2'000};
}
json::string_rules description_rules() {
  return {.least = 0, .most = 500};
}

void add_events(fingerprint& print, const std::vector<std::string>& events) {
  fingerprint list;
  for (const auto& each : events)
    list.add(each);
  print.add(list.text());
}

/// What is wrong with the address belongs to its field.
problem problem_with_url(const rejection& why) {
  auto told = problem_of(why);
  if (why.code == errc::webhook_target_refused)
    told.extensions =
        R"("errors":[{"pointer":"/url","code":"webhook_target_refused","detail":")" + why.detail + "\"}]";
  return told;
}

template <class Command, class Made> void carry_out_of_endpoint(
    service& with,
    repeatable<Command, Made> call,
    const responder& respond,
    const request& request,
    bool shows_secret
) {
  notification_gateway(with.behind)
      .change(std::move(call), [respond, &request, shows_secret](const result<kept_answer>& told) {
        if (!told) return respond(to_response(problem_with_url(told.why()), request));
        auto answer = to_response(*told);
        if (shows_secret) answer.headers.emplace_back("Cache-Control", "no-store");
        respond(std::move(answer));
      });
}

/// What every change of one endpoint begins with.
struct named_change {
  change_headers headers;
  std::string id;
};
std::optional<problem> read_named(const request& request, caller& who, named_change& into) {
  if (auto wrong = read_change(request, into.headers)) return wrong;
  if (auto foreign = check_application(request, who)) return foreign;
  if (auto unknown = wrong_query(request)) return unknown;
  into.id = request.parameters.front();
  if (!is_valid_id(into.id)) return problem_of(errc::webhook_endpoint_unknown);
  return std::nullopt;
}

cursor_purpose purpose_of(const list_webhook_endpoints& wanted) {
  return cursor_purpose().add("GET /api/webhook-endpoints").add(to_string(wanted.tenant));
}

void begin_behind(list_webhook_endpoints& wanted, const std::optional<std::string>& place) {
  wanted.after = place;
}
std::string place_of(const webhook_endpoint& one) {
  return one.id;
}

constexpr list_form<webhook_endpoint> endpoint_form{"endpoints", write_endpoint, place_of};

} // namespace

caller_handler webhook_endpoints(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    query_reader query(request.query);
    const auto asked = read_page(query);
    if (const auto wrong = query.refusal()) return refuse(*wrong);
    const list_webhook_endpoints wanted{who.tenant->tenant, asked.limit, {}};
    list_source<list_webhook_endpoints, webhook_endpoint_page, webhook_endpoint> from{
        wanted, purpose_of(wanted), begin_behind, &webhook_endpoint_page::endpoints};
    answer_page(with, request, respond, std::move(from), asked, endpoint_form);
  };
}

caller_handler one_webhook_endpoint(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    if (const auto unknown = wrong_query(request)) return refuse(*unknown);
    const std::string id(request.parameters.front());
    if (!is_valid_id(id)) return refuse(problem_of(errc::webhook_endpoint_unknown));
    notification_gateway(with.behind)
        .find(
            webhook_endpoint_query{who.tenant->tenant, id},
            [respond, refuse](const result<webhook_endpoint>& found) {
              found ? respond(to_response(word_endpoint(*found))) : refuse(problem_of(found.why()));
            }
        );
  };
}

caller_handler create_webhook_endpoint(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    std::string_view key;
    if (const auto wrong = read_idempotency_key(request, key)) return refuse(*wrong);
    tessera::create_webhook_endpoint command;
    command.tenant = who.tenant->tenant;
    json::reader reader(request.body);
    auto fields = reader.object();
    command.endpoint.url = fields.string("url", url_rules());
    command.endpoint.events = read_events(fields);
    command.endpoint.description = fields.optional_string("description", description_rules()).value_or("");
    const auto wrong = reader.refusal();
    if (wrong && wrong->status == 400) return refuse(*wrong);
    if (const auto foreign = check_application(request, who)) return refuse(*foreign);
    if (wrong) return refuse(*wrong);
    if (const auto unknown = wrong_query(request)) return refuse(*unknown);
    fingerprint print;
    print.add(command.endpoint.url).add(command.endpoint.description);
    add_events(print, command.endpoint.events);
    const auto once = own_key(request, who, command.tenant, create_template, key, print);
    command.origin = origin_of(request, who);
    carry_out_of_endpoint<tessera::create_webhook_endpoint, webhook_secret_made>(
        with, {std::move(command), once, word_secret(with, 201)}, respond, request, true
    );
  };
}

caller_handler edit_webhook_endpoint(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    tessera::edit_webhook_endpoint command;
    json::reader reader(request.body);
    auto fields = reader.object();
    if (const auto url = fields.optional_string("url", url_rules())) command.url = *url;
    if (fields.has("events")) command.events = read_events(fields);
    if (const auto words = fields.optional_string("description", description_rules()))
      command.description = *words;
    if (const auto status = fields.optional_choice("status", {"active", "disabled"}))
      command.active = *status == 0;
    const auto wrong = reader.refusal();
    if (wrong && wrong->status == 400) return refuse(*wrong);
    named_change named;
    if (const auto refused = read_named(request, who, named)) return refuse(*refused);
    if (wrong) return refuse(*wrong);
    command.tenant = who.tenant->tenant;
    command.id = named.id;
    command.only_versions = named.headers.only_versions;
    fingerprint print;
    print.add(command.id).add(command.url.value_or("")).add(command.description.value_or("-"));
    print.add(command.active ? std::int64_t{*command.active} : -1);
    if (command.events) add_events(print, *command.events);
    add_versions(print, command.only_versions);
    const auto once = own_key(request, who, command.tenant, edit_template, named.headers.key, print);
    command.origin = origin_of(request, who);
    carry_out_of_endpoint<tessera::edit_webhook_endpoint, webhook_endpoint>(
        with, {std::move(command), once, word_endpoint}, respond, request, false
    );
  };
}

caller_handler delete_webhook_endpoint(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    named_change named;
    if (const auto wrong = wrong_body(request)) return refuse(*wrong);
    if (const auto refused = read_named(request, who, named)) return refuse(*refused);
    fingerprint print;
    add_versions(print.add(named.id), named.headers.only_versions);
    const auto once = own_key(request, who, who.tenant->tenant, delete_template, named.headers.key, print);
    tessera::delete_webhook_endpoint command{
        who.tenant->tenant, named.id, named.headers.only_versions, origin_of(request, who)};
    const auto word = [](const webhook_endpoint_deleted& gone) { return word_id("endpointId", gone.id); };
    carry_out_of_endpoint<tessera::delete_webhook_endpoint, webhook_endpoint_deleted>(
        with, {std::move(command), once, word}, respond, request, false
    );
  };
}

caller_handler rotate_webhook_secret(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    named_change named;
    if (const auto wrong = wrong_body(request)) return refuse(*wrong);
    if (const auto refused = read_named(request, who, named)) return refuse(*refused);
    fingerprint print;
    print.add(named.id);
    const auto once = own_key(request, who, who.tenant->tenant, rotate_template, named.headers.key, print);
    carry_out_of_endpoint<tessera::rotate_webhook_secret, webhook_secret_made>(
        with,
        {{who.tenant->tenant, named.id, origin_of(request, who)}, once, word_secret(with, 200)},
        respond,
        request,
        true
    );
  };
}

} // namespace tessera::http
