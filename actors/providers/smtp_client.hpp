#pragma once

#include "actors/providers/mail_provider.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace tessera {

struct smtp_options {
  std::string name = "smtp";
  std::string url;     // smtp://[user:password@]host[:port] or smtps://…
  std::string ca_file; // certificates that are trusted besides the system's; empty: none
  std::chrono::milliseconds connect_limit{10'000};
  std::chrono::milliseconds limit{30'000}; // of one mail
};

/// A mail server. Whoever has credentials never sends them in the clear: without STARTTLS, or with a
/// certificate that can't be verified, there is no mail. What it answers is classified as in R-I 4.2; a
/// server that is gone after it had the whole mail may have it.
class smtp_client final : public mail_provider {
public:
  /// `stopping` ends a transfer, within a second.
  smtp_client(smtp_options options, const std::atomic<bool>& stopping);
  ~smtp_client() override;

  std::string_view name() const override;
  delivery_outcome send(const outgoing_mail& message) override;

private:
  class session;
  std::unique_ptr<session> session_;
};

/// What was answered by a reply.
enum class smtp_step : std::uint8_t { other, recipient, whole_mail };

/// What an SMTP reply that is not 2xx or 3xx means. It is the recipient's fault when RCPT was refused, or the
/// whole mail with words about the address; never when the sender or the connection was.
delivery_failure failure_of_reply(int code, std::string_view reply, smtp_step answered);

} // namespace tessera
