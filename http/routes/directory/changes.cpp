#include "http/routes/directory/changes.hpp"

#include "http/json/writer.hpp"
#include "http/routing/query.hpp"

namespace tessera::http {

std::optional<problem> read_change(const request& request, change_headers& into) {
  if (auto wrong = read_idempotency_key(request, into.key)) return wrong;
  return read_if_match(request, into.only_versions);
}

std::optional<problem> check_application(const request& request, caller& who) {
  if (!who.tenant || !request.header("X-Application")) return std::nullopt;
  return find_application(request, who);
}

change_origin origin_of(const request& request, const caller& who) {
  return {who.as_principal(), request.request_id};
}

std::optional<idempotency_key> own_key(
    const request& request,
    const caller& who,
    const tenant_id& tenant,
    std::string_view route,
    std::string_view key,
    fingerprint command
) {
  const auto by = who.as_principal();
  command.add(static_cast<std::int64_t>(by.kind)).add(by.id);
  command.add(request.header("X-Application").value_or(std::string_view()));
  return optional_key(tenant, route, key, command);
}

std::optional<problem> wrong_query(const request& request) {
  return query_reader(request.query).refusal();
}

visible_part part_of(const caller& who, act what) {
  auto reached = reach_of(who.rights, what, *who.tenant);
  return {reached.whole, std::move(reached.parts)};
}

void add_versions(fingerprint& print, const seen_versions& versions) {
  if (!versions) return;
  for (const auto version : *versions)
    print.add("version").add(version);
}

void answer_gone(
    service& with,
    const tenant_id& tenant,
    const std::optional<idempotency_key>& once,
    const responder& respond,
    const request& request,
    const problem& gone
) {
  if (!once || gone.status != 404) return respond(to_response(gone, request));
  with.behind.find(
      kept_answer_query{tenant, *once},
      [respond, &request, gone](const result<kept_answer>& told) {
        if (told) return respond(to_response(*told));
        const bool unknown = told.code() == errc::entity_unknown;
        respond(to_response(unknown ? gone : problem_of(told.why()), request));
      }
  );
}

kept_answer word_id(std::string_view name, std::string_view id) {
  kept_answer answer{200, {}, {}, false};
  json::writer out(answer.body);
  out.begin_object().field("success", true).field(name, id).end_object();
  return answer;
}

} // namespace tessera::http
