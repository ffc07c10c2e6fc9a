// GET /api/credits/allocations and /api/credits/allocations/:id. Not filtered by application (contract 2).
#include "http/auth/body_tag.hpp"
#include "http/json/writer.hpp"
#include "http/routes/credits/allocation_json.hpp"
#include "http/routes/credits/credits.hpp"
#include "http/routes/credits/entity_fields.hpp"
#include "http/routes/credits/ledger_fields.hpp"
#include "http/routes/credits/page_limit.hpp"
#include "http/routes/directory/pages.hpp"
#include "http/routing/query.hpp"
#include "http/routing/rejections.hpp"

#include <utility>

namespace tessera::http {

namespace {

constexpr std::string_view list_allocations_template = "GET /api/credits/allocations";

response render(const tessera::allocation& made) {
  response answer;
  json::writer out(answer.body);
  out.begin_object().field("success", true);
  write_allocation(out, made);
  out.end_object();
  answer.headers.emplace_back("ETag", tag_of_body(answer.body));
  return answer;
}

/// All that decides what the pages are, and not where or how large one is.
cursor_purpose purpose_of(const list_allocations& wanted, const caller& who) {
  cursor_purpose purpose;
  purpose.add(list_allocations_template).add(to_string(wanted.tenant));
  purpose.add(wanted.entity ? to_string(*wanted.entity) : "");
  add_parts(purpose, readable_parts(who));
  return purpose;
}

response render(const allocation_page& page, const std::string& cursor, const request& request) {
  response answer;
  json::writer out(answer.body);
  out.begin_object().field("success", true).key("allocations").begin_array();
  for (const auto& made : page.allocations) {
    out.begin_object();
    write_allocation(out, made);
    out.end_object();
  }
  out.end_array();
  close_page(out, answer, request, cursor);
  return answer;
}

struct query_of_allocations {
  std::optional<std::string_view> entity_type; // both or none
  std::optional<std::string_view> entity_id;
  std::optional<std::string_view> cursor;
  int limit = 0;
};

query_of_allocations read(query_reader& query) {
  query_of_allocations asked;
  read_entity_filter(query, asked.entity_type, asked.entity_id);
  asked.limit = static_cast<int>(query.integer("limit", 1, 100).value_or(default_limit));
  asked.cursor = query.text("cursor");
  return asked;
}

/// The entity that is named, if one is.
std::optional<problem>
set_entity(list_allocations& wanted, const query_of_allocations& asked, const caller& who) {
  if (!asked.entity_type || !asked.entity_id) return std::nullopt;
  entity_ref ref;
  if (auto wrong = read_entity(*asked.entity_type, *asked.entity_id, ref)) return wrong;
  auto at = find_entity(who, act::read_ledger, ref);
  if (at.refused) return std::move(at.refused);
  wanted.entity = at.found->account;
  return std::nullopt;
}

} // namespace

caller_handler allocations(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    query_reader query(request.query);
    const auto asked = read(query);
    const auto wrong = query.refusal();
    if (wrong && wrong->status == 400) return refuse(*wrong);
    if (const auto missing = find_application(request, who)) return refuse(*missing);
    list_allocations wanted;
    const auto out_of_reach = set_entity(wanted, asked, who);
    if (out_of_reach && out_of_reach->status != 422) return refuse(*out_of_reach);
    if (wrong) return refuse(*wrong);
    if (out_of_reach) return refuse(*out_of_reach);

    wanted.tenant = who.tenant->tenant;
    wanted.visible = visible_to(who);
    wanted.limit = asked.limit;
    const auto purpose = purpose_of(wanted, who);
    const auto visible = wanted.visible;
    if (asked.cursor) {
      const auto before = open_cursor(with.cursor_key, purpose, *asked.cursor);
      if (!before) return refuse(invalid_cursor());
      wanted.before = *before;
    }
    with.behind.list(
        std::move(wanted),
        [&with, &request, respond, refuse, purpose, visible](result<allocation_page> page) {
          if (!page) return refuse(problem_of(page.why()));
          for (auto& made : page->allocations)
            forget_unread(made, visible);
          const auto cursor =
              page->more ? seal_cursor(with.cursor_key, purpose, page->allocations.back().id) : std::string();
          respond(render(*page, cursor, request));
        }
    );
  };
}

namespace {

/// What the caller may not see: 403 when the tenant has it, else 404.
void answer_unseen(
    service& with,
    allocation_query wanted,
    const rejection& why,
    const responder& respond,
    const request& request
) {
  if (why.code != errc::allocation_unknown || !wanted.visible)
    return respond(to_response(problem_of(why), request));
  wanted.visible.reset();
  with.behind.find(std::move(wanted), [respond, &request](const result<tessera::allocation>& made) {
    respond(to_response(problem_of(made ? rejection(errc::entity_out_of_scope) : made.why()), request));
  });
}

} // namespace

caller_handler allocation(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    if (const auto missing = find_application(request, who)) return refuse(*missing);
    query_reader query(request.query);
    if (const auto wrong = query.refusal()) return refuse(*wrong);
    const auto& id = request.parameters[0];
    if (!is_valid_id(id)) return refuse(problem_of(errc::allocation_unknown));
    const allocation_query wanted{who.tenant->tenant, std::string(id), {}, visible_to(who)};
    with.behind.find(wanted, [&with, &request, respond, wanted](result<tessera::allocation> made) {
      if (!made) return answer_unseen(with, wanted, made.why(), respond, request);
      forget_unread(*made, wanted.visible);
      respond(render(*made));
    });
  };
}

} // namespace tessera::http
