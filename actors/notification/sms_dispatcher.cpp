#include "actors/notification/sms_dispatcher.hpp"

#include "actors/domain/sms_rules.hpp"
#include "actors/domain/sms_text.hpp"
#include "actors/support/phone_number.hpp"
#include "actors/support/sha256.hpp"
#include "persistence/stores/sms_store.hpp"

#include <stdexcept>
#include <utility>

namespace tessera {

namespace {

constexpr std::chrono::milliseconds sms_limit{2'000};

} // namespace

sms_dispatcher::sms_dispatcher(
    pg::session_options session,
    const sms_options& options,
    const token_secret& secret,
    std::vector<std::unique_ptr<sms_provider>> providers,
    const clock& time,
    notification_statistics& statistics,
    const std::atomic<bool>& stopping
)
    : provider_dispatcher(
          notification_channel::sms,
          "sms",
          std::move(session),
          options.dispatch,
          {secret, options.base_url},
          std::move(providers),
          time,
          statistics,
          stopping
      ),
      limits_scale_(options.limits_scale) {}

digest sms_dispatcher::hash_of(const std::string& recipient) const {
  return sha256::local()(recipient);
}

std::string sms_dispatcher::masked(const std::string& recipient) const {
  return masked_phone(recipient);
}

std::string sms_dispatcher::objection_to(const claimed_notification& one) {
  const auto lately = persistence::sms_lately(
      session(), one, hash_of(one.recipient), std::string(sms_prefix(one.recipient)), sms_limit
  );
  if (lately.wants_none) return "whoever has the number wants none";
  const sms_standing standing{
      lately.countries, lately.tenant_is_new, lately.to_number_today, lately.to_prefix_today};
  return why_no_sms(one.recipient, standing, limits_scale_);
}

outgoing_sms sms_dispatcher::write(const claimed_notification& one, const message_draft& draft) const {
  auto said = render_sms(draft.wording.text, draft.values);
  if (!said)
    throw std::runtime_error(
        "it would be more than " + std::to_string(most_sms_segments) + " segments however short its names are"
    );
  const int segments = size_of_sms(*said).segments;
  return {to_string(one.id), one.recipient, std::move(*said), segments};
}

} // namespace tessera
