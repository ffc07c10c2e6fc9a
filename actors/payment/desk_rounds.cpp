#include "actors/payment/desk_rounds.hpp"

#include "persistence/stores/payment_store.hpp"
#include "persistence/stores/provider_event_store.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <pthread.h>
#include <string_view>
#include <utility>
#include <vector>

namespace tessera {

namespace {

using namespace std::chrono_literals;

constexpr std::int64_t most_at_once = 200;
constexpr std::chrono::milliseconds claim_lasts = 30s; // then whoever claimed it has died
constexpr int most_pages = 50;                         // of a hundred events
constexpr std::int64_t overlap = 3'600;                // seconds: what was late when we asked last
constexpr std::int64_t memory_of_provider = 30 * 86'400;

const tenant_id nobody{};

struct claimed {
  std::vector<persistence::payment_place> payments;
  std::vector<std::string> events;
};

bool is_needed(std::string_view type) {
  for (const std::string_view prefix :
       {"payment_intent.", "checkout.session.", "charge.refunded", "refund.", "charge.dispute."})
    if (type.starts_with(prefix)) return true;
  return false;
}

} // namespace

desk_rounds::desk_rounds(desk_core& core) : core_(core), thread_([this] { run(); }) {}

desk_rounds::~desk_rounds() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    stopping_.notify_all();
  }
  thread_.join();
}

void desk_rounds::run() {
  pthread_setname_np(pthread_self(), "payments");
  auto next_events = steady::now();
  std::unique_lock lock(mutex_);
  while (!stopping_.wait_for(lock, core_.options.poll, [this] { return stopped_; })) {
    lock.unlock();
    claim();
    if (!core_.options.stripe.secret_key.empty() && steady::now() >= next_events) {
      ask_for_events();
      next_events = steady::now() + core_.options.events_every;
    }
    lock.lock();
  }
}

void desk_rounds::claim() {
  core_.in_transaction<claimed>(
      nobody,
      [this](const result<claimed>& what) {
        if (!what) return;
        for (const auto& event : what->events)
          take_event(core_, event);
        for (const auto& each : what->payments)
          look_after(core_, each.tenant, each.purchase_id);
      },
      [](pg::transaction& in) {
        return result<claimed>(claimed{
            persistence::claim_payments(in, most_at_once, claim_lasts),
            persistence::claim_events(in, most_at_once, claim_lasts)});
      }
  );
}

/// From a little before the newest that is here; the first time all that the provider remembers.
void desk_rounds::ask_for_events() {
  core_.in_transaction<std::int64_t>(
      nobody,
      [this](const result<std::int64_t>& since) {
        if (since) read_events(*since, {}, 0);
      },
      [now = to_microseconds(core_.time.now()) / 1'000'000](pg::transaction& in) {
        persistence::forget_old_events(in, most_at_once);
        const auto newest = persistence::newest_event(in);
        return result<std::int64_t>(std::max(newest.value_or(0) - overlap, now - memory_of_provider));
      }
  );
}

void desk_rounds::read_events(std::int64_t since, const std::string& before, int pages) {
  core_.provider.send(
      core_.stripe.events(since, before),
      [this, since, pages](const outgoing_outcome& outcome) {
        auto page = read_event_page(outcome);
        if (!page.good) {
          spdlog::warn(
              "events can't be read: {}",
              outcome.answered() ? "status " + std::to_string(outcome.answer.status) : outcome.why
          );
          return;
        }
        const auto last = page.events.empty() ? std::string() : page.events.back().event_id;
        const bool more = page.more && !last.empty() && pages < most_pages;
        std::erase_if(page.events, [](const provider_event& each) { return !is_needed(each.type); });
        core_.in_transaction<bool>(
            nobody,
            [this, more, since, last, pages](const result<bool>& kept) {
              if (kept && more) read_events(since, last, pages + 1);
            },
            [events = std::move(page.events)](pg::transaction& in) {
              for (const auto& each : events)
                persistence::keep_event(in, each);
              return result<bool>(true);
            }
        );
      }
  );
}

} // namespace tessera
