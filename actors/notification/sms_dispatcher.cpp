#include "actors/notification/sms_dispatcher.hpp"

#include "actors/domain/message_templates.hpp"
#include "actors/domain/sms_rules.hpp"
#include "actors/domain/sms_text.hpp"
#include "actors/notification/links.hpp"
#include "actors/support/crash_point.hpp"
#include "actors/support/phone_number.hpp"
#include "actors/support/sha256.hpp"
#include "persistence/stores/notification_store.hpp"
#include "persistence/stores/sms_store.hpp"
#include "persistence/stores/waiting_store.hpp"

#include <stdexcept>
#include <utility>

namespace tessera {

namespace {

constexpr auto channel = notification_channel::sms;
constexpr std::chrono::milliseconds limit{2'000};

} // namespace

sms_dispatcher::sms_dispatcher(
    pg::session_options session,
    sms_options options,
    const token_secret& secret,
    std::vector<std::unique_ptr<sms_provider>> providers,
    const clock& time,
    notification_statistics& statistics,
    const std::atomic<bool>& stopping
)
    : message_dispatcher(channel, std::move(session), options.dispatch, statistics, stopping),
      options_(std::move(options)), secret_(secret), providers_(std::move(providers), time) {}

digest sms_dispatcher::hash_of(const std::string& recipient) const {
  return sha256::local()(recipient);
}

std::string sms_dispatcher::masked(const std::string& recipient) const {
  return masked_phone(recipient);
}

std::string sms_dispatcher::objection_to(const claimed_notification& one) {
  const auto lately = persistence::sms_lately(
      session(), one, hash_of(one.recipient), std::string(sms_prefix(one.recipient)), limit
  );
  if (lately.wants_none) return "whoever has the number wants none";
  const sms_standing standing{
      lately.countries, lately.tenant_is_new, lately.to_number_today, lately.to_prefix_today};
  return why_no_sms(one.recipient, standing, options_.limits_scale);
}

handed_over sms_dispatcher::hand_over(const claimed_notification& one) {
  const auto message = write(one);
  crash_point("sms-written");
  const auto pinned =
      one.attempts == 0 ? std::string() : persistence::provider_that_may_have_it(session(), one, limit);
  auto done = providers_.send(message, pinned);
  crash_point("sms-handed-over");
  return done;
}

outgoing_sms sms_dispatcher::write(const claimed_notification& one) {
  const auto* kind = find_template_kind(one.template_key, channel);
  if (!kind) throw std::runtime_error("there is no template " + one.template_key);
  const auto paper = persistence::find_stationery(session(), one, channel, locales_of(one.locale), limit);
  auto values = one.variables;
  values["organizationName"] = paper.organization;
  add_links(values, one, channel, secret_, options_.base_url);
  const auto& wording = paper.text.empty() ? kind->built_in.text : paper.text;
  auto said = render_sms(wording, values);
  if (!said)
    throw std::runtime_error(
        "it would be more than " + std::to_string(most_sms_segments) + " segments however short its names are"
    );
  const int segments = size_of_sms(*said).segments;
  return {to_string(one.id), one.recipient, std::move(*said), segments};
}

} // namespace tessera
