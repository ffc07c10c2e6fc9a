#include "http/routes/credits/call.hpp"

#include "http/routing/query.hpp"
#include "http/routing/rejections.hpp"

namespace tessera::http {

entity_search call::place(bool can_look, const std::function<entity_search()>& look) {
  auto wrong = or_of_query(body.refusal(), from.query);
  if (wrong && wrong->status == 400) return {nullptr, std::move(wrong)};
  if (auto missing = find_application(from, who)) return {nullptr, std::move(missing)};
  if (wrong && !can_look) return {nullptr, std::move(wrong)};
  auto at = look();
  if (wrong && !at.refused) return {nullptr, std::move(wrong)};
  return at;
}

entity_search call::place(act what, const entity_ref& entity, const scruple& also) {
  return place(!entity.id.empty(), [&] {
    auto at = find_entity(who, what, entity);
    if (!at.refused && also) at.refused = also(*at.found);
    return at;
  });
}

void answering::refuse(const rejection& why, const entity_ref& entity) const {
  refuse(problem_of(why, entity, application));
}

} // namespace tessera::http
