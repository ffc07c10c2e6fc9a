#include "tools/tessera/node.hpp"

#include "actors/account/account.hpp"
#include "actors/cluster/lease_keeper.hpp"
#include "actors/database/database.hpp"
#include "actors/directory/directory.hpp"
#include "actors/journal/archive.hpp"
#include "actors/journal/lanes.hpp"
#include "actors/notification/notifications.hpp"
#include "actors/passwords/password_hasher.hpp"
#include "actors/payment/desk.hpp"
#include "actors/placement/placement.hpp"
#include "actors/providers/http_client.hpp"
#include "actors/providers/webhook_target.hpp"
#include "actors/support/email_pepper.hpp"
#include "actors/support/fault_switches.hpp"
#include "actors/support/identifiers.hpp"
#include "actors/support/outbox_bell.hpp"
#include "actors/support/sha256.hpp"
#include "actors/support/token_secret.hpp"
#include "actors/timers/invitation_chores.hpp"
#include "actors/timers/invitation_job_worker.hpp"
#include "actors/timers/invitation_timer.hpp"
#include "actors/timers/recurring_sweep.hpp"
#include "actors/timers/sweeper.hpp"
#include "http/gateway.hpp"
#include "http/routes/invitations/bulk.hpp"
#include "http/routes/service.hpp"
#include "http/routes/webhooks/sms.hpp"
#include "http/server/server.hpp"
#include "messages/protocols/account_actor.hpp"
#include "persistence/stores/alert_store.hpp"
#include "persistence/stores/cluster_store.hpp"
#include "persistence/stores/migrator.hpp"
#include "persistence/stores/pg_account_store.hpp"
#include "persistence/stores/pg_journal_store.hpp"
#include "tools/tessera/discarding_journal.hpp"
#include "tools/tessera/mail_providers.hpp"
#include "tools/tessera/metrics.hpp"
#include "tools/tessera/sign_in.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace tessera::cli {

namespace {

using namespace std::chrono_literals;

// Below the 2 s within which a write must be told that the database is away (contract 11).
constexpr std::chrono::milliseconds request_patience = 1'900ms;
// A round that takes longer is given up as unknown.
constexpr std::chrono::milliseconds round_limit = 3'000ms;
constexpr std::chrono::milliseconds account_limit = 5'000ms;

struct actor_config : caf::actor_system_config {
  explicit actor_config(const config::actor_settings& settings) {
    // The default policy starves and the default throughput lets one hot actor own a worker
    // (docs/decisions/0001).
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-throughput", std::size_t{settings.max_throughput});
    set("scheduler.max-threads", std::size_t{settings.threads});
  }
};

/// What is configured, else that of a file beside the signing keys.
token_secret secret_of_tokens(const config::auth_settings& settings) {
  if (!settings.token_secret.empty()) return token_secret(settings.token_secret.reveal());
  const std::filesystem::path keys(settings.signing_key_file);
  return token_secret::in_file((keys.parent_path() / "token-secret").string());
}

/// Returns the key of cursors.
digest check_schema(const std::string& url) {
  pg::connection session(persistence::writer_session(url, "tessera-start"));
  session.open();
  if (const auto why = persistence::schema_problem(session); !why.empty()) throw std::runtime_error(why);
  return persistence::cursor_key(session, account_limit);
}

/// What stands between commas.
std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> parts;
  std::istringstream from(list);
  for (std::string part; std::getline(from, part, ',');)
    if (!part.empty()) parts.push_back(part);
  return parts;
}

std::unique_ptr<persistence::pg_account_store> account_store(const std::string& url, const char* name) {
  return std::make_unique<persistence::pg_account_store>(url, name, account_limit);
}

} // namespace

