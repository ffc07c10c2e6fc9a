// GET /api/credits/balance/:entityType/:entityId[?at=…][&rollup=false][&descendants=true]
#include "http/routes/credits/balance_body.hpp"
#include "http/routes/credits/credits.hpp"
#include "http/routes/credits/entity_path.hpp"
#include "http/routing/rejections.hpp"

#include <memory>
#include <utility>

namespace tessera::http {

namespace {

struct balance_request {
  std::optional<time_point> at;
  bool rollup = true;
  bool descendants = false;
};

/// The live balance and its rollup are asked for side by side; the answer is written when both are there.
/// Whatever becomes of the rollup, the live balance is told (contract 11.5), unless the sum was asked for.
class joined_balance {
public:
  joined_balance(
      responder respond,
      std::function<void(const rejection&)> refuse,
      entity_ref entity,
      const balance_request& wanted
  )
      : respond_(std::move(respond)), refuse_(std::move(refuse)), entity_(std::move(entity)),
        descendants_(wanted.descendants) {}

  void take(result<balance_view> view) {
    view_ = std::move(view);
    answer();
  }
  void take(const result<balance_rollup>& rollup) {
    if (rollup) rollup_ = *rollup;
    rollup_answered_ = true;
    answer();
  }

private:
  void answer() {
    if (answered_ || !view_) return;
    if (view_->ok() && !rollup_answered_) return;
    answered_ = true;
    if (!view_->ok()) return refuse_(view_->why());
    if (descendants_ && !rollup_) return refuse_(errc::database_unavailable);
    respond_(balance_body(entity_, **view_, rollup_, descendants_));
  }

  responder respond_;
  std::function<void(const rejection&)> refuse_;
  entity_ref entity_;
  bool descendants_;
  std::optional<result<balance_view>> view_;
  std::optional<balance_rollup> rollup_;
  bool rollup_answered_ = false;
  bool answered_ = false;
};

balance_request read(query_reader& query, time_point now) {
  balance_request wanted;
  wanted.at = query.time("at");
  wanted.rollup = query.boolean("rollup").value_or(true);
  wanted.descendants = query.boolean("descendants").value_or(false);
  if (wanted.at && *wanted.at > now) query.reject("at", "at_in_future", "Not later than now.");
  if (wanted.descendants && (wanted.at || !wanted.rollup))
    query.reject("descendants", "invalid_parameter", "Not of a past instant, and not without the rollup.");
  return wanted;
}

} // namespace

caller_handler balance(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    const auto entity = find_path_entity(request, who);
    if (entity.refused) return refuse(*entity.refused);
    query_reader query(request.query);
    const auto wanted = read(query, with.now());
    if (const auto wrong = query.refusal()) return refuse(*wrong);
    const auto joined = std::make_shared<joined_balance>(
        respond, [refuse](const rejection& why) { refuse(problem_of(why)); }, entity.ref, wanted
    );
    const auto take_view = [joined](result<balance_view> view) { joined->take(std::move(view)); };
    if (wanted.at || !wanted.rollup) joined->take(result<balance_rollup>(errc::database_unavailable));
    if (wanted.at)
      return with.behind.balance(
          past_balance_query{who.tenant->tenant, entity.account, who.application, *wanted.at}, take_view
      );
    with.behind.balance(balance_query{entity.account, who.application}, take_view);
    if (wanted.rollup)
      with.behind.rollup(
          {who.tenant->tenant, entity.account},
          [joined](const result<balance_rollup>& rollup) { joined->take(rollup); }
      );
  };
}

} // namespace tessera::http
