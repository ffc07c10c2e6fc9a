#pragma once

#include "actors/notification/message_dispatcher.hpp"
#include "actors/notification/provider_line.hpp"
#include "actors/providers/mail_provider.hpp"
#include "actors/support/token_secret.hpp"

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
class mail_dispatcher final : public message_dispatcher {
public:
  mail_dispatcher(
      pg::session_options session,
      mail_options options,
      const token_secret& secret,
      std::vector<std::unique_ptr<mail_provider>> providers, // the first one first
      const clock& time,
      notification_statistics& statistics,
      const std::atomic<bool>& stopping
  );

private:
  int most_now(int page) override { return providers_.admits(page); }
  digest hash_of(const std::string& recipient) const override;
  std::string masked(const std::string& recipient) const override;
  handed_over hand_over(const claimed_notification& one) override;
  outgoing_mail write(const claimed_notification& one);

  mail_options options_;
  const token_secret& secret_;
  provider_line<mail_provider> providers_;
};

} // namespace tessera
