#include "tools/tessera/mail_providers.hpp"

#include "actors/providers/mail_spool.hpp"
#include "actors/providers/sms_spool.hpp"
#include "actors/providers/smtp_client.hpp"
#include "actors/providers/twilio_client.hpp"

#include <utility>
#include <vector>

namespace tessera::cli {

namespace {

/// A list of one or more, which are not copied.
template <class Provider, class... Made>
std::vector<std::unique_ptr<Provider>> line_of(std::unique_ptr<Made>... made) {
  std::vector<std::unique_ptr<Provider>> line;
  (line.push_back(std::move(made)), ...);
  return line;
}

} // namespace

notifications::mail_provider_factory mail_provider_of(const config::settings& settings) {
  const auto& smtp = settings.smtp;
  if (smtp.url.empty())
    return [directory = settings.spool_dir](const std::atomic<bool>&) {
      return line_of<mail_provider>(std::make_unique<mail_spool>(directory));
    };
  std::vector<smtp_options> all{{"smtp", smtp.url.reveal(), smtp.ca_file}};
  if (!smtp.fallback_url.empty()) all.push_back({"smtp_fallback", smtp.fallback_url.reveal(), smtp.ca_file});
  return [all](const std::atomic<bool>& stopping) {
    std::vector<std::unique_ptr<mail_provider>> line;
    for (const auto& options : all)
      line.push_back(std::make_unique<smtp_client>(options, stopping));
    return line;
  };
}

notifications::sms_provider_factory
sms_provider_of(const config::settings& settings, http_client& over, const std::string& callback_base) {
  const auto& sms = settings.sms;
  if (sms.account_sid.empty())
    return [directory = settings.spool_dir, from = sms.from](const std::atomic<bool>&) {
      return line_of<sms_provider>(std::make_unique<sms_spool>(directory, from));
    };
  twilio_options options{sms.api_base, sms.account_sid, sms.auth_token.reveal(), sms.from, {}};
  if (!callback_base.empty()) options.callback_url = callback_base + "/webhooks/sms/status";
  return [options, &over](const std::atomic<bool>& stopping) {
    return line_of<sms_provider>(std::make_unique<twilio_client>(options, over, stopping));
  };
}

address_ranges ranges_of(const std::vector<std::string>& networks) {
  address_ranges ranges;
  for (const auto& text : networks) // they were checked when they were read
    if (const auto range = address_range::parse(text)) ranges.push_back(*range);
  return ranges;
}

} // namespace tessera::cli
