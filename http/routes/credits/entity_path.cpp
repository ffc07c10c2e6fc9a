#include "http/routes/credits/entity_path.hpp"

#include "http/routes/credits/entity_fields.hpp"

namespace tessera::http {

path_entity find_path_entity(const request& request, caller& who) {
  path_entity named;
  if (!parse_query(request.query)) {
    named.refused = query_reader(request.query).refusal();
    return named;
  }
  if ((named.refused = find_application(request, who))) return named;
  if ((named.refused = read_entity(request.parameters[0], request.parameters[1], named.ref))) return named;
  auto search = find_entity(who, act::read_balance, named.ref);
  named.refused = std::move(search.refused);
  if (search.found) named.account = search.found->account;
  return named;
}

} // namespace tessera::http
