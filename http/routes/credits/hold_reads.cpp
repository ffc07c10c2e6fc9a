// GET /api/credits/holds and /api/credits/holds/:id: the caller's application's, and those of no application.
#include "http/auth/body_tag.hpp"
#include "http/auth/cursor_value.hpp"
#include "http/routes/credits/credits.hpp"
#include "http/routes/credits/entry_search.hpp"
#include "http/routes/credits/hold_json.hpp"
#include "http/routes/credits/ledger_fields.hpp"
#include "http/routes/credits/page_limit.hpp"
#include "http/routes/directory/pages.hpp"
#include "http/routing/rejections.hpp"

#include <utility>

namespace tessera::http {

namespace {

constexpr std::string_view list_holds_template = "GET /api/credits/holds";

/// All that decides what the pages are, and not where or how large one is.
cursor_purpose purpose_of_holds(const list_transactions& wanted) {
  const auto time = [](const std::optional<time_point>& at) { return at ? to_rfc3339(*at) : std::string{}; };
  cursor_purpose purpose;
  purpose.add(list_holds_template).add(to_string(wanted.of.tenant));
  add_parts(purpose, wanted.of.parts);
  purpose.add(std::int64_t{wanted.applications.every});
  for (const auto& application : wanted.applications.named)
    purpose.add(application);
  return purpose.add(time(wanted.from)).add(time(wanted.to));
}

struct hold_cursor_content {
  std::int64_t booked_at_us = 0;
  uuid account;
};

std::string next_hold_cursor(const digest& key, const list_transactions& asked, const ledger_position& next) {
  return seal_value(
      key, purpose_of_holds(asked), hold_cursor_content{to_microseconds(next.booked_at), next.account.value}
  );
}

bool read_hold_cursor(const digest& key, std::string_view cursor, list_transactions& wanted) {
  const auto content = open_value<hold_cursor_content>(key, purpose_of_holds(wanted), cursor);
  if (!content) return false;
  wanted.after = ledger_position{from_microseconds(content->booked_at_us), account_id{content->account}};
  return true;
}

response render(const hold_page& page, const std::string& cursor, const request& request) {
  response answer;
  json::writer out(answer.body);
  out.begin_object().field("success", true).key("holds").begin_array();
  for (const auto& each : page.holds) {
    out.begin_object();
    write_hold_in_full(out, each, each.entity);
    out.end_object();
  }
  out.end_array();
  close_page(out, answer, request, cursor);
  return answer;
}

response render(const hold_view& hold, const entity_ref& entity) {
  response answer;
  json::writer out(answer.body);
  out.begin_object().field("success", true);
  write_hold_in_full(out, hold, entity);
  out.end_object();
  answer.headers.emplace_back("ETag", tag_of_body(answer.body));
  return answer;
}

} // namespace

caller_handler holds(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    query_reader query(request.query);
    const auto fields = read_ledger_fields(query);
    list_holds wanted;
    auto& part = wanted.of;
    part.limit = static_cast<int>(query.integer("limit", 1, 100).value_or(default_limit));
    const auto cursor = query.text("cursor");
    const auto wrong = query.refusal();
    if (wrong && wrong->status == 400) return refuse(*wrong);
    if (const auto missing = find_application(request, who)) return refuse(*missing);
    auto scope = find_ledger_part(who, fields);
    if (scope.refused && scope.refused->status != 422) return refuse(*scope.refused);
    if (wrong) return refuse(*wrong);
    if (scope.refused) return refuse(*scope.refused);

    part.of = scope.part;
    part.applications = scope.applications;
    part.from = fields.from;
    part.to = fields.to;
    if (cursor && !read_hold_cursor(with.cursor_key, *cursor, part)) return refuse(invalid_cursor());
    with.behind.list(wanted, [&with, &request, respond, refuse, wanted](const result<hold_page>& page) {
      if (!page) return refuse(problem_of(page.why()));
      const auto next =
          page->next ? next_hold_cursor(with.cursor_key, wanted.of, *page->next) : std::string{};
      respond(render(*page, next, request));
    });
  };
}

caller_handler one_hold(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    if (const auto missing = find_application(request, who)) return refuse(*missing);
    query_reader query(request.query);
    if (const auto wrong = query.refusal()) return refuse(*wrong);
    const auto found = find_hold(who, act::read_ledger, request.parameters[0]);
    if (found.refused) return refuse(*found.refused);
    hold_query wanted{who.tenant->tenant, found.place, {}, {}, true};
    if (!who.application.empty()) wanted.application = who.application; // the operator may see them all
    with.behind.find(
        std::move(wanted),
        [respond, refuse, entity = found.at->ref()](const result<hold_view>& hold) {
          hold ? respond(render(*hold, entity)) : refuse(problem_of(hold.why()));
        }
    );
  };
}

} // namespace tessera::http
