// GET /api/credits/purchases: the newest first.
#include "http/auth/cursor.hpp"
#include "http/routes/credits/credits.hpp"
#include "http/routes/credits/entity_fields.hpp"
#include "http/routes/credits/ledger_fields.hpp"
#include "http/routes/credits/page_limit.hpp"
#include "http/routes/credits/purchase_fields.hpp"
#include "http/routing/next_link.hpp"
#include "http/routing/query.hpp"
#include "http/routing/rejections.hpp"

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <utility>

namespace tessera::http {

namespace {

constexpr std::string_view list_purchases_template = "GET /api/credits/purchases";

const std::initializer_list<std::string_view> states = {
    "pending",
    "completed",
    "partially_refunded",
    "refunded",
    "disputed",
    "charged_back",
    "failed",
    "canceled",
    "expired",
    "review"};

struct query_of_purchases {
  list_purchases wanted;
  bool with_descendants = false;
  std::optional<std::string_view> entity_type;
  std::optional<std::string_view> entity_id;
  std::optional<std::string_view> cursor;
};

query_of_purchases read_purchases_query(query_reader& query) {
  query_of_purchases asked;
  auto& wanted = asked.wanted;
  read_entity_filter(query, asked.entity_type, asked.entity_id);
  asked.with_descendants = query.boolean("descendants").value_or(false);
  if (asked.with_descendants && !asked.entity_type)
    query.reject("entityType", "required", "Name the entity whose descendants are meant.");
  if (const auto state = query.choice("status", states)) wanted.status = *(states.begin() + *state);
  wanted.from = query.time("from");
  wanted.to = query.time("to");
  if (wanted.from && wanted.to && *wanted.to < *wanted.from)
    query.reject("to", "invalid_parameter", "Must not be before from.");
  wanted.limit = static_cast<int>(query.integer("limit", 1, 100).value_or(default_limit));
  asked.cursor = query.text("cursor");
  return asked;
}

/// A cursor belongs to the list as it was asked for; a page of another size may follow.
cursor_purpose purpose_of(const list_purchases& wanted) {
  cursor_purpose purpose;
  purpose.add(list_purchases_template).add(to_string(wanted.tenant));
  add_parts(purpose, wanted.buyers).add(wanted.status.value_or(""));
  purpose.add(wanted.from ? to_microseconds(*wanted.from) : -1);
  purpose.add(wanted.to ? to_microseconds(*wanted.to) : -1);
  return purpose;
}

std::string position_of(const purchase_view& last) {
  return std::to_string(to_microseconds(last.created_at)) + "." + last.purchase_id;
}

std::optional<purchase_position> parse_position(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  const auto point = text->find('.');
  std::int64_t us = 0;
  const auto parsed = std::from_chars(text->data(), text->data() + std::min(point, text->size()), us);
  if (point == text->npos || parsed.ptr != text->data() + point) return std::nullopt;
  return purchase_position{from_microseconds(us), std::string(text->substr(point + 1))};
}

response
render(const purchase_page& page, const list_purchases& asked, const service& with, const request& request) {
  response answer;
  json::writer out(answer.body);
  out.begin_object().field("success", true).key("purchases").begin_array();
  for (const auto& each : page.purchases) {
    out.begin_object();
    write_purchase(out, each, with.public_base_url);
    out.end_object();
  }
  out.end_array().key("nextCursor");
  if (!page.more) {
    out.null().end_object();
    return answer;
  }
  const auto cursor = seal_cursor(with.cursor_key, purpose_of(asked), position_of(page.purchases.back()));
  out.string(cursor).end_object();
  answer.headers.emplace_back("Link", next_link(request, cursor));
  return answer;
}

/// Whose purchases: the entity that is named, else what the caller may see.
std::optional<problem> set_buyers(query_of_purchases& asked, const caller& who) {
  auto& wanted = asked.wanted;
  if (!asked.entity_type || !asked.entity_id) {
    wanted.buyers = readable_parts(who);
    return std::nullopt;
  }
  entity_ref ref;
  if (auto wrong = read_entity(*asked.entity_type, *asked.entity_id, ref)) return wrong;
  auto at = find_entity(who, act::read_ledger, ref);
  if (at.refused) return std::move(at.refused);
  wanted.buyers = readable_parts_at(who, *at.found, asked.with_descendants);
  return std::nullopt;
}

} // namespace

caller_handler purchases(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    query_reader query(request.query);
    auto asked = read_purchases_query(query);
    const auto wrong = query.refusal();
    if (wrong && wrong->status == 400) return refuse(*wrong);
    if (const auto missing = find_application(request, who)) return refuse(*missing);
    auto& wanted = asked.wanted;
    wanted.tenant = who.tenant->tenant;
    const auto out_of_reach = set_buyers(asked, who);
    if (out_of_reach && out_of_reach->status != 422) return refuse(*out_of_reach);
    if (wrong) return refuse(*wrong);
    if (out_of_reach) return refuse(*out_of_reach);
    if (asked.cursor) {
      wanted.after = parse_position(open_cursor(with.cursor_key, purpose_of(wanted), *asked.cursor));
      if (!wanted.after) return refuse(invalid_cursor());
    }
    with.behind.list(wanted, [&with, &request, respond, refuse, wanted](const result<purchase_page>& page) {
      page ? respond(render(*page, wanted, with, request)) : refuse(problem_of(page.why()));
    });
  };
}

} // namespace tessera::http
