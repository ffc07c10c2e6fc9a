#include "actors/database/past_balances.hpp"

#include "actors/domain/past_balance.hpp"
#include "persistence/stores/history_store.hpp"

#include <optional>

namespace tessera {

namespace {

// What is read beyond the instant is read for nothing: at most a page.
constexpr int page = 1'024;

} // namespace

result<balance_view> balance_at(pg::transaction& in, const past_balance_query& query, deadline until) {
  const auto kept = persistence::kept_snapshot_at(in, query.account, query.at);
  auto past = kept ? past_balance(*kept, query.at) : past_balance(query.at);
  auto seq = kept ? std::optional(kept->seq) : std::nullopt;
  while (true) {
    const auto events = persistence::events_after(in, query.account, seq, page);
    for (const auto& event : events) {
      if (!past.fold(event)) return past.view(query.application);
      seq = event.booked.seq;
    }
    if (events.size() < page) return past.view(query.application);
    if (std::chrono::steady_clock::now() > until) return errc::overloaded;
  }
}

} // namespace tessera
