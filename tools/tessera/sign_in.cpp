#include "tools/tessera/sign_in.hpp"

#include "actors/providers/fetch.hpp"
#include "persistence/stores/directory_store.hpp"
#include "persistence/stores/pg_journal_store.hpp"

#include <stdexcept>

namespace tessera::cli {

namespace {

constexpr std::chrono::milliseconds sign_in_limit{5'000};

std::vector<http::external_issuer> issuers_in(const std::string& file, const std::string& database_url) {
  if (file.empty()) return {};
  pg::connection session(persistence::writer_session(database_url, "tessera-start"));
  session.open();
  return http::read_issuers(file, [&](const std::string& name) {
    return persistence::tenant_by_id(session, name, sign_in_limit);
  });
}

/// The key sets that are fetched, each for its issuer.
std::vector<watched_document> key_sets_of(http::external_issuers& issuers) {
  std::vector<watched_document> key_sets;
  for (const auto& one : issuers.with_key_url())
    key_sets.push_back({one.issuer, one.key_url, [&issuers, issuer = one.issuer](const std::string& text) {
                          issuers.take_keys(issuer, text);
                        }});
  return key_sets;
}

std::string fetch_key_set(const std::string& url, const std::function<bool()>& must_stop) {
  return fetch(url, fetch_limits{}, must_stop);
}

std::vector<http::ip_network> networks_in(const std::vector<std::string>& texts) {
  std::vector<http::ip_network> networks;
  for (const auto& text : texts) {
    const auto network = http::ip_network::parse(text);
    if (!network) throw std::runtime_error("http.trusted_proxies: " + text + " is no network");
    networks.push_back(*network);
  }
  return networks;
}

http::call_limit_options call_limits_of(const config::limit_settings& limits) {
  return {
      limits.key_calls_per_second,
      limits.user_calls_per_minute,
      limits.unauthenticated_calls_per_minute,
      limits.scale};
}

} // namespace

sign_in::sign_in(
    const config::settings& settings, const std::string& database_url, const std::string& base_url
)
    : refresh_life_(settings.auth.refresh_ttl), keys_(settings.auth.signing_key_file),
      issuers_(issuers_in(settings.auth.issuers_file, database_url)),
      tokens_({base_url.empty() ? "tessera" : base_url, settings.auth.access_ttl}, keys_, issuers_),
      sign_ins_(settings.limits.scale), calls_(call_limits_of(settings.limits)),
      tokens_shown_(settings.limits.scale), trusted_proxies_(networks_in(settings.http.trusted_proxies)),
      issuer_keys_(key_sets_of(issuers_), fetch_key_set) {
  issuers_.when_key_is_missing([this](const std::string& issuer) { issuer_keys_.wish(issuer); });
}

void sign_in::serve(http::service& service) {
  service.verifier = service.tokens = &tokens_;
  service.refresh_life = refresh_life_;
  service.sign_ins = &sign_ins_;
  service.calls = &calls_;
  service.tokens_shown = &tokens_shown_;
  service.trusted_proxies = trusted_proxies_;
}

void sign_in::reload() {
  keys_.reload();
  issuers_.reload();
}

} // namespace tessera::cli
