#pragma once

#include "actors/notification/provider_dispatcher.hpp"
#include "actors/providers/mail_provider.hpp"

#include <memory>
#include <string>
#include <vector>

namespace tessera {

struct mail_options {
  dispatch_options dispatch;
  std::string base_url; // of links
  std::string from;     // the address that mails come from
};

/// Writes mails and hands them over, with the same Message-ID at each attempt.
class mail_dispatcher final : public provider_dispatcher<mail_provider, outgoing_mail> {
public:
  mail_dispatcher(
      pg::session_options session,
      const mail_options& options,
      const token_secret& secret,
      std::vector<std::unique_ptr<mail_provider>> providers, // the first one first
      const clock& time,
      notification_statistics& statistics,
      const std::atomic<bool>& stopping
  );

private:
  digest hash_of(const std::string& recipient) const override;
  std::string masked(const std::string& recipient) const override;
  outgoing_mail write(const claimed_notification& one, const message_draft& draft) const override;

  std::string from_;
};

} // namespace tessera
