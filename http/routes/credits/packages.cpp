// GET /api/credits/packages
#include "http/json/writer.hpp"
#include "http/routes/credits/credits.hpp"
#include "http/routes/credits/money_text.hpp"
#include "http/routing/query.hpp"
#include "http/routing/rejections.hpp"

namespace tessera::http {

namespace {

void write_package(json::writer& out, const credit_package& p) {
  out.begin_object().field("packageId", p.id).field("name", p.name).field("credits", p.amount.value());
  out.key("price").raw(decimal_text(p.price_minor, p.currency));
  out.field("priceMinor", p.price_minor).field("currency", p.currency).field("validityDays", p.validity_days);
  out.key("discount").raw(p.discount);
  out.key("features").begin_array();
  for (const auto& feature : p.features)
    out.string(feature);
  out.end_array();
  out.key("stripePriceId");
  p.stripe_price_id.empty() ? out.null() : out.string(p.stripe_price_id);
  out.field("active", p.active).end_object();
}

response render(const package_list& list) {
  response answer;
  json::writer out(answer.body);
  out.begin_object().field("success", true).key("packages").begin_array();
  for (const auto& p : list.packages)
    write_package(out, p);
  out.end_array().end_object();
  return answer;
}

} // namespace

caller_handler packages(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    if (const auto missing = find_application(request, who)) return refuse(*missing);
    query_reader query(request.query);
    if (const auto wrong = query.refusal()) return refuse(*wrong);
    with.behind.list(list_packages{who.tenant->tenant}, [respond, refuse](result<package_list> list) {
      list ? respond(render(*list)) : refuse(problem_of(list.why()));
    });
  };
}

} // namespace tessera::http
