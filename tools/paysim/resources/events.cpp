#include "tools/paysim/api/lists.hpp"
#include "tools/paysim/resources/resources.hpp"

#include <algorithm>

namespace tessera::paysim {

namespace {

json::value list(const call& of) {
  const auto type = of.params.text("type");
  const auto types = of.params.texts("types");
  const auto delivered = of.params.boolean("delivery_success");
  return answer_list(of, "event", [&](const document& each) {
    const auto of_event = text_of(each, "type");
    const auto ends_with_star = type && type->ends_with(".*");
    const bool is_type = !type || of_event == *type ||
                         (ends_with_star && of_event.starts_with(type->substr(0, type->size() - 1)));
    return is_type && (types.empty() || std::ranges::find(types, of_event) != types.end()) &&
           (!delivered || *delivered == (number_of(each, "pending_webhooks") == 0));
  });
}

} // namespace

endpoint_table event_endpoints() {
  return {
      {"GET", "/v1/events", list},
      {"GET", "/v1/events/:id", retrieving("event")},
  };
}

} // namespace tessera::paysim
