#include "http/auth/tokens/claims.hpp"

#include "http/json/document.hpp"

#include <algorithm>

namespace tessera::http {

namespace {

constexpr std::int64_t leeway_seconds = 60;      // of a beginning, never of the end
constexpr std::int64_t latest = 253'402'300'799; // the year 9999: what is behind it is no time
constexpr std::size_t most_text_bytes = 512;
constexpr std::size_t most_audiences = 32;

/// Reads the members of a claims set. What is absent stays as it is; a wrong type is remembered.
class claims_reader {
public:
  explicit claims_reader(const simdjson::dom::object& from) : from_(from) {}

  void text(std::string_view name, std::string& into) {
    std::string_view found;
    if (is_absent(name) || fails(from_[name].get(found))) return;
    wrong_ = wrong_ || found.size() > most_text_bytes;
    into = std::string(found);
  }

  void time(std::string_view name, std::optional<std::int64_t>& into, std::int64_t most = latest) {
    std::int64_t found = 0;
    if (is_absent(name) || fails(from_[name].get(found))) return;
    wrong_ = wrong_ || found < 0 || found > most;
    into = found;
  }

  /// Some issuers send it as a text.
  void truth(std::string_view name, bool& into) {
    std::string_view text;
    if (is_absent(name)) return;
    if (from_[name].get(text) == simdjson::SUCCESS)
      into = text == "true";
    else
      fails(from_[name].get(into));
  }

  /// One text or several.
  void audiences(std::vector<std::string>& into) {
    std::string_view one;
    simdjson::dom::array several;
    if (is_absent("aud")) return;
    if (from_["aud"].get(one) == simdjson::SUCCESS) return void(into.emplace_back(one));
    if (fails(from_["aud"].get(several))) return;
    for (const auto element : several) {
      if (fails(element.get(one)) || into.size() == most_audiences) return void(wrong_ = true);
      into.emplace_back(one);
    }
  }

  bool is_right() const { return !wrong_; }

private:
  bool is_absent(std::string_view name) const { return from_[name].error() == simdjson::NO_SUCH_FIELD; }
  bool fails(simdjson::error_code code) {
    wrong_ = wrong_ || code != simdjson::SUCCESS;
    return code != simdjson::SUCCESS;
  }

  const simdjson::dom::object& from_;
  bool wrong_ = false;
};

} // namespace

bool token_claims::is_for(std::string_view audience) const {
  return std::find(audiences.begin(), audiences.end(), audience) != audiences.end();
}

std::optional<token_claims> read_claims(std::string_view json) {
  json::document document;
  simdjson::dom::object object;
  if (!document.parse(json).empty() || document.root().get(object) != simdjson::SUCCESS) return std::nullopt;
  token_claims claims;
  std::optional<std::int64_t> expires_at;
  claims_reader from(object);
  from.text("iss", claims.issuer);
  from.audiences(claims.audiences);
  from.text("sub", claims.subject);
  from.time("exp", expires_at);
  from.time("nbf", claims.not_before);
  from.time("iat", claims.issued_at);
  from.text("tid", claims.tenant);
  from.text("sid", claims.session);
  from.time("iat_us", claims.issued_at_us, latest * 1'000'000);
  from.text("email", claims.email);
  from.truth("email_verified", claims.email_verified);
  if (!from.is_right() || claims.issuer.empty() || claims.subject.empty() || !expires_at) return std::nullopt;
  claims.expires_at = *expires_at;
  return claims;
}

bool are_in_time(const token_claims& claims, time_point now) {
  const auto seconds = to_microseconds(now) / 1'000'000;
  return seconds < claims.expires_at && claims.not_before.value_or(0) <= seconds + leeway_seconds &&
         claims.issued_at.value_or(0) <= seconds + leeway_seconds &&
         claims.issued_at.value_or(0) <= claims.expires_at;
}

} // namespace tessera::http
