// GET /api/credits/packages and GET /api/credits/packages/:id
#include "http/routes/credits/credits.hpp"
#include "http/routes/credits/package_fields.hpp"
#include "http/routing/query.hpp"
#include "http/routing/rejections.hpp"

namespace tessera::http {

namespace {

response render(const package_list& list) {
  response answer;
  json::writer out(answer.body);
  out.begin_object().field("success", true).key("packages").begin_array();
  for (const auto& p : list.packages) {
    out.begin_object();
    write_package(out, p);
    out.end_object();
  }
  out.end_array().end_object();
  return answer;
}

/// What is on sale, unless the caller asks for what was.
package_filter read_filter(query_reader& query) {
  const auto choice = query.choice("active", {"true", "false", "all"});
  if (!choice || *choice == 0) return package_filter::on_sale;
  return *choice == 1 ? package_filter::ended : package_filter::all;
}

} // namespace

caller_handler packages(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    if (const auto missing = find_application(request, who)) return refuse(*missing);
    query_reader query(request.query);
    const auto which = read_filter(query);
    if (const auto wrong = query.refusal()) return refuse(*wrong);
    with.behind.list(
        list_packages{who.tenant->tenant, which},
        [respond, refuse](const result<package_list>& list) {
          list ? respond(render(*list)) : refuse(problem_of(list.why()));
        }
    );
  };
}

caller_handler one_package(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    if (const auto missing = find_application(request, who)) return refuse(*missing);
    query_reader query(request.query);
    if (const auto wrong = query.refusal()) return refuse(*wrong);
    const auto id = request.parameters.front();
    if (!is_valid_id(id)) return refuse(problem_of(errc::package_unknown));
    with.behind.find(
        package_query{who.tenant->tenant, std::string(id)},
        [respond, refuse](const result<credit_package>& found) {
          found ? respond(to_response(word_package(*found, 200))) : refuse(problem_of(found.why()));
        }
    );
  };
}

} // namespace tessera::http
