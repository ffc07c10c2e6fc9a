#include "http/auth/tokens/access_tokens.hpp"

#include "actors/support/sha256.hpp"
#include "http/auth/base64url.hpp"
#include "http/json/writer.hpp"

#include <algorithm>

namespace tessera::http {

namespace {

constexpr std::string_view own_audience = "tessera";
constexpr std::string_view own_type = "at+jwt"; // RFC 9068: no other kind of token of ours passes for one

constexpr std::int64_t us_per_second = 1'000'000;

time_point at_second(std::int64_t seconds) {
  return from_microseconds(seconds * us_per_second);
}

std::string header_of(const signing_key& key) {
  std::string text;
  json::writer(text)
      .begin_object()
      .field("alg", to_string(key.algorithm()))
      .field("typ", own_type)
      .field("kid", key.id())
      .end_object();
  return text;
}

} // namespace

std::string access_tokens::issue(
    const tenant_id& tenant, std::string_view user, const uuid& session, time_point now
) const {
  const auto seconds = to_microseconds(now) / us_per_second;
  std::string claims;
  json::writer(claims)
      .begin_object()
      .field("iss", options_.issuer)
      .field("aud", own_audience)
      .field("sub", user)
      .field("tid", to_string(tenant.value))
      .field("sid", to_string(session))
      .field("iat", seconds)
      .field("iat_us", to_microseconds(now))
      .field("exp", seconds + std::int64_t{options_.life.count()})
      .end_object();
  const auto keys = own_.keys();
  const auto& newest = keys->front();
  const auto text = encode_base64url(header_of(newest)) + "." + encode_base64url(claims);
  return text + "." + encode_base64url(newest.sign(text));
}

std::optional<access_token> access_tokens::verify(std::string_view bearer, time_point now) {
  if (bearer.size() > most_token_bytes) return std::nullopt;
  const auto hash = sha256::local()(bearer);
  if (auto known = verified_.find(hash, now)) return known;
  auto token = check(bearer, now);
  if (token) verified_.remember(hash, *token, now);
  return token;
}

std::optional<access_token> access_tokens::recall(std::string_view bearer, time_point now) {
  if (bearer.size() > most_token_bytes) return std::nullopt;
  return verified_.find(sha256::local()(bearer), now);
}

std::optional<access_token> access_tokens::check(std::string_view bearer, time_point now) const {
  const auto token = read_compact(bearer);
  if (!token) return std::nullopt;
  // Not believed yet: it only says which keys to try.
  const auto claims = read_claims(token->payload);
  if (!claims || !are_in_time(*claims, now)) return std::nullopt;
  if (claims->issuer == options_.issuer) return check_own(*token, *claims);
  const auto issuer = others_.find(claims->issuer);
  return issuer ? check_external(*issuer, *token, *claims) : std::nullopt;
}

std::optional<access_token>
access_tokens::check_own(const compact_token& token, const token_claims& claims) const {
  if (token.type != own_type || !token.key_id || !claims.is_for(own_audience)) return std::nullopt;
  const auto keys = own_.keys();
  const auto signer = std::find_if(keys->begin(), keys->end(), [&](const signing_key& key) {
    return key.id() == *token.key_id && key.algorithm() == token.algorithm;
  });
  if (signer == keys->end() || !signer->verifying().verify(token.signed_text, token.signature))
    return std::nullopt;
  const auto tenant = uuid::parse(claims.tenant);
  const auto session = uuid::parse(claims.session);
  if (!tenant || !session || session->is_nil() || !claims.issued_at_us) return std::nullopt;
  return access_token{
      tenant_id{*tenant},
      claims.subject,
      *session,
      from_microseconds(*claims.issued_at_us),
      at_second(claims.expires_at),
      {},
      {}};
}

std::optional<access_token> access_tokens::check_external(
    const external_issuers::known_issuer& from, const compact_token& token, const token_claims& claims
) const {
  const auto& allowed = from.described.algorithms;
  if (std::find(allowed.begin(), allowed.end(), token.algorithm) == allowed.end()) return std::nullopt;
  if (!claims.is_for(from.described.audience)) return std::nullopt;
  // One that does not say when it was issued could never be ended.
  if (!claims.issued_at) return std::nullopt;
  const auto* key = find_key(*from.keys, token.key_id, token.algorithm);
  if (!key) others_.key_is_missing(from.described);
  if (!key || !key->verify(token.signed_text, token.signature)) return std::nullopt;
  return access_token{
      from.described.tenant,
      {},
      {},
      at_second(*claims.issued_at),
      at_second(claims.expires_at),
      claims.issuer,
      claims.subject};
}

std::optional<external_person> access_tokens::person_of(std::string_view bearer, time_point now) const {
  const auto token = check(bearer, now);
  if (!token || token->issuer.empty()) return std::nullopt;
  const auto claims = read_claims(read_compact(bearer)->payload);
  return external_person{
      token->tenant, token->issuer, token->subject, claims->email_verified ? claims->email : std::string()};
}

} // namespace tessera::http
