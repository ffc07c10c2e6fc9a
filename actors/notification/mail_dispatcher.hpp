#pragma once

#include "actors/notification/worker.hpp"
#include "actors/providers/mail_provider.hpp"
#include "actors/support/token_secret.hpp"
#include "persistence/pg/connection.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

namespace tessera {

struct mail_options {
  std::string node_name;
  std::string base_url; // of links
  std::string from;     // the address that mails come from
  std::chrono::seconds lease{60};
  int page = 10;
};

struct notification_statistics {
  std::atomic<std::uint64_t> sent{0};
  std::atomic<std::uint64_t> failed{0}; // attempts
  std::atomic<std::uint64_t> dead{0};
  std::atomic<std::uint64_t> skipped{0};
};

/// Claims mails, looks once more whether each is still wanted, and hands it over. A crash between the
/// hand-over and the report means that it goes out once more, with the same bytes and the same Message-ID.
class mail_dispatcher final : public portioned_work {
public:
  mail_dispatcher(
      pg::session_options session,
      mail_options options,
      const token_secret& secret,
      std::unique_ptr<mail_provider> provider,
      notification_statistics& statistics,
      const std::atomic<bool>& stopping
  );
  bool step() override;

private:
  void dispatch(const claimed_notification& one);
  outgoing_mail write(const claimed_notification& one);
  void report(const claimed_notification& one, const delivery_report& told);

  pg::connection session_;
  mail_options options_;
  const token_secret& secret_;
  std::unique_ptr<mail_provider> provider_;
  notification_statistics& statistics_;
  const std::atomic<bool>& stopping_;
};

} // namespace tessera
