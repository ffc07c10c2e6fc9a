// GET /api/credits/usage: what applications used, added up from the ledger.
#include "http/json/writer.hpp"
#include "http/routes/credits/credits.hpp"
#include "http/routes/credits/ledger_fields.hpp"
#include "http/routes/credits/nullable_fields.hpp"
#include "http/routing/rejections.hpp"

#include <chrono>

namespace tessera::http {

namespace {

/// The widest range of a window: of each about ten thousand, so that the answer stays an answer.
std::chrono::days widest(usage_window window) {
  switch (window) {
  case usage_window::minute: return std::chrono::days{7};
  case usage_window::hour: return std::chrono::days{400};
  case usage_window::day: return std::chrono::days{10'000};
  case usage_window::none:
  case usage_window::month: break;
  }
  return std::chrono::days{4'000'000}; // all there is: a year has four digits
}

void group_by(usage_query& wanted, query_reader& query, std::string_view name) {
  auto& group = name == "application" ? wanted.by_application
                : name == "entity"    ? wanted.by_entity
                                      : wanted.by_meter;
  const bool known = name == "application" || name == "entity" || name == "meter";
  if (!known || group)
    return query.reject("groupBy", "invalid_parameter", "A list of application, entity, meter, each once.");
  group = true;
}

void read_groups(usage_query& wanted, query_reader& query) {
  const auto list = query.text("groupBy", 64);
  if (!list) return;
  for (auto rest = *list;;) {
    const auto comma = std::min(rest.find(','), rest.size());
    group_by(wanted, query, rest.substr(0, comma));
    if (comma == rest.size()) return;
    rest.remove_prefix(comma + 1);
  }
}

void check_range(const usage_query& wanted, query_reader& query, time_point now) {
  if (wanted.window == usage_window::none || !wanted.from) return;
  if (wanted.to.value_or(now) - *wanted.from <= widest(wanted.window)) return;
  query.reject(
      "from",
      "range_too_wide",
      "Windows of a " + std::string(to_string(wanted.window)) + " take a range of " +
          std::to_string(widest(wanted.window).count()) + " days at most."
  );
}

usage_query read(query_reader& query, const ledger_fields& fields, time_point now) {
  usage_query wanted;
  read_groups(wanted, query);
  if (const auto window = query.choice("window", {"minute", "hour", "day", "month"}))
    wanted.window = static_cast<usage_window>(*window + 1);
  wanted.by_booked_at = query.choice("by", {"occurredAt", "bookedAt"}).value_or(0) == 1;
  wanted.from = fields.from;
  wanted.to = fields.to;
  check_range(wanted, query, now);
  return wanted;
}

void write_bucket(json::writer& out, const usage_query& asked, const usage_bucket& bucket) {
  out.begin_object();
  if (bucket.window) write_time(out, "window", bucket.window);
  if (asked.by_application) out.field("application", bucket.application);
  if (bucket.entity)
    out.field("entityType", to_string(bucket.entity->type)).field("entityId", bucket.entity->id);
  if (asked.by_meter) {
    out.key("meter");
    bucket.meter.empty() ? out.null() : out.string(bucket.meter);
  }
  out.key("used").raw(bucket.used).key("reversed").raw(bucket.reversed);
  out.field("count", bucket.count).end_object();
}

response render(const usage_query& asked, const usage_report& report) {
  response answer;
  json::writer out(answer.body);
  out.begin_object().field("success", true).key("usage").begin_array();
  for (const auto& bucket : report.buckets)
    write_bucket(out, asked, bucket);
  out.end_array();
  write_time(out, "from", asked.from);
  write_time(out, "to", asked.to);
  out.end_object();
  return answer;
}

problem too_many(const usage_query& asked) {
  return simple_problem(
      422,
      "too_many_buckets",
      "The answer would be too long",
      "More than " + std::to_string(asked.most_buckets) +
          " buckets: take a shorter range, a longer window or fewer groups."
  );
}

} // namespace

caller_handler usage(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    query_reader query(request.query);
    const auto fields = read_ledger_fields(query);
    auto wanted = read(query, fields, with.now());
    const auto wrong = query.refusal();
    if (wrong && wrong->status == 400) return refuse(*wrong);
    if (const auto missing = find_application(request, who)) return refuse(*missing);
    const auto scope = find_ledger_part(who, fields);
    if (scope.refused && scope.refused->status != 422) return refuse(*scope.refused);
    if (wrong) return refuse(*wrong);
    if (scope.refused) return refuse(*scope.refused);

    wanted.of = scope.part;
    wanted.applications = scope.applications;
    with.behind.add_up(wanted, [respond, refuse, wanted](const result<usage_report>& report) {
      if (!report) return refuse(problem_of(report.why()));
      report->too_many ? refuse(too_many(wanted)) : respond(render(wanted, *report));
    });
  };
}

} // namespace tessera::http
