#include "http/routes/credits/call.hpp"

#include "http/routing/query.hpp"
#include "http/routing/rejections.hpp"

namespace tessera::http {

std::optional<problem> call::what_is_wrong() {
  return or_of_query(body.refusal(), from.query);
}

std::optional<problem> call::why_not_look(const std::optional<problem>& wrong, bool can_look) {
  if (wrong && wrong->status == 400) return wrong;
  if (auto missing = find_application(from, who)) return missing;
  return can_look ? std::nullopt : wrong;
}

void answering::refuse(const rejection& why, const entity_ref& entity) const {
  refuse(problem_of(why, entity, application));
}

} // namespace tessera::http
