// GET and PUT /api/credits/alerts/:entityType/:entityId (decision 0062).
#include "http/routes/credits/alerts.hpp"

#include "http/json/writer.hpp"
#include "http/notification_gateway.hpp"
#include "http/routes/credits/entity_fields.hpp"
#include "http/routes/credits/entity_path.hpp"
#include "http/routes/directory/changes.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace tessera::http {

namespace {

constexpr std::string_view set_alerts_template = "PUT /api/credits/alerts/:entityType/:entityId";

/// Of an administrator of the entity, and no key's.
constexpr auto to_set_alerts = act::settle_holds;

kept_answer word(const alert_settings& settings, const entity_ref& entity) {
  kept_answer answer{200, {}, etag_of(settings.version), false};
  json::writer out(answer.body);
  out.begin_object().field("success", true).field("entityType", to_string(entity.type));
  out.field("entityId", entity.id).key("thresholds").begin_array();
  for (const auto& each : settings.thresholds) {
    out.begin_object();
    each.percent > 0 ? out.field("percent", each.percent) : out.field("credits", each.amount.value());
    out.end_object();
  }
  out.end_array().key("expiryDays").begin_array();
  for (const auto days : settings.expiry_days)
    out.integer(days);
  out.end_array().end_object();
  return answer;
}

alert_threshold read_threshold(const json::value& item) {
  auto fields = item.object();
  const auto amount = fields.optional_integer("credits", amount_rules);
  const auto percent = fields.optional_integer("percent", {.least = 1, .most = 99});
  if (amount.has_value() == percent.has_value())
    item.reject("invalid_value", "A threshold is either `credits` or `percent`.");
  return percent ? alert_threshold{{}, *percent} : alert_threshold{credits{amount.value_or(1)}, 0};
}

/// One that stands in the list twice is refused.
template <class T> void add_once(const json::value& item, std::vector<T>& all, T one) {
  if (std::find(all.begin(), all.end(), one) != all.end())
    item.reject("invalid_value", "It stands here twice.");
  else
    all.push_back(std::move(one));
}

alert_settings read_settings(json::object& fields) {
  alert_settings wanted;
  if (const auto items = fields.optional_array("thresholds", {.most = most_alert_thresholds}))
    for (const auto item : *items)
      add_once(item, wanted.thresholds, read_threshold(item));
  const auto stages = fields.optional_array("expiryDays", {.most = most_expiry_stages});
  if (!stages) return wanted;
  wanted.expiry_days.clear();
  for (const auto item : *stages)
    add_once(item, wanted.expiry_days, item.integer({.least = 1, .most = most_expiry_days}));
  std::sort(wanted.expiry_days.begin(), wanted.expiry_days.end(), std::greater<>());
  return wanted;
}

fingerprint print_of(const entity_ref& entity, const set_alert_settings& command) {
  fingerprint print;
  print.add(to_string(entity.type)).add(entity.id);
  for (const auto& each : command.wanted.thresholds)
    print.add(to_string(each));
  print.add("before");
  for (const auto days : command.wanted.expiry_days)
    print.add(days);
  add_versions(print, command.only_versions);
  return print;
}

/// Where, in the order of checks (contract 2): what the body says was read, and may be wrong.
entity_search find_place(const request& request, caller& who, entity_ref& into) {
  if (auto wrong = find_application(request, who)) return {nullptr, std::move(wrong)};
  if (auto wrong = read_entity(request.parameters[0], request.parameters[1], into))
    return {nullptr, std::move(wrong)};
  return find_entity(who, to_set_alerts, into);
}

} // namespace

caller_handler alerts(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    const auto entity = find_path_entity(request, who);
    if (entity.refused) return refuse(*entity.refused);
    if (const auto wrong = wrong_query(request)) return refuse(*wrong);
    notification_gateway(with.behind)
        .find(
            alert_settings_query{who.tenant->tenant, entity.account},
            [respond, refuse, ref = entity.ref](const result<alert_settings>& found) {
              found ? respond(to_response(word(*found, ref))) : refuse(problem_of(found.why()));
            }
        );
  };
}

caller_handler set_alerts(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    change_headers headers;
    if (const auto wrong = read_change(request, headers)) return refuse(*wrong);
    json::reader reader(request.body);
    auto fields = reader.object();
    set_alert_settings command;
    command.wanted = read_settings(fields);
    const auto wrong = reader.refusal();
    if (wrong && wrong->status == 400) return refuse(*wrong);
    entity_ref entity;
    const auto at = find_place(request, who, entity);
    if (at.refused) return refuse(*at.refused);
    if (wrong) return refuse(*wrong);
    if (const auto unknown = wrong_query(request)) return refuse(*unknown);
    command.tenant = who.tenant->tenant;
    command.account = at.found->account;
    command.only_versions = headers.only_versions;
    command.origin = origin_of(request, who);
    const auto once =
        own_key(request, who, command.tenant, set_alerts_template, headers.key, print_of(entity, command));
    notification_gateway(with.behind)
        .set_alerts(
            {std::move(command), once, [entity](const alert_settings& made) { return word(made, entity); }},
            [respond, refuse](const result<kept_answer>& told) {
              told ? respond(to_response(*told)) : refuse(problem_of(told.why()));
            }
        );
  };
}

} // namespace tessera::http
