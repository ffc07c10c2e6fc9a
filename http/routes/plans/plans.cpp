// GET /api/plans: what plans there are, and how the tenant stands. Which one a tenant has is the operator's
// to say.
#include "http/routes/plans/plans.hpp"

#include "http/json/writer.hpp"
#include "http/payments_gateway.hpp"
#include "http/routes/credits/nullable_fields.hpp"
#include "http/routing/query.hpp"
#include "http/routing/rejections.hpp"
#include "messages/types/money.hpp"

namespace tessera::http {

namespace {

void write_limit(json::writer& out, std::string_view name, const std::optional<std::int64_t>& most) {
  out.key(name);
  most ? out.integer(*most) : out.null();
}

void write_plan(json::writer& out, const subscription_plan& plan) {
  out.begin_object().field("planId", plan.id).field("name", plan.name);
  out.field("credits", plan.included.value());
  out.key("price").raw(decimal_text(plan.price_minor, plan.currency));
  out.field("priceMinor", plan.price_minor).field("currency", plan.currency);
  out.key("features").begin_array();
  for (const auto& each : plan.features)
    out.string(each);
  out.end_array().key("limits").begin_object();
  write_limit(out, "locations", plan.most_locations);
  write_limit(out, "applications", plan.most_applications);
  out.end_object().end_object();
}

response render(const plan_overview& view) {
  response answer;
  json::writer out(answer.body);
  out.begin_object().field("success", true).key("plans").begin_array();
  for (const auto& each : view.plans)
    write_plan(out, each);
  out.end_array().key("current").begin_object();
  const auto& now = view.now;
  out.field("planId", now.plan).field("state", now.state);
  write_time(out, "periodStart", now.period_start);
  write_time(out, "periodEnd", now.period_end);
  write_text(out, "purchaseId", now.purchase_id);
  out.end_object().end_object();
  return answer;
}

} // namespace

caller_handler plans(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    query_reader query(request.query);
    if (const auto wrong = query.refusal()) return refuse(*wrong);
    payments_gateway(with.behind)
        .find(plan_query{who.tenant->tenant}, [respond, refuse](const result<plan_overview>& view) {
          view ? respond(render(*view)) : refuse(problem_of(view.why()));
        });
  };
}

} // namespace tessera::http