class node::implementation {
public:
  implementation(const config::settings& settings, const std::function<bool()>& must_stop)
      : url_(settings.database.url.reveal()), settings_(settings), actor_config_(settings.actors),
        door_(settings.http.server.address, settings.http.server.port), incarnation_(make_uuid(time_.now())),
        token_secret_(secret_of_tokens(settings.auth)) {
    const auto admin = config::admin_endpoint_of(settings.http);
    if (admin.own_port) admin_door_.emplace(admin.address, admin.port);
    cursor_key_ = check_schema(url_);
    if (leases_are_ignored()) ownership_.ignore();
    lease_keeper_.emplace(
        lease_options{
            settings.cluster.node_name,
            settings.cluster.lease_ttl,
            std::max(settings.cluster.alone_lease_ttl, settings.cluster.lease_ttl),
            settings.cluster.heartbeat},
        persistence::writer_session(url_, "tessera-lease"),
        incarnation_,
        ownership_,
        time_,
        must_stop
    );
    keys_.emplace(settings.accounts.key_window_bytes);
    archive_.emplace(account_store(url_, "tessera-reader"), account_store(url_, "tessera-snapshots"), 200ms);
    lanes_.emplace(
        journal_options{
            settings.journal.lanes,
            settings.journal.max_round,
            settings.journal.max_depth,
            [this] { bell_.ring(); }},
        [this] { return journal_store(); }
    );
    actors_.emplace(actor_config_);
    accounts_.emplace([this](const account_id& id) {
      return actors_->spawn<caf::lazy_init + caf::hidden>(account, id, &*environment_);
    });
    environment_.emplace(account_environment{
        time_, *lanes_, *archive_, *accounts_, *keys_, ownership_, account_statistics_, incarnation_});
    sweeper_.emplace(
        sweeper_options{
            .snapshot_interval = settings.accounts.snapshot_interval,
            .idle = settings.accounts.idle_passivation},
        persistence::writer_session(url_, "tessera-sweeper"),
        *accounts_,
        time_,
        ownership_,
        [this] { return lanes_->has_room() && archive_->has_room(); }
    );
    invitations_.emplace(
        invitation_timer_options{}, persistence::writer_session(url_, "tessera-invitations")
    );
    invitation_chores_.emplace(
        recurring_sweep::options{.name = "invite-chores", .interval = std::chrono::seconds(2)},
        persistence::writer_session(url_, "tessera-chores"),
        invitation_chores({settings.invitations.retention_days, email_pepper(token_secret_)})
    );
    expiry_warnings_.emplace(
        recurring_sweep::options{.name = "expiry-warnings"},
        persistence::writer_session(url_, "tessera-warnings"),
        persistence::warn_of_expiry,
        [this] { bell_.ring(); }
    );
    database_.emplace(
        database_options{
            .url = url_,
            .workers = 2,
            .max_queued = 1'000,
            .secret = &token_secret_,
            .told = [this] { bell_.ring(); },
            .flaw_of_target = [allowed = ranges_of(settings.webhooks.allow_private)](const std::string& url
                              ) { return flaw_of_target(url, allowed); }},
        incarnation_,
        time_
    );
    directory_.emplace(url_);
    passwords_.emplace();
    provider_.emplace();
    payments_.emplace(
        desk_options(),
        *provider_,
        time_,
        [this](const account_id& account, std::function<void()> then) { nudge(account, std::move(then)); }
    );
    notifications_.emplace(
        *actors_,
        notification_options{
            {{settings.cluster.node_name}, base_url(), settings.smtp.from},
            {{settings.cluster.node_name}, base_url(), settings.limits.scale},
            {settings.cluster.node_name, ranges_of(settings.webhooks.allow_private)},
            {settings.notifications.keep}},
        [this](const char* name) { return persistence::writer_session(url_, name); },
        time_,
        token_secret_,
        mail_provider_of(settings),
        sms_provider_of(settings, *provider_, base_url())
    );
    bell_.hang([this] { notifications_->ring(); });
    gateway_.emplace(
        http::gateway::neighbours{
            *actors_, *accounts_, *database_, *directory_, time_, *passwords_, *payments_},
        request_patience
    );
    invitation_jobs_.emplace(
        invitation_job_options{
            .limits_scale = settings.limits.scale,
            .base_url = base_url(),
            .word_rejection = http::word_rejection,
            .word_refusal = http::word_refusal},
        persistence::writer_session(url_, "tessera-invitation-jobs"),
        *database_,
        [this](const account_id& account, std::function<void()> then) { nudge(account, std::move(then)); }
    );
    listen();
  }

