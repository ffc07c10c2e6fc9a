// GET /api/credits/lots/:entityType/:entityId
#include "http/routes/credits/balance_body.hpp"
#include "http/routes/credits/credits.hpp"
#include "http/routes/credits/entity_path.hpp"
#include "http/routing/rejections.hpp"

namespace tessera::http {

caller_handler lots(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    const auto entity = find_path_entity(request, who);
    if (entity.refused) return refuse(*entity.refused);
    if (const auto wrong = query_reader(request.query).refusal()) return refuse(*wrong);
    with.behind.balance(
        balance_query{entity.account, who.application},
        [respond, refuse, ref = entity.ref](const result<balance_view>& view) {
          view ? respond(lots_body(ref, *view)) : refuse(problem_of(view.why()));
        }
    );
  };
}

} // namespace tessera::http
