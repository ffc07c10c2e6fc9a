// What the provider tells by itself. Kept first, taken in later: in whatever order, and however often.
#include "actors/payment/desk_core.hpp"
#include "actors/payment/no_tenant.hpp"
#include "actors/support/crash_point.hpp"
#include "persistence/stores/payment_store.hpp"
#include "persistence/stores/provider_event_store.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace tessera {

namespace {

using kind = payment_news::kind;
using namespace std::chrono_literals;

constexpr auto alarm_after = 15min;  // something that nobody knows has waited
constexpr auto given_up_after = 24h; // it is about something else that the account is used for
constexpr std::chrono::milliseconds longest_pause = 5min;

/// Where an event belongs.
struct routed {
  bool waits = false;
  payment_news news;
  persistence::payment_place home;
};

std::chrono::milliseconds pause_after(int attempts) {
  return std::min<std::chrono::milliseconds>(1s * (1 << std::min(attempts, 10)), longest_pause);
}

bool is_about_reversals(const payment_news& news) {
  return news.what == kind::refunded || news.what == kind::refund || news.what == kind::dispute;
}

bool belongs_to_one(const std::vector<persistence::payment_place>& homes) {
  return std::ranges::all_of(homes, [&](const persistence::payment_place& each) {
    return each.purchase_id == homes.front().purchase_id;
  });
}

/// Why it is not taken in at all; empty: it is.
std::pair<std::string_view, std::string_view>
verdict_of(const provider_event& event, const payment_news& news, bool live) {
  if (news.what == kind::nothing) return {"ignored", "not_needed"};
  if (event.live != live) return {"quarantined", "livemode_mismatch"};
  return {};
}

routed route(pg::transaction& in, const std::string& event_id, bool live) {
  routed to;
  const auto found = persistence::find_waiting_event(in, event_id);
  if (!found) return to;
  to.news = news_of(found->event);
  if (const auto [state, reason] = verdict_of(found->event, to.news, live); !state.empty()) {
    if (state == "quarantined") spdlog::error("event {} is in quarantine: {}", event_id, reason);
    persistence::finish_event(in, event_id, state, reason);
    return to;
  }
  const auto homes = persistence::payment_home(in, to.news);
  if (homes.empty() && !to.news.purchase_id.empty() && !to.news.tenant.empty()) {
    spdlog::error("event {} is in quarantine: unknown_purchase", event_id);
    persistence::finish_event(in, event_id, "quarantined", "unknown_purchase");
  } else if (homes.empty()) {
    if (found->age > alarm_after && found->attempts % 8 == 0)
      spdlog::warn("event {} ({}) belongs to no purchase", event_id, found->event.type);
    if (found->age > given_up_after)
      persistence::finish_event(in, event_id, "ignored", "not_ours");
    else
      persistence::put_event_off(in, event_id, pause_after(found->attempts));
  } else if (!belongs_to_one(homes)) {
    spdlog::error("event {} is in quarantine: contradictory", event_id);
    persistence::finish_event(in, event_id, "quarantined", "contradictory");
  } else {
    to.waits = true;
    to.home = homes.front();
    persistence::give_event(in, event_id, to.home.tenant, to.home.purchase_id);
  }
  return to;
}

/// What names a purchase of ours names its tenant, too: we say both.
bool names_another_tenant(pg::transaction& in, const routed& what) {
  const auto& said = what.news.tenant;
  if (said.empty()) return !what.news.purchase_id.empty();
  return said != to_string(what.home.tenant) && said != persistence::name_of_tenant(in, what.home.tenant);
}

result<payment_state>
apply(pg::transaction& in, const desk_core& core, const std::string& event_id, const routed& what) {
  auto held = persistence::hold_payment(in, what.home.tenant, what.home.purchase_id);
  if (!held) return errc::purchase_unknown;
  payment_state state{held->account, held->status, held->settled, false};
  std::string wrong;
  if (names_another_tenant(in, what)) {
    wrong = "other_tenant";
  } else {
    auto taken = take_news(in, core, std::move(*held), what.news);
    wrong = std::move(taken.quarantined);
    state = {taken.record.account, taken.record.status, taken.settled_now, false};
  }
  persistence::finish_event(in, event_id, wrong.empty() ? "applied" : "quarantined", wrong);
  if (!wrong.empty()) spdlog::error("event {} is in quarantine: {}", event_id, wrong);
  return state;
}

} // namespace

void take_event(desk_core& core, const std::string& event_id) {
  const bool live = core.options.stripe.is_live();
  core.in_transaction<routed>(
      no_tenant,
      [&core, event_id](const result<routed>& what) {
        if (!what || !what->waits) return;
        crash_point("event_routed");
        core.in_transaction<payment_state>(
            what->home.tenant,
            [&core, what = *what](const result<payment_state>& state) {
              crash_point("event_applied");
              if (!state) return;
              if (state->settled) core.tell_of_inbox(state->account);
              if (is_about_reversals(what.news))
                settle_reversals(core, what.home.tenant, what.home.purchase_id, [] {});
            },
            [&core, event_id, what = *what](pg::transaction& in) { return apply(in, core, event_id, what); }
        );
      },
      [event_id, live](pg::transaction& in) { return result<routed>(route(in, event_id, live)); }
  );
}

} // namespace tessera
