#include "http/auth/idempotency.hpp"

#include "actors/support/sha256.hpp"
#include "http/routing/rejections.hpp"

#include <algorithm>

namespace tessera::http {

namespace {

uuid first_half(const digest& hash) {
  uuid half;
  std::copy_n(hash.begin(), half.bytes.size(), half.bytes.begin());
  return half;
}

} // namespace

std::optional<problem> read_idempotency_key(const request& request, std::string_view& key) {
  const auto header = request.header("Idempotency-Key");
  if (!header) return std::nullopt;
  const auto printable = [](char c) { return c >= ' ' && c <= '~'; };
  if (header->empty() || header->size() > 255 || !std::all_of(header->begin(), header->end(), printable))
    return simple_problem(
        400,
        "invalid_idempotency_key",
        "The idempotency key has not the expected form",
        "1 to 255 printable ASCII characters."
    );
  key = *header;
  return std::nullopt;
}

fingerprint& fingerprint::add(std::string_view part) {
  text_ += std::to_string(part.size());
  text_ += ':';
  text_ += part;
  return *this;
}

idempotency_key make_idempotency_key(
    const tenant_id& tenant, std::string_view route, std::string_view key, const fingerprint& command
) {
  const std::string_view tenant_bytes(
      reinterpret_cast<const char*>(tenant.value.bytes.data()), tenant.value.bytes.size()
  );
  const auto scope = fingerprint().add(tenant_bytes).add(route).add(key);
  auto& hash = sha256::local();
  return {first_half(hash(scope.text())), first_half(hash(command.text()))};
}

std::optional<idempotency_key> optional_key(
    const tenant_id& tenant, std::string_view route, std::string_view key, const fingerprint& command
) {
  if (key.empty()) return std::nullopt;
  return make_idempotency_key(tenant, route, key, command);
}

response to_response(const kept_answer& told) {
  response answer;
  answer.status = static_cast<unsigned>(told.status);
  answer.body = told.body;
  if (!told.etag.empty()) answer.headers.emplace_back("ETag", told.etag);
  if (told.replayed) answer.headers.emplace_back("Idempotent-Replayed", "true");
  return answer;
}

} // namespace tessera::http
