// GET and PUT /api/credits/auto-topup/:entityType/:entityId: buying by itself when the balance is low
// (decision 0064).
#include "http/auth/limits/addresses.hpp"
#include "http/json/writer.hpp"
#include "http/payments_gateway.hpp"
#include "http/routes/credits/credits.hpp"
#include "http/routes/credits/entity_fields.hpp"
#include "http/routes/credits/entity_path.hpp"
#include "http/routes/credits/ledger_fields.hpp"
#include "http/routes/credits/nullable_fields.hpp"
#include "http/routes/directory/changes.hpp"
#include "http/routes/invitations/visitors.hpp"
#include "http/routing/query.hpp"

#include <utility>

namespace tessera::http {

namespace {

constexpr std::string_view set_topup_template = "PUT /api/credits/auto-topup/:entityType/:entityId";
constexpr json::integer_rules threshold_rules{
    .least = 0, .most = credits::limit, .code = "amount_out_of_range"};
constexpr json::integer_rules count_rules{.least = 1, .most = 10'000};
constexpr json::integer_rules money_rules{.least = 1};

void write_number(json::writer& out, std::string_view name, const std::optional<std::int64_t>& value) {
  out.key(name);
  value ? out.integer(*value) : out.null();
}

kept_answer word_topup(const auto_topup_view& view) {
  kept_answer answer{200, {}, etag_of(view.version), false};
  json::writer out(answer.body);
  const auto& terms = view.terms;
  out.begin_object().field("success", true).field("entityType", to_string(view.entity.type));
  out.field("entityId", view.entity.id).field("enabled", terms.enabled);
  out.field("threshold", terms.threshold.value());
  write_text(out, "packageId", terms.package_id);
  write_number(out, "maxPerDay", terms.max_per_day);
  write_number(out, "maxPerMonth", terms.max_per_month);
  write_number(out, "maxAmountMinorPerMonth", terms.max_amount_minor_per_month);
  write_text(out, "currency", view.currency);
  out.field("boughtToday", view.bought_today).field("boughtThisMonth", view.bought_this_month);
  out.field("amountMinorThisMonth", view.amount_minor_this_month);
  out.field("declines", std::int64_t{view.declines});
  write_text(out, "endedBy", view.ended_by);
  write_text(out, "pausedFor", view.paused_for);
  write_time(out, "pausedUntil", view.paused_until);
  write_text(out, "lastPurchaseId", view.last_purchase_id);
  write_text(out, "lastPurchaseStatus", view.last_status);
  out.end_object();
  return answer;
}

/// Whoever enables it says what is bought, and every cap.
auto_topup_terms read_topup_terms(json::object fields) {
  auto_topup_terms terms;
  terms.enabled = fields.boolean("enabled");
  terms.threshold = credits{fields.integer("threshold", threshold_rules)};
  terms.package_id = fields.optional_string("packageId", id_rules).value_or("");
  terms.max_per_day = fields.optional_integer("maxPerDay", count_rules);
  terms.max_per_month = fields.optional_integer("maxPerMonth", count_rules);
  terms.max_amount_minor_per_month = fields.optional_integer("maxAmountMinorPerMonth", money_rules);
  if (!terms.enabled) return terms;
  for (const auto* needed : {"packageId", "maxPerDay", "maxPerMonth", "maxAmountMinorPerMonth"})
    if (!fields.has(needed)) fields.reject(needed, "required", "Is needed where it is enabled.");
  return terms;
}

fingerprint print_of(const set_auto_topup& command) {
  const auto& terms = command.terms;
  fingerprint print;
  print.add(to_string(command.entity.type)).add(command.entity.id).add(std::int64_t{terms.enabled});
  print.add(terms.threshold.value()).add(terms.package_id);
  for (const auto& cap : {terms.max_per_day, terms.max_per_month, terms.max_amount_minor_per_month})
    print.add(cap.value_or(0));
  add_versions(print, command.only_versions);
  return print;
}

} // namespace

caller_handler auto_topup(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    const auto entity = find_path_entity(request, who);
    if (entity.refused) return refuse(*entity.refused);
    if (const auto unknown = wrong_query(request)) return refuse(*unknown);
    payments_gateway(with.behind)
        .find(
            auto_topup_query{who.tenant->tenant, entity.account, entity.ref},
            [respond, refuse](const result<auto_topup_view>& view) {
              view ? respond(to_response(word_topup(*view))) : refuse(problem_of(view.why()));
            }
        );
  };
}

caller_handler set_auto_topup_terms(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    change_headers headers;
    if (const auto wrong = read_change(request, headers)) return refuse(*wrong);
    json::reader body(request.body);
    set_auto_topup command;
    command.terms = read_topup_terms(body.object());
    const auto wrong = body.refusal();
    if (wrong && wrong->status == 400) return refuse(*wrong);
    if (const auto missing = find_application(request, who)) return refuse(*missing);
    if (const auto no = read_entity(request.parameters[0], request.parameters[1], command.entity))
      return refuse(*no);
    const auto at = find_entity(who, act::purchase, command.entity);
    if (at.refused) return refuse(*at.refused);
    if (wrong) return refuse(*wrong);
    if (const auto unknown = wrong_query(request)) return refuse(*unknown);
    if (!with.takes_stripe && command.terms.enabled)
      return refuse(problem_of(rejection(errc::payment_method_unavailable, "No provider is configured here."))
      );
    command.tenant = who.tenant->tenant;
    command.account = at.found->account;
    command.only_versions = headers.only_versions;
    command.requested_by = who.as_principal();
    command.request_id = request.request_id;
    command.network = network_text(address_of(request, with.trusted_proxies));
    const auto once =
        own_key(request, who, command.tenant, set_topup_template, headers.key, print_of(command));
    payments_gateway(with.behind)
        .change(
            repeatable<set_auto_topup, auto_topup_view>{std::move(command), once, word_topup},
            [respond, refuse](const result<kept_answer>& told) {
              told ? respond(to_response(*told)) : refuse(problem_of(told.why()));
            }
        );
  };
}

} // namespace tessera::http
