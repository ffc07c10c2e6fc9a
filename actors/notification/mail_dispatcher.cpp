#include "actors/notification/mail_dispatcher.hpp"

#include "actors/notification/mail_bytes.hpp"
#include "actors/support/email_address.hpp"
#include "actors/support/sha256.hpp"

#include <utility>

namespace tessera {

mail_dispatcher::mail_dispatcher(
    pg::session_options session,
    const mail_options& options,
    const token_secret& secret,
    std::vector<std::unique_ptr<mail_provider>> providers,
    const clock& time,
    notification_statistics& statistics,
    const std::atomic<bool>& stopping
)
    : provider_dispatcher(
          notification_channel::email,
          "mail",
          std::move(session),
          options.dispatch,
          {secret, options.base_url},
          std::move(providers),
          time,
          statistics,
          stopping
      ),
      from_(options.from) {}

digest mail_dispatcher::hash_of(const std::string& recipient) const {
  return sha256::local()(email_key(recipient).value_or(recipient));
}

std::string mail_dispatcher::masked(const std::string& recipient) const {
  return masked_email(recipient);
}

outgoing_mail mail_dispatcher::write(const claimed_notification& one, const message_draft& draft) const {
  const auto said = render(draft.wording, notification_channel::email, draft.values, draft.look);
  mail message;
  message.id = to_string(one.id);
  message.from = {draft.from_name, from_};
  message.subject = said.subject;
  message.text = said.text;
  message.html = said.html;
  message.date = one.created_at;
  // In the envelope and the header alike a domain is ASCII.
  message.to.address = email_key(one.recipient).value_or(one.recipient);
  return {message.id, from_, message.to.address, mail_bytes(message)};
}

} // namespace tessera
