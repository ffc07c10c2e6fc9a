#pragma once

#include "http/routing/problem.hpp"
#include "http/routing/request.hpp"
#include "http/routing/response.hpp"
#include "messages/idempotency.hpp"
#include "messages/types/digest.hpp"
#include "messages/types/ids.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace tessera::http {

/// The Idempotency-Key of a request: 1..255 printable ASCII characters. A problem (400) when it is anything
/// else; an empty text when there is none.
std::optional<problem> read_idempotency_key(const request& request, std::string_view& key);

/// Collects what makes two commands the same: each part with its length, so that no two lists look alike.
class fingerprint {
public:
  fingerprint& add(std::string_view part);
  fingerprint& add(std::int64_t part) { return add(std::to_string(part)); }
  const std::string& text() const { return text_; }

private:
  std::string text_;
};

/// The stored form of a caller's key: unique per tenant and route.
idempotency_key make_idempotency_key(
    const tenant_id& tenant, std::string_view route, std::string_view key, const fingerprint& command
);

/// The same, or nothing when the call has no key.
std::optional<idempotency_key> optional_key(
    const tenant_id& tenant, std::string_view route, std::string_view key, const fingerprint& command
);

/// A first answer as it is sent: with ETag, and `Idempotent-Replayed: true` when it is repeated.
response to_response(const kept_answer& told);

} // namespace tessera::http