  ~implementation() { shut_down(); }

  std::uint16_t port() const { return server_->port(); }

  void shut_down() {
    if (!server_) return;
    draining_ = true;
    spdlog::info("stopping: finishing what is in flight");
    drain();
    bell_.take_down();
    notifications_.reset();
    sweeper_.reset();
    invitations_.reset();
    invitation_chores_.reset();
    expiry_warnings_.reset();
    invitation_jobs_.reset();
    rest_accounts();
    lanes_->finish();
    spdlog::info(
        "stopped: {} entries in {} rounds",
        lanes_->statistics().entries.load(),
        lanes_->statistics().rounds.load()
    );
    // First whoever may still call an account, then the accounts and their workers, then what accounts call.
    passwords_.reset();
    provider_->stop();
    payments_.reset();
    provider_.reset();
    database_.reset();
    directory_.reset();
    archive_->finish();
    gateway_.reset();
    accounts_->clear();
    actors_.reset();
    archive_.reset();
    lease_keeper_.reset();
    server_.reset();
    admin_server_.reset();
  }

private:
  /// Both at once: together they have one drain_timeout.
  void drain() {
    std::thread beside([this] {
      if (admin_server_) admin_server_->stop();
    });
    server_->stop();
    beside.join();
  }

  std::unique_ptr<persistence::journal_store> journal_store() const {
    auto store = std::make_unique<persistence::pg_journal_store>(url_, incarnation_, round_limit);
    return journal_is_discarded() ? discarding_journal(std::move(store)) : std::move(store);
  }

  void listen() {
    service_.emplace(http::service{
        *gateway_, settings_.payments.allow_test, base_url(), operator_key(), request_patience});
    service_->now = [this] { return time_.now(); };
    service_->cursor_key = cursor_key_;
    service_->secret = &token_secret_;
    service_->limits_scale = settings_.limits.scale;
    service_->takes_stripe = payments_->takes_stripe();
    service_->webhook_secrets = split(settings_.stripe.webhook_secret.reveal());
    sign_in_.emplace(settings_, url_, settings_.public_base_url); // not where this node listens
    sign_in_->serve(*service_);
    service_->hash_password = [this](std::string password, http::callback<std::string> done) {
      gateway_->hash(std::move(password), std::move(done));
    };
    service_->not_ready = [this] { return not_ready(); };
    service_->metrics = [this] { return metrics(); };
    auto routes = http::api_routes(*service_);
    for (auto& route : http::sms_routes(*service_, settings_.sms.auth_token.reveal()))
      routes.push_back(std::move(route));
    if (!admin_door_)
      for (auto& route : http::admin_routes(*service_))
        routes.push_back(std::move(route));
    server_.emplace(settings_.http.server, std::move(routes), [this](http::io_loop& loop) {
      gateway_->attach(loop);
      if (loop.index() == 0) loop.every(1s, [this] { sign_in_->reload(); });
    });
    server_->start(std::move(door_));
    if (!admin_door_) return;
    auto options = settings_.http.server;
    options.threads = 1;
    admin_server_.emplace(options, http::admin_routes(*service_));
    admin_server_->start(std::move(*admin_door_));
  }

  /// What links in answers begin with: what is configured, else the listener's address. Empty where the
  /// system chooses the port or the listener has every address: links are relative then.
  std::string base_url() const {
    const auto& listener = settings_.http.server;
    const bool has_one_place = listener.port != 0 && !config::is_wildcard(listener.address);
    if (!settings_.public_base_url.empty() || !has_one_place) return settings_.public_base_url;
    return "http://" + http::host_and_port(listener.address, listener.port);
  }

