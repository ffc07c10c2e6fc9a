#include "tools/tessera/mail_providers.hpp"

#include "actors/providers/mail_spool.hpp"
#include "actors/providers/smtp_client.hpp"

namespace tessera::cli {

notifications::mail_provider_factory mail_provider_of(const config::settings& settings) {
  if (settings.smtp.url.empty())
    return [directory = settings.spool_dir](const std::atomic<bool>&) {
      return std::make_unique<mail_spool>(directory);
    };
  return [options = smtp_options{settings.smtp.url.reveal(), settings.smtp.ca_file}](
             const std::atomic<bool>& stopping
         ) { return std::make_unique<smtp_client>(options, stopping); };
}

address_ranges ranges_of(const std::vector<std::string>& networks) {
  address_ranges ranges;
  for (const auto& text : networks) // they were checked when they were read
    if (const auto range = address_range::parse(text)) ranges.push_back(*range);
  return ranges;
}

} // namespace tessera::cli
