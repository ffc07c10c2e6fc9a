#include "actors/payment/desk_core.hpp"

#include "actors/domain/payment_rules.hpp"
#include "actors/payment/renewing.hpp"
#include "actors/payment/topping_up.hpp"
#include "actors/support/identifiers.hpp"
#include "persistence/stores/entity_store.hpp"
#include "persistence/stores/payment_store.hpp"

#include <spdlog/spdlog.h>

namespace tessera {

namespace {

constexpr unsigned threads = 2;
constexpr std::size_t most_queued = 2'000;
constexpr std::chrono::milliseconds statement_limit{1'500};

/// When somebody looks after it again. What went back before the credits were there is seen to once they are.
std::optional<std::chrono::milliseconds>
pause_after(const desk_core& core, const payment_record& record, const payment_news& news) {
  using kind = payment_news::kind;
  const bool went_back =
      news.what == kind::refunded || news.what == kind::refund || news.what == kind::dispute;
  if (record.settled) return std::chrono::milliseconds(went_back ? 1'000 : 3'000);
  if (record.status == "pending") return core.pause_before_check(record.checks);
  return std::nullopt;
}

} // namespace

desk_core::desk_core(
    payment_desk_options chosen, http_client& client, const clock& now, payment_desk::nudge told
)
    : options(std::move(chosen)), stripe(options.stripe), provider(client), time(now), tell(std::move(told)),
      rows({options.database_url, "tessera-payments", threads, most_queued, statement_limit}) {}

uuid desk_core::new_id() const {
  return make_uuid(time.now());
}

std::chrono::milliseconds desk_core::pause_before_check(int checks) const {
  const int factor = checks == 0 ? 1 : checks == 1 ? 10 : 60;
  return options.check_after * factor;
}

news_taken
take_news(pg::transaction& in, const desk_core& core, payment_record record, const payment_news& news) {
  purchase_turn turn;
  turn.was_open = record.status == "pending" && !record.settled;
  const bool was_reviewed = record.status == "review";
  auto change = after(std::move(record), news);
  // Whoever paid for an entity that is gone gets the money back by hand.
  if (change.settles && !persistence::hold_entity(in, change.after.tenant, change.after.account)) {
    change.settles = change.after.settled = false;
    change.after.status = "review";
    change.after.failure_code = change.quarantined = "entity_deleted";
  }
  persistence::save_payment(in, change.after);
  if (change.settles)
    persistence::settle_payment(in, change.after, inbox_id{core.new_id()}, lot_id{core.new_id()});
  if (change.quarantined.empty()) {
    keep_reversal(in, change.after, news);
    end_auto_topup_if_disputed(in, change.after, news);
  }
  turn.settled_now = change.settles;
  turn.reviewed_now = !was_reviewed && change.after.status == "review";
  follow_auto_topup(in, change.after, turn);
  follow_plan(in, change.after, turn);
  persistence::check_payment_again(in, change.after.purchase_id, pause_after(core, change.after, news));
  if (!change.quarantined.empty())
    spdlog::error(
        "payment of {} is not believed: {} ({})",
        change.after.purchase_id,
        change.quarantined,
        news.payment_id
    );
  return {std::move(change.after), change.settles, std::move(change.quarantined)};
}

} // namespace tessera
