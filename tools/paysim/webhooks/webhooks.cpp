#include "tools/paysim/webhooks/webhooks.hpp"

#include "tools/paysim/webhooks/signature.hpp"

#include <algorithm>
#include <array>

namespace tessera::paysim {

namespace {

// After the first attempt. The provider takes days; that the first ones come soon is the sandbox's own.
constexpr std::array<std::int64_t, 12> retry_after_ms{
    1'000,
    5'000,
    30'000,
    300'000,
    1'800'000,
    7'200'000,
    18'000'000,
    36'000'000,
    43'200'000,
    43'200'000,
    43'200'000,
    43'200'000};
constexpr unsigned duplicated_percent = 30;
constexpr unsigned delayed_percent = 50;
constexpr std::uint64_t longest_delay_ms = 1'500;

bool wants(const document& endpoint, std::string_view type) {
  if (text_of(endpoint, "status") != "enabled") return false;
  const auto& wanted = endpoint.at("enabled_events").get_array();
  return std::ranges::any_of(wanted, [type](const auto& each) {
    return each.get_string() == "*" || std::string_view{each.get_string()} == type;
  });
}

std::vector<std::string> secrets_of(const document& endpoint) {
  std::vector<std::string> secrets;
  for (const auto& each : endpoint.at("_secrets").get_array())
    secrets.emplace_back(each.get_string());
  return secrets;
}

} // namespace

std::vector<document*> webhooks::endpoints_for(std::string_view type) {
  std::vector<document*> found;
  for (const auto& endpoint : documents_.all("webhook_endpoint"))
    if (wants(*endpoint, type)) found.push_back(endpoint.get());
  return found;
}

void webhooks::publish(document& event) {
  const auto endpoints = endpoints_for(text_of(event, "type"));
  event["pending_webhooks"] = endpoints.size();
  for (const auto* endpoint : endpoints) {
    const delivery given{std::string{text_of(event, "id")}, std::string{text_of(*endpoint, "id")}};
    hand_out(given);
    if (!options_.chaos || !luck_.percent(duplicated_percent)) continue;
    auto extra = given;
    extra.is_extra = true;
    hand_out(extra);
  }
}

void webhooks::resend(const document& event) {
  for (const auto* endpoint : endpoints_for(text_of(event, "type")))
    attempt({std::string{text_of(event, "id")}, std::string{text_of(*endpoint, "id")}, 0, true});
}

void webhooks::hand_out(const delivery& given) {
  const bool is_delayed = options_.chaos && luck_.percent(delayed_percent);
  const auto wait = is_delayed ? static_cast<std::int64_t>(luck_.below(longest_delay_ms)) : 0;
  clock_.after(wait, [this, given] { attempt(given); });
}

void webhooks::attempt(delivery given) {
  if (is_paused_) {
    held_.push_back(std::move(given));
    return;
  }
  const auto* event = documents_.find("event", given.event);
  const auto* endpoint = documents_.find("webhook_endpoint", given.endpoint);
  if (!event || !endpoint) return;
  if (to_drop_ > 0) {
    --to_drop_;
    ++counted_.dropped;
    return;
  }
  ++given.attempts;
  ++counted_.sent;
  auto body = to_json(shown(*event));
  auto signature = sign(body, options_.real_seconds(), secrets_of(*endpoint));
  const auto id = ++last_attempt_;
  open_.emplace(id, std::move(given));
  options_.send({id, std::string{text_of(*endpoint, "url")}, std::move(body), std::move(signature)});
}

void webhooks::answered(std::uint64_t attempt_id, unsigned status) {
  const auto found = open_.find(attempt_id);
  if (found == open_.end()) return;
  const auto given = std::move(found->second);
  open_.erase(found);
  if (status >= 200 && status < 300) return settle(given, true);
  ++counted_.failed;
  if (given.is_extra) return;
  if (given.attempts > retry_after_ms.size()) return settle(given, false);
  clock_.after(retry_after_ms[given.attempts - 1], [this, given] { attempt(given); });
}

void webhooks::settle(const delivery& given, bool delivered) {
  ++(delivered ? counted_.delivered : counted_.given_up);
  auto* event = documents_.find("event", given.event);
  if (!event || !delivered || given.is_extra) return;
  (*event)["pending_webhooks"] = std::max<std::int64_t>(number_of(*event, "pending_webhooks") - 1, 0);
}

void webhooks::resume() {
  is_paused_ = false;
  for (auto& each : std::exchange(held_, {}))
    attempt(std::move(each));
}

} // namespace tessera::paysim
