#pragma once

#include "actors/notification/provider_dispatcher.hpp"
#include "actors/providers/sms_provider.hpp"

#include <memory>
#include <string>
#include <vector>

namespace tessera {

struct sms_options {
  dispatch_options dispatch;
  std::string base_url;    // of links
  double limits_scale = 1; // of how many go to a number
};

/// Writes SMS and hands them over: to the countries of the tenant's policy, three segments at most, and no
/// more to a number than the rules of W-35 say.
class sms_dispatcher final : public provider_dispatcher<sms_provider, outgoing_sms> {
public:
  sms_dispatcher(
      pg::session_options session,
      const sms_options& options,
      const token_secret& secret,
      std::vector<std::unique_ptr<sms_provider>> providers, // the first one first
      const clock& time,
      notification_statistics& statistics,
      const std::atomic<bool>& stopping
  );

private:
  digest hash_of(const std::string& recipient) const override;
  std::string masked(const std::string& recipient) const override;
  std::string objection_to(const claimed_notification& one) override;
  outgoing_sms write(const claimed_notification& one, const message_draft& draft) const override;

  double limits_scale_;
};

} // namespace tessera