  /// Has the account look into its inbox.
  void nudge(const account_id& account, std::function<void()> then) {
    auto actor = accounts_->find(account);
    if (actor && !then) return caf::anon_send(actor, absorb_inbox{account, {}});
    if (!actor) return then ? then() : void();
    actors_->spawn<caf::hidden>([actor, account, then = std::move(then)](caf::event_based_actor* self) {
      self->request(
              caf::actor_cast<caf::actor>(actor), 2s, absorb_inbox{account, {}}
      ).then([then](const result<inbox_absorbed>&) { then(); }, [then](const caf::error&) { then(); });
    });
  }

  payment_desk_options desk_options() const {
    payment_desk_options options;
    options.database_url = url_;
    options.stripe = {settings_.stripe.api_base, settings_.stripe.secret_key.reveal(), base_url()};
    options.poll = settings_.payments.poll;
    options.check_after = settings_.payments.check_after;
    options.events_every = settings_.payments.events_every;
    return options;
  }

  std::optional<digest> operator_key() const {
    if (settings_.operator_key.empty()) return std::nullopt;
    return sha256::local()(settings_.operator_key.reveal());
  }

  /// Every account writes itself down and leaves; a restart then folds nothing.
  void rest_accounts() {
    accounts_->close();
    // Asked again and again: an account that is busy now may rest in a moment.
    for (const auto until = std::chrono::steady_clock::now() + 1s;
         accounts_->size() > 0 && std::chrono::steady_clock::now() < until;
         std::this_thread::sleep_for(20ms))
      for (const auto& actor : accounts_->all())
        caf::anon_send(actor, passivate{0ms});
  }

  std::string not_ready() const {
    if (draining_) return "draining";
    if (!ownership_.is_held()) return "another node has the shards";
    if (!lease_keeper_->reached_database_lately()) return "no contact with the database";
    return {};
  }

  std::string metrics() const {
    return metrics_text({
        server_->statistics(),
        lanes_->statistics(),
        account_statistics_,
        sign_in_->issuer_keys(),
        lanes_->depth(),
        accounts_->size(),
        keys_->size(),
        directory_->tenants(),
        not_ready().empty(),
    });
  }

  std::string url_;
  config::settings settings_;
  actor_config actor_config_;
  std::atomic<bool> draining_{false};
  http::listening_socket door_; // until the server has it
  std::optional<http::listening_socket> admin_door_;

  database_clock time_;
  lease ownership_;
  node_incarnation incarnation_;
  digest cursor_key_{};
  token_secret token_secret_;
  account_statistics account_statistics_;
  outbox_bell bell_;

  // In the order in which they are made: each may use those above it.
  std::optional<lease_keeper> lease_keeper_;
  std::optional<key_window> keys_;
  std::optional<archive> archive_;
  std::optional<lanes> lanes_;
  std::optional<account_environment> environment_;
  std::optional<caf::actor_system> actors_;
  std::optional<placement> accounts_;
  std::optional<sweeper> sweeper_;
  std::optional<invitation_timer> invitations_;
  std::optional<recurring_sweep> invitation_chores_;
  std::optional<recurring_sweep> expiry_warnings_;
  std::optional<database> database_;
  std::optional<directory> directory_;
  std::optional<password_hasher> passwords_;
  std::optional<http_client> provider_;
  std::optional<invitation_job_worker> invitation_jobs_;
  std::optional<payment_desk> payments_;
  std::optional<notifications> notifications_;
  std::optional<sign_in> sign_in_;
  std::optional<http::gateway> gateway_;
  std::optional<http::service> service_;
  std::optional<http::server> server_;
  std::optional<http::server> admin_server_;
};

node::node(const config::settings& settings, const std::function<bool()>& must_stop)
    : implementation_(std::make_unique<implementation>(settings, must_stop)) {}
node::~node() = default;
std::uint16_t node::port() const {
  return implementation_->port();
}
void node::shut_down() {
  implementation_->shut_down();
}

} // namespace tessera::cli
