#include "actors/notification/webhook_dispatcher.hpp"

#include "actors/domain/delivery_retry.hpp"
#include "actors/domain/endpoint_pause.hpp"
#include "actors/notification/chance.hpp"
#include "actors/providers/webhook_target.hpp"
#include "actors/support/crash_point.hpp"
#include "actors/support/identifiers.hpp"
#include "actors/support/webhook_signature.hpp"
#include "persistence/stores/notification_store.hpp"
#include "persistence/stores/webhook_store.hpp"

#include <spdlog/spdlog.h>

#include <charconv>
#include <utility>

namespace tessera {

namespace {

using namespace std::chrono_literals;

constexpr auto channel = notification_channel::webhook;
constexpr std::chrono::milliseconds delivery_limit = 2'000ms;
constexpr std::chrono::hours most_age{72};
constexpr retry_policy policy{.base = 5s, .cap = 1h, .most_attempts = 1'000}; // its age ends it first
constexpr std::size_t most_answer_bytes = 64 * 1024;                          // nobody reads them

std::optional<std::chrono::seconds> retry_after(const outgoing_answer& answer) {
  const auto text = answer.header("retry-after");
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() || seconds < 0)
    return std::nullopt;
  return std::chrono::seconds(seconds);
}

/// What it says behind its status is nothing to us, however long it is.
outgoing_outcome without_body(outgoing_outcome outcome) {
  if (outcome.failure == outgoing_failure::too_long && outcome.answer.status != 0)
    outcome.failure = outgoing_failure::none;
  return outcome;
}

} // namespace

delivery_outcome outcome_of(const outgoing_outcome& outcome) {
  const auto answered = without_body(outcome);
  delivery_outcome told;
  if (answered.succeeded()) return told;
  told.failure = delivery_failure::transient;
  told.detail =
      answered.answered() ? "the endpoint answered " + std::to_string(answered.answer.status) : answered.why;
  if (answered.answered()) told.retry_after = retry_after(answered.answer);
  if (answered.failure == outgoing_failure::refused_address)
    told.failure = delivery_failure::permanent_config;
  // The receiver says that it wants no more of this one.
  if (answered.answered() && answered.answer.status == 410)
    told.failure = delivery_failure::permanent_recipient;
  if (answered.failure == outgoing_failure::lost || answered.failure == outgoing_failure::timed_out)
    told.failure = delivery_failure::ambiguous;
  return told;
}

webhook_dispatcher::webhook_dispatcher(
    pg::session_options session,
    webhook_options options,
    const clock& time,
    const token_secret& secret,
    outgoing_sender sender,
    std::function<void()> wake,
    notification_statistics& statistics
)
    : session_(std::move(session)), options_(std::move(options)), time_(time), secret_(secret),
      wake_(std::move(wake)), statistics_(statistics), sender_(std::move(sender)) {
  session_.open();
  persistence::release_claims(session_, channel, options_.node_name, delivery_limit);
}

bool webhook_dispatcher::step() {
  if (!session_.is_open()) session_.open();
  report_answers();
  const bool more = give_up_some();
  if (under_way_ >= options_.most_under_way) return more; // an answer wakes it
  const persistence::delivery_room room{
      static_cast<int>(options_.most_under_way - under_way_),
      options_.most_of_a_tenant,
      options_.most_troubled,
      options_.most_troubled_of_a_tenant};
  const auto claimed =
      persistence::claim_deliveries(session_, options_.node_name, room, options_.lease, delivery_limit);
  for (const auto& one : claimed) {
    const auto delivery = persistence::begin_delivery(session_, one, options_.lease, delivery_limit);
    if (delivery) {
      deliver(*delivery);
    } else {
      persistence::report(session_, one, {notification_status::skipped, {}, {}, {}}, delivery_limit);
      ++statistics_.skipped;
    }
  }
  return more || !claimed.empty();
}

void webhook_dispatcher::deliver(const webhook_delivery& delivery) {
  ++under_way_;
  crash_point("webhook-claimed");
  auto done = [answers = answers_,
               wake = wake_,
               one = delivery.of,
               was_troubled = delivery.is_troubled,
               &time = time_,
               begun = time_.now()](outgoing_outcome outcome) {
    {
      const std::lock_guard lock(answers->mutex);
      answers->waiting.push_back({one, was_troubled, std::move(outcome), time.now() - begun});
    }
    wake();
  };
  sender_(request_of(delivery), std::move(done));
}

outgoing_request webhook_dispatcher::request_of(const webhook_delivery& delivery) const {
  const auto& one = delivery.of;
  const auto id = to_string(one.id);
  const auto& body = one.variables.at("body");
  const auto now = to_microseconds(time_.now()) / 1'000'000;
  auto signatures =
      webhook_signature(webhook_secret(secret_, one.recipient, delivery.secret_generation), id, now, body);
  if (delivery.old_secret_signs)
    signatures +=
        " " + webhook_signature(
                  webhook_secret(secret_, one.recipient, delivery.secret_generation - 1), id, now, body
              );
  outgoing_request request;
  request.method = "POST";
  request.url = delivery.url;
  request.headers = {
      {"Content-Type", "application/json"},
      {"webhook-id", id},
      {"webhook-timestamp", std::to_string(now)},
      {"webhook-signature", signatures}};
  request.body = body;
  request.public_addresses_only = true;
  request.admits = [url = delivery.url, allowed = options_.allowed](std::string_view address) {
    return may_connect(url, address, allowed);
  };
  request.plain_anywhere = true; // where it may go is looked at when it connects
  request.attempt_limit = request.whole_limit = options_.attempt_limit;
  request.most_bytes = most_answer_bytes;
  return request;
}

void webhook_dispatcher::report_answers() {
  std::vector<answered> all;
  {
    const std::lock_guard lock(answers_->mutex);
    all.swap(answers_->waiting);
  }
  for (const auto& one : all) {
    --under_way_;
    report(one);
  }
}

void webhook_dispatcher::report(const answered& told) {
  const auto& one = told.one;
  if (told.outcome.failure == outgoing_failure::stopped) return; // its claim ends by itself
  auto report = report_of(outcome_of(told.outcome), one.attempts + 1, chance(), policy);
  report.provider = "webhook";
  try {
    judge(told, report.outcome);
  } catch (const pg::error& why) {
    // Whether it is paused is no reason to lose what others answered; the endpoint may be gone as well.
    if (!why.rolled_back()) throw;
    spdlog::warn("the conduct of {} is not known: {}", one.recipient, why.what());
  }
  if (report.status == notification_status::queued && time_.now() - one.created_at > most_age)
    report.status = notification_status::dead;
  if (const int status = told.outcome.answer.status; status != 0)
    persistence::note_answer(session_, one, status, delivery_limit);
  if (!persistence::report(session_, one, report, delivery_limit)) return;
  if (report.status == notification_status::sent) ++statistics_.sent;
  if (report.status == notification_status::dead) ++statistics_.dead;
  if (report.outcome.failure == delivery_failure::none) return;
  ++statistics_.failed;
  spdlog::info(
      "webhook {} ({}) to {}: {} after {} attempts: {}",
      to_string(one.id),
      one.kind,
      one.recipient,
      to_string(report.outcome.failure),
      one.attempts + 1,
      report.outcome.detail
  );
}

/// Before the claim ends, so that nothing more goes there meanwhile.
void webhook_dispatcher::judge(const answered& told, const delivery_outcome& outcome) {
  const auto conduct = conduct_of(outcome, told.took);
  if (conduct == endpoint_conduct::prompt) {
    away_.erase(told.one.recipient);
    if (told.was_troubled) persistence::end_troubles(session_, told.one, delivery_limit);
    return;
  }
  if (conduct == endpoint_conduct::failed) away_.insert(told.one.recipient);
  const auto troubles = persistence::note_trouble(session_, told.one, delivery_limit);
  const auto pause = pause_after(conduct, troubles, chance(), outcome, told.took);
  persistence::pause_endpoint(session_, told.one, pause, delivery_limit);
}

/// What waits behind a pause is not tried often enough to find out one by one that it is too old. A portion
/// of one endpoint each time; true: there is more.
bool webhook_dispatcher::give_up_some() {
  if (away_.empty()) return false;
  const auto endpoint = *away_.begin();
  std::int64_t dead = 0;
  try {
    dead = persistence::give_up_waiting(session_, endpoint, most_age, delivery_limit);
  } catch (const pg::error& why) {
    if (!why.rolled_back()) throw; // else when it fails the next time
    spdlog::warn("what waits for {} is not given up: {}", endpoint, why.what());
  }
  statistics_.dead += static_cast<std::uint64_t>(dead);
  if (dead < persistence::most_given_up) away_.erase(endpoint);
  return !away_.empty();
}

} // namespace tessera
