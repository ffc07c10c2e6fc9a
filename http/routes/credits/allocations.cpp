// GET /api/credits/allocations and /api/credits/allocations/:id. Not filtered by application (contract 2).
#include "http/json/writer.hpp"
#include "http/routes/credits/allocation_json.hpp"
#include "http/routes/credits/credits.hpp"
#include "http/routes/credits/entity_fields.hpp"
#include "http/routing/query.hpp"
#include "http/routing/rejections.hpp"

#include <utility>

namespace tessera::http {

namespace {

constexpr std::int64_t default_limit = 50;

response render(const tessera::allocation& made) {
  response answer;
  json::writer out(answer.body);
  out.begin_object().field("success", true).key("allocation");
  write_allocation(out, made);
  out.end_object();
  return answer;
}

response render(const allocation_page& page) {
  response answer;
  json::writer out(answer.body);
  out.begin_object().field("success", true).key("allocations").begin_array();
  for (const auto& made : page.allocations)
    write_allocation(out, made);
  out.end_array().key("nextCursor");
  page.more ? out.string(page.allocations.back().id) : out.null();
  out.end_object();
  return answer;
}

problem wrong_cursor() {
  return problem_of(errc::cursor_unknown);
}

/// The entity that the query names, both fields or none.
std::optional<entity_ref> read_filter(query_reader& query, std::optional<problem>& wrong) {
  const auto type = query.text("entityType");
  const auto id = query.text("entityId");
  if (!type && !id) return std::nullopt;
  if (!type || !id) {
    query.reject(type ? "entityId" : "entityType", "required", "Name the entity.");
    return std::nullopt;
  }
  entity_ref ref;
  wrong = read_entity(*type, *id, ref);
  return wrong ? std::nullopt : std::optional(ref);
}

} // namespace

caller_handler allocations(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    if (const auto missing = find_application(request, who)) return refuse(*missing);
    query_reader query(request.query);
    list_allocations wanted;
    wanted.tenant = who.tenant->tenant;
    wanted.visible = visible_to(who);
    wanted.limit = static_cast<int>(query.integer("limit", 1, 100).value_or(default_limit));
    const auto cursor = query.text("cursor");
    std::optional<problem> wrong_entity;
    const auto filter = read_filter(query, wrong_entity);
    if (const auto wrong = query.refusal()) return refuse(*wrong);
    if (wrong_entity) return refuse(*wrong_entity);
    if (cursor && !is_valid_id(*cursor)) return refuse(wrong_cursor());
    wanted.before = cursor.value_or("");
    if (filter) {
      const auto at = find_entity(who, *filter);
      if (at.refused) return refuse(*at.refused);
      wanted.entity = at.found->account;
    }
    with.behind.list(std::move(wanted), [respond, refuse](const result<allocation_page>& page) {
      page ? respond(render(*page)) : refuse(problem_of(page.why()));
    });
  };
}

caller_handler allocation(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    if (const auto missing = find_application(request, who)) return refuse(*missing);
    query_reader query(request.query);
    if (const auto wrong = query.refusal()) return refuse(*wrong);
    const auto& id = request.parameters[0];
    if (!is_valid_id(id)) return refuse(problem_of(errc::allocation_unknown));
    with.behind.find(
        {who.tenant->tenant, std::string(id), {}, visible_to(who)},
        [respond, refuse](const result<tessera::allocation>& made) {
          made ? respond(render(*made)) : refuse(problem_of(made.why()));
        }
    );
  };
}

} // namespace tessera::http
