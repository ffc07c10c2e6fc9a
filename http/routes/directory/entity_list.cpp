// GET /api/organizations[/:id] and /api/locations[/:id].
#include "http/routes/directory/changes.hpp"
#include "http/routes/directory/directory.hpp"
#include "http/routes/directory/entity_json.hpp"
#include "http/routes/directory/pages.hpp"

namespace tessera::http {

namespace {

struct entity_filter {
  page_question page;
  std::optional<std::string_view> parent;
};

entity_filter read(query_reader& query, const entity_kind& kind) {
  entity_filter asked;
  asked.page = read_page(query);
  asked.parent = query.text(kind.up_name);
  return asked;
}

cursor_purpose purpose_of(const list_entities& wanted) {
  cursor_purpose purpose;
  purpose.add("GET /api/directory entities").add(to_string(wanted.tenant)).add(to_string(wanted.type));
  purpose.add(wanted.parent ? to_string(*wanted.parent) : "");
  return purpose;
}

response render(
    const entity_page& page,
    const list_entities& wanted,
    std::string_view name,
    const service& with,
    const request& request
) {
  response answer;
  json::writer out(answer.body);
  out.begin_object().field("success", true).key(name).begin_array();
  for (const auto& each : page.entities) {
    out.begin_object();
    write_entity(out, each);
    out.end_object();
  }
  out.end_array();
  const auto last = page.more ? std::optional(page.entities.back().ref.id) : std::nullopt;
  close_page(out, answer, with, purpose_of(wanted), request, last);
  return answer;
}

/// The entity right below which the list is to be, if one is named.
std::optional<problem>
set_parent(list_entities& wanted, const std::optional<std::string_view>& named, const caller& who) {
  if (!named) return std::nullopt;
  const auto at = find_entity(who, act::read_directory, {entity_type::organization, std::string(*named)});
  if (at.refused) return at.refused;
  wanted.parent = at.found->account;
  return std::nullopt;
}

caller_handler list_kind(service& with, const entity_kind& kind) {
  return [&with, &kind](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    query_reader query(request.query);
    const auto asked = read(query, kind);
    const auto wrong = query.refusal();
    if (wrong && wrong->status == 400) return refuse(*wrong);
    list_entities wanted;
    wanted.tenant = who.tenant->tenant;
    wanted.type = kind.type;
    wanted.part = part_of(who, act::read_directory);
    wanted.limit = asked.page.limit;
    if (const auto refused = set_parent(wanted, asked.parent, who)) return refuse(*refused);
    if (wrong) return refuse(*wrong);
    if (const auto forged = open_page(with, purpose_of(wanted), asked.page, wanted.after))
      return refuse(*forged);
    with.behind.list(
        wanted,
        [&with, &request, &kind, respond, refuse, wanted](const result<entity_page>& page) {
          page ? respond(render(*page, wanted, kind.path, with, request)) : refuse(problem_of(page.why()));
        }
    );
  };
}

caller_handler one_kind(service& with, const entity_kind& kind) {
  return [&with, &kind](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    const entity_ref ref{kind.type, std::string(request.parameters.front())};
    const auto at = find_entity(who, act::read_directory, ref);
    if (at.refused) return refuse(*at.refused);
    if (const auto wrong = wrong_query(request)) return refuse(*wrong);
    with.behind.find(
        entity_query{who.tenant->tenant, ref},
        [respond, refuse](const result<entity_view>& found) {
          found ? respond(to_response(word_entity(*found))) : refuse(problem_of(found.why()));
        }
    );
  };
}

} // namespace

caller_handler organizations(service& with) {
  return list_kind(with, organizations_kind);
}
caller_handler locations(service& with) {
  return list_kind(with, locations_kind);
}
caller_handler one_organization(service& with) {
  return one_kind(with, organizations_kind);
}
caller_handler one_location(service& with) {
  return one_kind(with, locations_kind);
}

} // namespace tessera::http
