// GET /api/credits/transactions: pages of the ledger, or all of it as CSV or NDJSON.
#include "http/auth/cursor_value.hpp"
#include "http/json/writer.hpp"
#include "http/routes/credits/credits.hpp"
#include "http/routes/credits/ledger_fields.hpp"
#include "http/routes/credits/page_limit.hpp"
#include "http/routes/credits/transaction_export.hpp"
#include "http/routes/credits/transaction_text.hpp"
#include "http/routes/directory/pages.hpp"
#include "http/routing/accept.hpp"
#include "http/routing/rejections.hpp"

namespace tessera::http {

namespace {

constexpr std::string_view list_transactions_template = "GET /api/credits/transactions";

std::optional<entry_type> read_type(query_reader& query) {
  const auto text = query.text("type", 64);
  if (!text) return std::nullopt;
  const auto type = parse_entry_type(*text);
  if (type && *type != entry_type::genesis) return type;
  query.reject("type", "invalid_parameter", "Must be a type of transaction, such as spend or purchase.");
  return std::nullopt;
}

/// All that decides what the pages are, and not where or how large one is.
cursor_purpose purpose_of(const list_transactions& wanted) {
  const auto time = [](const std::optional<time_point>& at) { return at ? to_rfc3339(*at) : std::string{}; };
  cursor_purpose purpose;
  purpose.add(list_transactions_template).add(to_string(wanted.of.tenant));
  add_parts(purpose, wanted.of.parts);
  purpose.add(std::int64_t{wanted.applications.every});
  for (const auto& application : wanted.applications.named)
    purpose.add(application);
  purpose.add(wanted.entity_level ? "and entity-level" : "");
  purpose.add(wanted.type ? to_string(*wanted.type) : "").add(time(wanted.from)).add(time(wanted.to));
  purpose.add(wanted.oldest_first ? "asc" : "desc");
  return purpose;
}

struct cursor_content {
  std::int64_t booked_at_us = 0;
  uuid account;
  std::int64_t newest_us = 0; // oldest first only
};

std::string next_cursor(const digest& key, const list_transactions& asked, const transaction_page& page) {
  cursor_content content{to_microseconds(page.next->booked_at), page.next->account.value, 0};
  if (page.newest) content.newest_us = to_microseconds(*page.newest);
  return seal_value(key, purpose_of(asked), content);
}

/// False for anything that this service has not given out for the same question.
bool read_cursor(const digest& key, std::string_view cursor, list_transactions& wanted) {
  const auto content = open_value<cursor_content>(key, purpose_of(wanted), cursor);
  if (!content) return false;
  wanted.after = ledger_position{from_microseconds(content->booked_at_us), account_id{content->account}};
  if (wanted.oldest_first) wanted.newest = from_microseconds(content->newest_us);
  return true;
}

response render(const transaction_page& page, const std::string& cursor, const request& request) {
  response answer;
  json::writer out(answer.body);
  out.begin_object().field("success", true).key("transactions").begin_array();
  for (const auto& each : page.transactions)
    write_transaction(out, each);
  out.end_array();
  close_page(out, answer, request, cursor);
  answer.headers.emplace_back("Vary", "Accept");
  return answer;
}

void answer_page(service& with, const request& request, const responder& respond, list_transactions wanted) {
  with.behind.list(wanted, [&with, &request, respond, wanted](const result<transaction_page>& page) {
    if (!page) return respond(to_response(problem_of(page.why()), request));
    const auto cursor = page->next ? next_cursor(with.cursor_key, wanted, *page) : std::string{};
    respond(render(*page, cursor, request));
  });
}

void answer_export(
    service& with,
    const request& request,
    const responder& respond,
    list_transactions wanted,
    export_format format
) {
  wanted.limit = export_page;
  with.behind.list(wanted, [&with, &request, respond, wanted, format](result<transaction_page> page) {
    if (!page) return respond(to_response(problem_of(page.why()), request));
    respond(export_of(with.behind, wanted, std::move(*page), format));
  });
}

} // namespace

caller_handler transactions(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    query_reader query(request.query);
    const auto fields = read_ledger_fields(query);
    list_transactions wanted;
    wanted.type = read_type(query);
    wanted.oldest_first = query.choice("order", {"desc", "asc"}).value_or(0) == 1;
    wanted.limit = static_cast<int>(query.integer("limit", 1, 1000).value_or(default_limit));
    const auto cursor = query.text("cursor");
    const auto wrong = query.refusal();
    if (wrong && wrong->status == 400) return refuse(*wrong);
    if (const auto missing = find_application(request, who)) return refuse(*missing);
    auto scope = find_ledger_part(who, fields);
    if (scope.refused && scope.refused->status != 422) return refuse(*scope.refused);
    if (wrong) return refuse(*wrong);
    if (scope.refused) return refuse(*scope.refused);

    wanted.of = scope.part;
    wanted.applications = scope.applications;
    wanted.entity_level = scope.entity_level;
    wanted.from = fields.from;
    wanted.to = fields.to;
    if (cursor && !read_cursor(with.cursor_key, *cursor, wanted)) return refuse(invalid_cursor());
    const auto accept = request.header("Accept").value_or("");
    switch (preferred_type(accept, {"application/json", "text/csv", "application/x-ndjson"})) {
    case 1: return answer_export(with, request, respond, std::move(wanted), export_format::csv);
    case 2: return answer_export(with, request, respond, std::move(wanted), export_format::ndjson);
    default: return answer_page(with, request, respond, std::move(wanted));
    }
  };
}

} // namespace tessera::http
