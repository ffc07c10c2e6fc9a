#include "http/auth/idempotency.hpp"
#include "tests/fuzz/target.hpp"

#include <algorithm>

namespace tessera::fuzz {

/// The first byte says where the text is cut into the parts of a command.
void run_idempotency_keys(std::string_view bytes) {
  const auto wanted = std::size_t{take_byte(bytes)};
  const auto cut = std::min(wanted, bytes.size());
  http::request asked;
  asked.headers.emplace_back("idempotency-key", bytes);
  std::string_view key;
  const auto wrong = http::read_idempotency_key(asked, key);
  claim(wrong ? wrong->status == 400 && key.empty() : key == bytes, "a key is taken as it is, or not at all");

  const auto print = [](std::string_view first, std::string_view second) {
    return http::fingerprint().add(first).add(second);
  };
  const auto here = print(bytes.substr(0, cut), bytes.substr(cut));
  const auto there = print(bytes.substr(0, bytes.size() - cut), bytes.substr(bytes.size() - cut));
  claim((here.text() == there.text()) == (cut == bytes.size() - cut), "no two lists of parts look alike");
  if (wrong) return;
  const tenant_id tenant{{{1}}};
  const auto stored = http::make_idempotency_key(tenant, "POST /a", key, here);
  claim(stored == http::make_idempotency_key(tenant, "POST /a", key, here), "a key is stored in one form");
  claim(stored.key != http::make_idempotency_key(tenant, "POST /b", key, here).key, "a key is of one route");
  claim(stored.key != http::make_idempotency_key({}, "POST /a", key, here).key, "a key is of one tenant");
}

} // namespace tessera::fuzz
