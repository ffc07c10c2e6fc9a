#pragma once

#include "tools/paysim/support/dice.hpp"
#include "tools/paysim/support/document.hpp"
#include "tools/paysim/support/sandbox_clock.hpp"
#include "tools/paysim/support/store.hpp"
#include "tools/paysim/webhooks/webhooks.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::paysim {

inline constexpr std::string_view api_version = "2026-10-28.endive";

struct sandbox_options {
  std::string base_url;   // what links to its pages begin with
  std::string secret_key; // empty: any `sk_test_...`
  std::uint64_t seed = 0;
  std::int64_t settle_after_ms = 3'000; // of payments and refunds that are slow; in its own time
  std::function<std::int64_t()> real_ms;
  webhook_options hooks{};
};

/// The account of one seller: its objects, its time and what it tells of. All on one thread.
class sandbox {
public:
  explicit sandbox(sandbox_options given);

  sandbox_options options;
  sandbox_clock clock;
  dice luck;
  store documents;
  webhooks hooks;

  std::int64_t now() const { return clock.now(); }
  std::string make_id(std::string_view prefix) { return std::string{prefix} + "_" + luck.letters(24); }
  /// Throws `resource_missing`; `param` is what named it.
  document& get(std::string_view kind, std::string_view id, std::string param, unsigned status = 400);

  /// Makes an event of the document as it is now. `before` has the former values of what changed.
  void emit(std::string_view type, const document& subject, document before = {});

  /// An intent has come to an end for now: it succeeded, was authorized, failed or was cancelled.
  void settled(document& intent) const {
    for (const auto& each : when_settled)
      each(intent);
  }
  std::vector<std::function<void(document&)>> when_settled{};

  /// Counts what may have changed something: calls, pages, and what happens by itself.
  std::uint64_t changes = 0;

  /// Which call is being answered; empty for what happens by itself.
  struct calling {
    std::string request;
    std::string idempotency_key;
  } current{};
};

} // namespace tessera::paysim
