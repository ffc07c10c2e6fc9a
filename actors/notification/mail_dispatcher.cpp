#include "actors/notification/mail_dispatcher.hpp"

#include "actors/domain/delivery_retry.hpp"
#include "actors/domain/message_templates.hpp"
#include "actors/domain/notification_rules.hpp"
#include "actors/notification/links.hpp"
#include "actors/notification/mail_bytes.hpp"
#include "actors/support/crash_point.hpp"
#include "actors/support/email_address.hpp"
#include "actors/support/identifiers.hpp"
#include "actors/support/sha256.hpp"
#include "persistence/stores/notification_store.hpp"

#include <spdlog/spdlog.h>

#include <stdexcept>
#include <utility>

namespace tessera {

namespace {

using namespace std::chrono_literals;

constexpr auto channel = notification_channel::email;
constexpr std::chrono::milliseconds limit = 2'000ms;

/// From [0, 1): which notification waits how long is nobody's secret.
double chance() {
  std::uint32_t bits = 0;
  random_bytes(&bits, sizeof bits);
  return bits / 4294967296.0;
}

digest recipient_hash(const std::string& address) {
  return sha256::local()(email_key(address).value_or(address));
}

} // namespace

mail_dispatcher::mail_dispatcher(
    pg::session_options session,
    mail_options options,
    const token_secret& secret,
    std::unique_ptr<mail_provider> provider,
    notification_statistics& statistics,
    const std::atomic<bool>& stopping
)
    : session_(std::move(session)), options_(std::move(options)), secret_(secret),
      provider_(std::move(provider)), statistics_(statistics), stopping_(stopping) {
  session_.open();
  persistence::release_claims(session_, channel, options_.node_name, limit);
}

bool mail_dispatcher::step() {
  if (!session_.is_open()) session_.open();
  const auto claimed = persistence::claim_notifications(
      session_, channel, options_.node_name, options_.page, options_.lease, limit
  );
  for (const auto& one : claimed) {
    if (stopping_) return false; // the next one who runs finds the rest
    dispatch(one);
  }
  return !claimed.empty();
}

void mail_dispatcher::dispatch(const claimed_notification& one) {
  const auto* rule = find_rule(one.kind, channel);
  const auto ready = persistence::begin_attempt(
      session_,
      one,
      channel,
      rule ? rule->while_so : still_wanted::by_the_user,
      recipient_hash(one.recipient),
      options_.lease,
      limit
  );
  switch (ready) {
  case persistence::readiness::lost: return;
  case persistence::readiness::unwanted: return report(one, {notification_status::skipped, {}, {}, {}});
  case persistence::readiness::suppressed: return report(one, {notification_status::suppressed, {}, {}, {}});
  case persistence::readiness::ready: break;
  }
  delivery_outcome outcome;
  try {
    const auto message = write(one);
    crash_point("mail-written");
    outcome = provider_->send(message);
    crash_point("mail-handed-over");
  } catch (const pg::error&) {
    throw;
  } catch (const std::exception& why) {
    outcome = {delivery_failure::permanent_config, why.what(), {}, {}};
  }
  auto told = report_of(std::move(outcome), one.attempts + 1, chance());
  told.provider = provider_->name();
  report(one, told);
}

outgoing_mail mail_dispatcher::write(const claimed_notification& one) {
  const auto* kind = find_template_kind(one.template_key, channel);
  if (!kind) throw std::runtime_error("there is no template " + one.template_key);
  const auto paper = persistence::find_stationery(session_, one, channel, locales_of(one.locale), limit);
  const auto wording =
      paper.text.empty() ? kind->built_in : message_template{paper.subject, paper.html, paper.text};
  auto values = one.variables;
  values["organizationName"] = paper.organization;
  // Never to where the tenant's branding says: whoever words that would get the tokens of others.
  add_links(values, one, secret_, options_.base_url);
  const auto said = render(wording, channel, values, paper.look);
  mail message;
  message.id = to_string(one.id);
  message.from = {paper.from_name, options_.from};
  message.subject = said.subject;
  message.text = said.text;
  message.html = said.html;
  message.date = one.created_at;
  // In the envelope and the header alike a domain is ASCII.
  message.to.address = email_key(one.recipient).value_or(one.recipient);
  return {message.id, options_.from, message.to.address, mail_bytes(message)};
}

void mail_dispatcher::report(const claimed_notification& one, const delivery_report& told) {
  if (!persistence::report(session_, one, told, limit)) return;
  const auto failure = told.outcome.failure;
  if (failure == delivery_failure::permanent_recipient)
    persistence::suppress_recipient(
        session_, one, channel, recipient_hash(one.recipient), masked_email(one.recipient), limit
    );
  if (told.status == notification_status::sent) ++statistics_.sent;
  if (told.status == notification_status::dead) ++statistics_.dead;
  if (told.status == notification_status::skipped) ++statistics_.skipped;
  if (failure == delivery_failure::none) return;
  ++statistics_.failed;
  spdlog::warn(
      "notification {} ({}) to {}: {} after {} attempts: {}",
      to_string(one.id),
      one.kind,
      masked_email(one.recipient),
      to_string(failure),
      one.attempts + 1,
      told.outcome.detail
  );
}

} // namespace tessera
