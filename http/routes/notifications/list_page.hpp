#pragma once

#include "http/notification_gateway.hpp"
#include "http/routes/directory/pages.hpp"
#include "http/routing/problem.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What the lists of notifications, deliveries, endpoints and suppressions have in common.
namespace tessera::http {

/// A list as callers see it.
template <class Item> struct list_form {
  std::string_view name; // of its array
  void (*write)(json::writer& out, const Item& one);
  std::string (*place_of)(const Item& one); // in a cursor: the next page begins behind it
};

template <class Item> response render_page(
    const std::vector<Item>& items,
    bool more,
    const list_form<Item>& form,
    const cursor_purpose& purpose,
    const service& with,
    const request& request
) {
  response answer;
  json::writer out(answer.body);
  out.begin_object().field("success", true).key(form.name).begin_array();
  for (const auto& each : items) {
    out.begin_object();
    form.write(out, each);
    out.end_object();
  }
  out.end_array();
  const auto last = more ? std::optional(form.place_of(items.back())) : std::nullopt;
  close_page(out, answer, with, purpose, request, last);
  return answer;
}

/// Where a list is read from: what is asked for and what makes its cursors its own, how a place is asked for,
/// and which member of the page has the items.
template <class Wanted, class Page, class Item> struct list_source {
  Wanted wanted;
  cursor_purpose purpose;
  void (*begin_behind)(Wanted& wanted, const std::optional<std::string>& place);
  std::vector<Item> Page::*items;
};

/// Reads the page that is asked for, and answers it.
template <class Wanted, class Page, class Item> void answer_page(
    service& with,
    request& request,
    const responder& respond,
    list_source<Wanted, Page, Item> from,
    const page_question& asked,
    const list_form<Item>& form
) {
  std::optional<std::string> place;
  if (const auto forged = open_page(with, from.purpose, asked, place))
    return respond(to_response(*forged, request));
  from.begin_behind(from.wanted, place);
  auto wanted = from.wanted;
  notification_gateway(with.behind)
      .list(
          std::move(wanted),
          [&with, &request, respond, form, from = std::move(from)](const result<Page>& page) {
            respond(
                page ? render_page((*page).*from.items, page->more, form, from.purpose, with, request)
                     : to_response(problem_of(page.why()), request)
            );
          }
      );
}

} // namespace tessera::http
