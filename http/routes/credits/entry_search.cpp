#include "http/routes/credits/entry_search.hpp"

#include "http/routing/rejections.hpp"
#include "messages/entry_names.hpp"

namespace tessera::http {

namespace {

entry_search find(const caller& who, act what, const std::optional<entry_place>& place, errc none) {
  const auto unknown = problem_of(none);
  if (!place) return {{}, nullptr, unknown};
  const auto* at = who.tenant->find(place->account);
  if (!at) return {{}, nullptr, judge_unknown(who, unknown)};
  switch (may(who.rights, what, *who.tenant, at)) {
  case verdict::allowed: return {*place, at, {}};
  case verdict::forbidden: return {{}, nullptr, why_may_not(who, what, at)};
  case verdict::out_of_scope: break;
  }
  return {{}, nullptr, unknown}; // what is elsewhere looks like none
}

} // namespace

entry_search find_hold(const caller& who, act what, std::string_view id) {
  return find(who, what, parse_hold_id(id), errc::hold_unknown);
}

entry_search find_transaction(const caller& who, act what, std::string_view id) {
  return find(who, what, parse_transaction_id(id), errc::transaction_unknown);
}

} // namespace tessera::http
