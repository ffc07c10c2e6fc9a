#include "actors/notification/message_dispatcher.hpp"

#include "actors/domain/delivery_retry.hpp"
#include "actors/domain/notification_rules.hpp"
#include "actors/domain/quiet_hours.hpp"
#include "actors/notification/chance.hpp"
#include "actors/notification/recheck.hpp"
#include "actors/support/identifiers.hpp"
#include "persistence/stores/current_facts_store.hpp"
#include "persistence/stores/notification_store.hpp"
#include "persistence/stores/waiting_store.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace tessera {

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds message_limit = 2'000ms;

} // namespace

message_dispatcher::message_dispatcher(
    notification_channel channel,
    pg::session_options session,
    dispatch_options options,
    notification_statistics& statistics,
    const std::atomic<bool>& stopping
)
    : channel_(channel), session_(std::move(session)), options_(std::move(options)), statistics_(statistics),
      stopping_(stopping) {
  session_.open();
  persistence::release_claims(session_, channel_, options_.node_name, message_limit);
}

bool message_dispatcher::step() {
  if (!session_.is_open()) session_.open();
  const int most = most_now(options_.page);
  if (most == 0) return false; // nobody is there to take any: they wait without being tried
  const auto claimed = persistence::claim_notifications(
      session_, channel_, options_.node_name, most, options_.lease, message_limit
  );
  for (const auto& one : claimed) {
    if (stopping_) return false; // the next one who runs finds the rest
    dispatch(one);
  }
  return !claimed.empty();
}

bool message_dispatcher::is_held(const claimed_notification& one) {
  if (!keeps_quiet(one.kind, true)) return false;
  const auto night = persistence::night_of(session_, one, message_limit);
  if (!keeps_quiet(one.kind, night.invitations_too)) return false;
  const auto from = minutes_of(night.from);
  const auto to = minutes_of(night.to);
  if (!from || !to) return false;
  const auto left = quiet_for(night.now, *from, *to);
  if (left.count() == 0 || left >= night.good_for) return false;
  persistence::put_off(session_, one, left, message_limit);
  return true;
}

void message_dispatcher::dispatch(const claimed_notification& one) {
  if (is_held(one)) return;
  const auto* rule = find_rule(one.kind, channel_);
  const bool or_bought = rule && rule->to == audience::buyer_and_admins;
  const bool by_office = rule && (rule->to == audience::admins || or_bought);
  if (by_office && !persistence::administers(session_, one, or_bought, message_limit))
    return report(one, {notification_status::skipped, {}, {}, {}});
  const auto ready = persistence::begin_attempt(
      session_,
      one,
      channel_,
      rule ? rule->while_so : still_wanted::by_the_user,
      hash_of(one.recipient),
      options_.lease,
      message_limit
  );
  switch (ready) {
  case persistence::readiness::lost: return;
  case persistence::readiness::unwanted: return report(one, {notification_status::skipped, {}, {}, {}});
  case persistence::readiness::suppressed: return report(one, {notification_status::suppressed, {}, {}, {}});
  case persistence::readiness::ready: break;
  }
  if (auto why = objection_to(one); !why.empty()) {
    delivery_report told{notification_status::suppressed, {}, {}, {}};
    told.outcome.detail = std::move(why);
    return report(one, told);
  }
  const auto said = as_it_is_now(session_, one, message_limit);
  if (!said) return report(one, {notification_status::skipped, {}, {}, {}});
  handed_over done;
  try {
    done = hand_over(*said);
  } catch (const pg::error&) {
    throw;
  } catch (const std::exception& why) {
    done.outcome = {delivery_failure::permanent_config, why.what(), {}, {}};
  }
  auto told = report_of(std::move(done.outcome), one.attempts + 1, chance());
  told.provider = std::move(done.provider);
  report(one, told);
}

void message_dispatcher::report(const claimed_notification& one, const delivery_report& told) {
  if (!persistence::report(session_, one, told, message_limit)) return;
  const auto& outcome = told.outcome;
  if (outcome.failure == delivery_failure::permanent_recipient)
    persistence::suppress_recipient(
        session_,
        one,
        channel_,
        hash_of(one.recipient),
        masked(one.recipient),
        outcome.opted_out ? "optout" : "bounce",
        message_limit
    );
  if (told.status == notification_status::sent) ++statistics_.sent;
  if (told.status == notification_status::dead) ++statistics_.dead;
  if (told.status == notification_status::skipped) ++statistics_.skipped;
  if (outcome.failure == delivery_failure::none) return;
  ++statistics_.failed;
  spdlog::warn(
      "notification {} ({}) to {}: {} after {} attempts: {}",
      to_string(one.id),
      one.kind,
      masked(one.recipient),
      to_string(outcome.failure),
      one.attempts + 1,
      outcome.detail
  );
}

} // namespace tessera
