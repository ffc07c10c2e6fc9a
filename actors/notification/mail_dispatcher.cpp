#include "actors/notification/mail_dispatcher.hpp"

#include "actors/domain/message_templates.hpp"
#include "actors/notification/links.hpp"
#include "actors/notification/mail_bytes.hpp"
#include "actors/support/crash_point.hpp"
#include "actors/support/email_address.hpp"
#include "actors/support/sha256.hpp"
#include "persistence/stores/notification_store.hpp"
#include "persistence/stores/waiting_store.hpp"

#include <stdexcept>
#include <utility>

namespace tessera {

namespace {

constexpr auto channel = notification_channel::email;
constexpr std::chrono::milliseconds limit{2'000};

} // namespace

mail_dispatcher::mail_dispatcher(
    pg::session_options session,
    mail_options options,
    const token_secret& secret,
    std::vector<std::unique_ptr<mail_provider>> providers,
    const clock& time,
    notification_statistics& statistics,
    const std::atomic<bool>& stopping
)
    : message_dispatcher(channel, std::move(session), options.dispatch, statistics, stopping),
      options_(std::move(options)), secret_(secret), providers_(std::move(providers), time) {}

digest mail_dispatcher::hash_of(const std::string& recipient) const {
  return sha256::local()(email_key(recipient).value_or(recipient));
}

std::string mail_dispatcher::masked(const std::string& recipient) const {
  return masked_email(recipient);
}

handed_over mail_dispatcher::hand_over(const claimed_notification& one) {
  const auto message = write(one);
  crash_point("mail-written");
  const auto pinned =
      one.attempts == 0 ? std::string() : persistence::provider_that_may_have_it(session(), one, limit);
  auto done = providers_.send(message, pinned);
  crash_point("mail-handed-over");
  return done;
}

outgoing_mail mail_dispatcher::write(const claimed_notification& one) {
  const auto* kind = find_template_kind(one.template_key, channel);
  if (!kind) throw std::runtime_error("there is no template " + one.template_key);
  const auto paper = persistence::find_stationery(session(), one, channel, locales_of(one.locale), limit);
  const auto wording =
      paper.text.empty() ? kind->built_in : message_template{paper.subject, paper.html, paper.text};
  auto values = one.variables;
  values["organizationName"] = paper.organization;
  // Never to where the tenant's branding says: whoever words that would get the tokens of others.
  add_links(values, one, channel, secret_, options_.base_url);
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

} // namespace tessera
