#include "config/keys.hpp"

#include "config/key_types.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace tessera::config {

namespace {

// Names the place of a value in `settings`, for reading and for writing.
// clang-format off
#define FIELD(place) [](auto& s) -> auto& { return s.place; } // NOLINT(bugprone-macro-parentheses): no expression
// clang-format on

constexpr std::int64_t a_day_ms = 86'400'000;
constexpr std::int64_t megabyte = 1 << 20;

/// Also takes `address:port`.
key admin_address() {
  auto row = text(
      "http.admin_address",
      FIELD(http.admin_address),
      check_admin_address,
      "Where /metrics listens: `address` or `address:port`. Empty: the public listener when that is on "
      "loopback, else 127.0.0.1."
  );
  row.assign = [plain = row.assign](settings& s, std::string_view given) -> std::string {
    const auto colon = given.rfind(':');
    if (colon == given.npos || given.find(':') != colon) return plain(s, given);
    std::uint16_t port = 0;
    if (!parse_number(given.substr(colon + 1), port))
      return "must end with a port from 0 to 65535 after the colon";
    auto reason = plain(s, given.substr(0, colon));
    if (reason.empty()) s.http.admin_port = port;
    return reason;
  };
  return row;
}

// A table reads better as one.
// clang-format off
const choices<log_level> levels = {
    {"trace", log_level::trace}, {"debug", log_level::debug}, {"info", log_level::info},
    {"warn", log_level::warn}, {"error", log_level::error}};
const choices<log_format> formats = {{"json", log_format::json}, {"text", log_format::text}};

std::vector<key> make_keys() {
  return {
    text("public_base_url", FIELD(public_base_url), check_base_url,
         "What clients and mails use to reach the service, without a slash at the end. Empty: the listener's address."),
    secret_text("operator_key", FIELD(operator_key), check_operator_key, secrecy::hidden,
         "The operator's bearer token, 16 characters or more. Without it there is no operator over HTTP."),
    text("operator_key_file", FIELD(operator_key_file), check_nothing, "A file that holds the operator's key."),
    text("spool_dir", FIELD(spool_dir), check_not_empty,
         "A directory for mails and SMS that no provider is configured for: a file each."),

    secret_text("database.url", FIELD(database.url), check_database_url, secrecy::masked,
         "postgresql:// URL of the service's database."),
    text("database.url_file", FIELD(database.url_file), check_nothing, "A file that holds the database URL."),

    text("http.address", FIELD(http.server.address), check_address, "Where the service listens: an IP address."),
    integer("http.port", FIELD(http.server.port), {0, 65'535}, "0: any free port."),
    text("http.port_file", FIELD(http.port_file), check_nothing, "A file that gets the port, for whoever chose 0."),
    admin_address(),
    integer("http.admin_port", FIELD(http.admin_port), {0, 65'535},
         "Port of /metrics when it has a listener of its own."),
    integer("http.threads", FIELD(http.server.threads), {1, 256}, "Threads that read and write requests."),
    integer("http.max_connections", FIELD(http.server.max_connections), {1, megabyte}, "More are closed at once."),
    integer("http.max_in_flight", FIELD(http.server.max_in_flight), {1, megabyte},
         "Requests of one thread that wait for an answer; above it 503."),
    integer("http.max_header_bytes", FIELD(http.server.max_header_bytes), {1'024, megabyte},
         "Larger header blocks are refused with 431."),
    integer("http.max_headers", FIELD(http.server.max_headers), {8, 1'024}, "More headers are refused with 431."),
    integer("http.header_timeout_ms", FIELD(http.server.header_timeout), {10, a_day_ms},
         "A request's header must have arrived after this time."),
    integer("http.idle_timeout_ms", FIELD(http.server.idle_timeout), {10, a_day_ms},
         "A connection without a request is closed after this time."),
    integer("http.min_body_bytes_per_second", FIELD(http.server.min_body_bytes_per_second), {1, megabyte},
         "Slower bodies are dropped."),
    integer("http.max_wait_ms", FIELD(http.server.max_wait), {1, 60'000},
         "Requests that would wait longer are shed."),
    integer("http.drain_timeout_ms", FIELD(http.server.drain_timeout), {0, 4'000},
         "How long a stop waits for requests in flight. The whole stop has 9 s."),
    list("http.trusted_proxies", FIELD(http.trusted_proxies), check_network,
         "Networks, with commas, whose X-Forwarded-For says where a request comes from. None: not even loopback."),
    list("http.allowed_origins", FIELD(http.server.allowed_origins), check_origin,
         "Origins, with commas, of pages whose scripts may call and read the answers (CORS)."),

    text("cluster.node_name", FIELD(cluster.node_name), check_node_name,
         "A restarted node takes back the shards of its own name. Empty: the host's name."),
    integer("cluster.lease_ttl_ms", FIELD(cluster.lease_ttl), {100, 600'000},
         "A dead node's shards move after this time."),
    integer("cluster.alone_lease_ttl_ms", FIELD(cluster.alone_lease_ttl), {100, 600'000},
         "The same for a node without company: so long it reads balances while the database is away."),
    integer("cluster.heartbeat_ms", FIELD(cluster.heartbeat), {10, 300'000},
         "How often a lease is renewed; at most half its time."),

    integer("journal.lanes", FIELD(journal.lanes), {1, 64},
         "Connections that write the ledger. One is best on two cores."),
    integer("journal.max_round", FIELD(journal.max_round), {1, 100'000}, "Entries in one commit; an atomic batch is one, whatever its size."),
    integer("journal.max_depth", FIELD(journal.max_depth), {1, 10'000'000}, "Entries that wait; above it 503. An atomic batch must fit."),

    integer("accounts.idle_passivation_seconds", FIELD(accounts.idle_passivation), {1, 86'400},
         "An account without traffic leaves memory after this time."),
    integer("accounts.snapshot_interval_seconds", FIELD(accounts.snapshot_interval), {1, 86'400},
         "How often a busy account's state is kept, to restart faster."),
    integer("accounts.key_window_bytes", FIELD(accounts.key_window_bytes), {megabyte, megabyte * megabyte},
         "Memory for recent idempotency keys."),

    integer("actors.threads", FIELD(actors.threads), {1, 256}, "Threads that run actors."),
    integer("actors.max_throughput", FIELD(actors.max_throughput), {1, 100'000},
         "Messages of one actor before the next one runs."),

    choice("log.level", FIELD(log.level), levels, "trace, debug, info, warn or error."),
    text("log.file", FIELD(log.file), check_nothing, "Empty: standard output."),
    choice("log.format", FIELD(log.format), formats, "json or text."),

    boolean("payments.allow_test", FIELD(payments.allow_test),
         "Accepts paymentMethod `test`, which settles without money. Never in production."),
    integer("payments.poll_ms", FIELD(payments.poll), {10, 60'000},
         "How often it is looked for payments that somebody has to look after."),
    integer("payments.check_after_ms", FIELD(payments.check_after), {10, a_day_ms},
         "When the provider is asked what became of a payment of which nothing was heard; then after 10 and 60 times that."),
    integer("payments.events_every_ms", FIELD(payments.events_every), {10, a_day_ms},
         "How often the provider is asked for events that never arrived."),

    text("stripe.api_base", FIELD(stripe.api_base), check_base_url, "Where Stripe's API is; a sandbox stands elsewhere."),
    secret_text("stripe.secret_key", FIELD(stripe.secret_key), check_nothing, secrecy::hidden,
         "The secret key of the Stripe account. Without it nobody can pay with `stripe`."),
    text("stripe.secret_key_file", FIELD(stripe.secret_key_file), check_nothing, "A file that holds it."),
    secret_text("stripe.webhook_secret", FIELD(stripe.webhook_secret), check_nothing, secrecy::hidden,
         "What signs Stripe's webhooks (`whsec_...`); several with commas, while they change."),
    text("stripe.webhook_secret_file", FIELD(stripe.webhook_secret_file), check_nothing, "A file that holds it."),

    text("auth.signing_key_file", FIELD(auth.signing_key_file), check_not_empty,
         "Private keys (PEM, Ed25519 or P-256) of access tokens; the first one signs. Made at the first start."),
    integer("auth.access_ttl_seconds", FIELD(auth.access_ttl), {1, 3'540},
         "How long an access token is good. Less than the hour for which nodes remember ended sessions."),
    integer("auth.refresh_ttl_seconds", FIELD(auth.refresh_ttl), {60, 31'536'000},
         "A session that is not renewed for this time is over."),
    text("auth.issuers_file", FIELD(auth.issuers_file), check_nothing,
         "JSON that says whose tokens are believed besides our own: [{iss, aud, jwksFile or jwksUrl, algs, tenantId}]."),
    secret_text("auth.token_secret", FIELD(auth.token_secret), check_token_secret, secrecy::hidden,
         "What the tokens of links in mails are derived from, 32 characters or more, the same on all nodes. Without it: the file token-secret beside the signing keys, made at the first start."),
    text("auth.token_secret_file", FIELD(auth.token_secret_file), check_nothing, "A file that holds the secret of tokens."),

    positive("limits.scale", FIELD(limits.scale),
         "Multiplies every rate limit and quota; cool-downs are divided by it."),
    integer("limits.key_calls_per_second", FIELD(limits.key_calls_per_second), {0, 1'000'000'000},
         "Calls of one API key. 0: as many as the node can do."),
    integer("limits.user_calls_per_minute", FIELD(limits.user_calls_per_minute), {0, 1'000'000'000},
         "Calls of one user. 0: no limit."),
    integer("limits.unauthenticated_calls_per_minute", FIELD(limits.unauthenticated_calls_per_minute), {0, 1'000'000'000},
         "Calls from one address that no key or token lets in. 0: no limit."),

    integer("invitations.retention_days", FIELD(invitations.retention_days), {1, 400},
         "So long after its end an invitation says whom it was for; then a hash of the address and the counts stay."),

    secret_text("smtp.url", FIELD(smtp.url), check_smtp_url, secrecy::masked,
         "smtp://[user:password@]host[:port], STARTTLS where it is offered and always with credentials; smtps:// for TLS from the start. Empty: mails go to the spool."),
    text("smtp.url_file", FIELD(smtp.url_file), check_nothing, "A file that holds the URL of the mail server."),
    secret_text("smtp.fallback_url", FIELD(smtp.fallback_url), check_smtp_url, secrecy::masked,
         "Another mail server, as smtp.url, that is asked while the first one is away. Empty: none."),
    text("smtp.fallback_url_file", FIELD(smtp.fallback_url_file), check_nothing, "A file that holds the URL of the other mail server."),
    text("smtp.from", FIELD(smtp.from), check_mail_address, "The address that mails come from."),
    text("smtp.ca_file", FIELD(smtp.ca_file), check_nothing,
         "Certificates (PEM) that the mail server's may be signed by, besides the system's."),

    text("sms.api_base", FIELD(sms.api_base), check_base_url, "Where the API of the provider of SMS is, which is Twilio's."),
    text("sms.account_sid", FIELD(sms.account_sid), check_account_sid,
         "The account at the provider. Empty: SMS go to the spool."),
    secret_text("sms.auth_token", FIELD(sms.auth_token), check_sms_token, secrecy::hidden,
         "The account's token, with which the provider also signs what it tells us."),
    text("sms.auth_token_file", FIELD(sms.auth_token_file), check_nothing, "A file that holds the account's token."),
    text("sms.from", FIELD(sms.from), check_sms_sender,
         "Who SMS come from: a number, a name, or a messaging service (MG…)."),

    integer("notifications.keep_hours", FIELD(notifications.keep), {24, 87'600},
         "How long notifications, deliveries and their events are kept when they are over."),

    list("webhooks.allow_private", FIELD(webhooks.allow_private), check_network,
         "Networks, with commas, that webhooks may go to besides the public internet, there over http too."),
  };
}
// clang-format on
#undef FIELD

// Later features: their variables may be set already.
constexpr std::array<std::string_view, 1> reserved_prefixes = {"TESSERA_CLUSTER_"};
constexpr std::array<std::string_view, 2> reserved_names = {"TESSERA_JOURNAL_DISCARD", "TESSERA_CRASH_AT"};
} // namespace

std::span<const key> keys() {
  static const auto table = make_keys();
  return table;
}

const key* find_key(std::string_view name) {
  const auto here = std::ranges::find(keys(), name, &key::name);
  return here == keys().end() ? nullptr : &*here;
}

std::string variable_of(const key& k) {
  std::string name = "TESSERA_";
  for (const char c : k.name)
    name += c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

std::string flag_of(const key& k) {
  std::string name = "--";
  for (const char c : k.name)
    name += c == '.' || c == '_' ? '-' : c;
  return name;
}

const key* twin_of(const key& k) {
  if (k.visibility != secrecy::open) return find_key(std::string(k.name) + "_file");
  if (!k.name.ends_with("_file")) return nullptr;
  const auto* plain = find_key(k.name.substr(0, k.name.size() - 5));
  return plain != nullptr && plain->visibility != secrecy::open ? plain : nullptr;
}

bool is_reserved_variable(std::string_view variable) {
  return std::ranges::any_of(reserved_prefixes, [&](auto prefix) { return variable.starts_with(prefix); }) ||
         std::ranges::find(reserved_names, variable) != reserved_names.end();
}

} // namespace tessera::config
