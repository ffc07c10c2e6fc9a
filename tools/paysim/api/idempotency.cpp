#include "tools/paysim/api/idempotency.hpp"

#include "tools/paysim/api/api_error.hpp"

namespace tessera::paysim {

namespace {

constexpr std::int64_t kept_seconds = 24 * 3'600;
constexpr std::size_t swept_every = 10'000;

api_error reused(const std::string& key) {
  api_error error;
  error.type = "idempotency_error";
  error.message =
      "Keys for idempotent requests can only be used with the same parameters they were first used "
      "with. Try using a key other than '" +
      key + "' if you meant to execute a different request.";
  return error;
}

api_error in_use(const std::string& key) {
  api_error error;
  error.status = 409;
  error.type = "idempotency_error";
  error.code = "idempotency_key_in_use";
  error.message = "There is currently another in-progress request using this Idempotency-Key (" + key +
                  "). Please try again later.";
  error.may_be_retried = true;
  return error;
}

} // namespace

const saved_answer* idempotency::begin(
    const std::string& key, const std::string& fingerprint, const std::string& request, std::int64_t now
) {
  const auto found = answers_.find(key);
  if (found != answers_.end() && found->second.made_at + kept_seconds > now) {
    const auto& known = found->second;
    if (known.fingerprint != fingerprint) throw reused(key);
    if (known.is_running) throw in_use(key);
    return &known;
  }
  if (answers_.size() % swept_every == swept_every - 1)
    std::erase_if(answers_, [now](const auto& each) { return each.second.made_at + kept_seconds <= now; });
  answers_[key] = {fingerprint, request, now};
  return nullptr;
}

void idempotency::finish(const std::string& key, unsigned status, const std::string& body) {
  const auto found = answers_.find(key);
  if (found == answers_.end()) return;
  found->second.is_running = false;
  found->second.status = status;
  found->second.body = body;
}

} // namespace tessera::paysim
