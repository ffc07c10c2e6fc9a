// GET /api/directory: the tree in one answer, of a large tenant in pages.
#include "http/routes/directory/changes.hpp"
#include "http/routes/directory/directory.hpp"
#include "http/routes/directory/entity_json.hpp"
#include "http/routes/directory/own_applications.hpp"
#include "http/routes/directory/pages.hpp"

#include <algorithm>

namespace tessera::http {

namespace {

constexpr std::int64_t most_entities = 10'000;

cursor_purpose purpose_of(const read_directory& wanted) {
  return cursor_purpose().add("GET /api/directory").add(to_string(wanted.tenant));
}

std::string position_of(const entity_view& last) {
  return std::string(to_string(last.ref.type)) + "/" + last.ref.id;
}

std::optional<entity_ref> parse_position(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  const auto slash = text->find('/');
  const auto type = parse_entity_type(text->substr(0, slash));
  return type ? std::optional(entity_ref{*type, text->substr(slash + 1)}) : std::nullopt;
}

void write_entities(json::writer& out, const directory_page& page, const entity_kind& kind) {
  out.key(kind.path).begin_array();
  for (const auto& each : page.entities)
    if (each.ref.type == kind.type) {
      out.begin_object();
      write_entity(out, each);
      out.end_object();
    }
  out.end_array();
}

response render(
    const directory_page& page,
    const read_directory& wanted,
    const std::string& tenant,
    const service& with,
    const request& request
) {
  response answer;
  json::writer out(answer.body);
  out.begin_object().field("success", true).field("tenantId", tenant);
  write_entities(out, page, organizations_kind);
  write_entities(out, page, locations_kind);
  out.key("applications").begin_array();
  for (const auto& each : page.applications) {
    out.begin_object();
    write_application(out, each);
    out.end_object();
  }
  out.end_array();
  const auto last = page.more ? std::optional(position_of(page.entities.back())) : std::nullopt;
  close_page(out, answer, with, purpose_of(wanted), request, last);
  answer.headers.emplace_back("ETag", etag_of(page.version));
  return answer;
}

} // namespace

caller_handler whole_directory(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    query_reader query(request.query);
    const auto asked = read_page(query, most_entities);
    if (const auto wrong = query.refusal()) return refuse(*wrong);
    read_directory wanted;
    wanted.tenant = who.tenant->tenant;
    wanted.part = part_of(who, act::read_directory);
    wanted.applications = own_applications(who);
    wanted.limit = asked.limit;
    std::optional<std::string> position;
    if (const auto forged = open_page(with, purpose_of(wanted), asked, position)) return refuse(*forged);
    wanted.after = parse_position(position);
    with.behind.list(
        wanted,
        [&with, &request, respond, refuse, wanted, id = who.tenant->id](const result<directory_page>& page) {
          page ? respond(render(*page, wanted, id, with, request)) : refuse(problem_of(page.why()));
        }
    );
  };
}

} // namespace tessera::http
