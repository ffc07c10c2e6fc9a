#pragma once

#include "http/server/options.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace tessera::config {

/// A text that is never printed: it has no stream operator, and `render` shows `***`.
class secret {
public:
  secret() = default;
  explicit secret(std::string text) : text_(std::move(text)) {}
  const std::string& reveal() const { return text_; }
  bool empty() const { return text_.empty(); }
  friend bool operator==(const secret&, const secret&) = default;

private:
  std::string text_;
};

struct database_settings {
  secret url; // may carry a password
  std::string url_file;
};

struct http_settings {
  http::server_options server;
  std::string admin_address; // empty: the public listener when that is on loopback, else 127.0.0.1
  std::uint16_t admin_port = 9464;
  std::string port_file;                    // gets the port that was bound; empty: none
  std::vector<std::string> trusted_proxies; // networks whose X-Forwarded-For counts
};

struct cluster_settings {
  std::string node_name; // empty in the file: the host's name
  std::chrono::milliseconds lease_ttl{3'000};
  std::chrono::milliseconds alone_lease_ttl{30'000};
  std::chrono::milliseconds heartbeat{1'000};
};

struct journal_settings {
  unsigned lanes = 1;
  std::size_t max_round = 1'000;  // entries
  std::size_t max_depth = 20'000; // entries that wait in all lanes; above it 503
};

struct account_settings {
  std::chrono::seconds idle_passivation{300};
  std::chrono::seconds snapshot_interval{60};
  std::size_t key_window_bytes = 64u << 20;
};

struct actor_settings {
  unsigned threads = 1;
  unsigned max_throughput = 50; // messages of one actor before the next one runs
};

enum class log_level { trace, debug, info, warn, error };
enum class log_format { json, text };

struct log_settings {
  log_level level = log_level::info;
  std::string file; // empty: standard output
  log_format format = log_format::json;
};

struct payment_settings {
  bool allow_test = false;
  std::chrono::milliseconds poll{1'000};
  std::chrono::milliseconds check_after{60'000};
  std::chrono::milliseconds events_every{60'000};
};

struct stripe_settings {
  std::string api_base = "https://api.stripe.com";
  secret secret_key; // empty: nobody can pay by card
  std::string secret_key_file;
  secret webhook_secret; // several with commas, while they change
  std::string webhook_secret_file;
};

struct auth_settings {
  std::string signing_key_file = "var/signing-key.pem"; // made when it is not there
  std::chrono::seconds access_ttl{900};
  std::chrono::seconds refresh_ttl{30 * 86'400};
  std::string issuers_file; // empty: our own tokens only
  secret token_secret;      // empty: that of a file beside the signing keys, made when it is not there
  std::string token_secret_file;
};

struct limit_settings {
  double scale = 1; // multiplies every rate limit and quota; cool-downs are divided by it
  std::int64_t key_calls_per_second = 0; // 0: no limit
  std::int64_t user_calls_per_minute = 6'000;
  std::int64_t unauthenticated_calls_per_minute = 6'000;
};

struct invitation_settings {
  std::int64_t retention_days = 90; // after its end an invitation says whom it was for
};

struct smtp_settings {
  secret url; // may carry a password; empty: mails go to the spool
  std::string url_file;
  secret fallback_url; // asked when the first one is away; empty: there is none
  std::string fallback_url_file;
  std::string from = "no-reply@localhost";
  std::string ca_file; // trusted besides the system's
};

struct sms_settings {
  std::string api_base = "https://api.twilio.com";
  std::string account_sid; // empty: SMS go to the spool
  secret auth_token;
  std::string auth_token_file;
  std::string from;
};

struct notification_settings {
  std::chrono::hours keep{90 * 24}; // what is over
};

struct webhook_settings {
  std::vector<std::string> allow_private; // networks
};

/// Everything the service can be told, with its defaults. `load` fills it; nobody reads the environment
/// later.
struct settings {
  std::string public_base_url; // without a slash at the end; empty: the address of the listener
  secret operator_key;         // empty: no operator over HTTP
  std::string operator_key_file;
  database_settings database;
  http_settings http;
  cluster_settings cluster;
  journal_settings journal;
  account_settings accounts;
  actor_settings actors;
  log_settings log;
  payment_settings payments;
  stripe_settings stripe;
  auth_settings auth;
  limit_settings limits;
  invitation_settings invitations;
  smtp_settings smtp;
  sms_settings sms;
  notification_settings notifications;
  webhook_settings webhooks;
  std::string spool_dir = "var/spool"; // where messages go that no provider is configured for
};

/// Where /metrics listens; `own_port` is false when it is part of the public listener.
struct admin_endpoint {
  bool own_port = false;
  std::string address;
  std::uint16_t port = 0;
};
admin_endpoint admin_endpoint_of(const http_settings& http);

/// True for 127.0.0.0/8 and ::1.
bool is_loopback(const std::string& address);
/// True for what stands for every address of the host: 0.0.0.0 and ::.
bool is_wildcard(const std::string& address);

} // namespace tessera::config
