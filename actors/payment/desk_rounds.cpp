#include "actors/payment/desk_rounds.hpp"

#include "actors/payment/no_tenant.hpp"
#include "actors/payment/renewing.hpp"
#include "actors/payment/topping_up.hpp"
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

constexpr std::int64_t most_in_a_round = 200;
constexpr std::chrono::milliseconds claim_lasts = 30s; // then whoever claimed it has died
constexpr int most_event_pages = 2'000;                // of a hundred events
constexpr std::int64_t overlap = 600;                  // seconds: what was late when we asked last
constexpr std::int64_t memory_of_provider = 30 * 86'400;

struct claimed {
  std::vector<persistence::payment_place> payments;
  std::vector<std::string> events;
};

bool is_needed(std::string_view type) {
  for (const std::string_view prefix :
       {"payment_intent.",
        "checkout.session.",
        "charge.refunded",
        "charge.refund.",
        "refund.",
        "charge.dispute."})
    if (type.starts_with(prefix)) return true;
  return false;
}

/// One reading of what the provider has told, from the newest on back to where the last one began. Only one
/// that came to its end says so: of one that broke off the rest is read by the next. Lives as long as its
/// callbacks.
class event_scan : public std::enable_shared_from_this<event_scan> {
public:
  explicit event_scan(desk_core& core) : core_(core), began_(to_microseconds(core.time.now()) / 1'000'000) {}

  /// The first time all that the provider remembers.
  void begin() {
    core_.in_transaction<std::int64_t>(
        no_tenant,
        [self = shared_from_this()](const result<std::int64_t>& since) {
          if (since) self->read(*since, {}, 0);
        },
        [began = began_](pg::transaction& in) {
          persistence::forget_old_events(in, most_in_a_round);
          const auto until = persistence::events_read_until(in).value_or(0);
          return result<std::int64_t>(std::max(until - overlap, began - memory_of_provider));
        }
    );
  }

private:
  void read(std::int64_t since, const std::string& before, int pages) {
    core_.provider.send(
        core_.stripe.events(since, before),
        [self = shared_from_this(), since, pages](const outgoing_outcome& outcome) {
          auto page = read_event_page(outcome);
          if (page.good) return self->keep(std::move(page), since, pages);
          spdlog::warn(
              "events can't be read: {}",
              outcome.answered() ? "status " + std::to_string(outcome.answer.status) : outcome.why
          );
        }
    );
  }

  void keep(event_page page, std::int64_t since, int pages) {
    const auto last = page.events.empty() ? std::string() : page.events.back().event_id;
    const bool more = page.more && !last.empty();
    std::erase_if(page.events, [](const provider_event& each) { return !is_needed(each.type); });
    core_.in_transaction<bool>(
        no_tenant,
        [self = shared_from_this(), more, since, last, pages](const result<bool>& kept) {
          if (!kept || !more) return;
          if (pages < most_event_pages) return self->read(since, last, pages + 1);
          spdlog::error(
              "more events than {} pages of them were told: the oldest are not read", most_event_pages
          );
        },
        [events = std::move(page.events), more, began = began_](pg::transaction& in) {
          for (const auto& each : events)
            persistence::keep_event(in, each);
          if (!more) persistence::keep_events_read_until(in, began);
          return result<bool>(true);
        }
    );
  }

  desk_core& core_;
  std::int64_t began_; // seconds since 1970
};

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
    if (!core_.options.stripe.secret_key.empty()) top_up_balances(core_);
    renew_plans(core_);
    if (!core_.options.stripe.secret_key.empty() && steady::now() >= next_events) {
      std::make_shared<event_scan>(core_)->begin();
      next_events = steady::now() + core_.options.events_every;
    }
    lock.lock();
  }
}

void desk_rounds::claim() {
  core_.in_transaction<claimed>(
      no_tenant,
      // The rounds end before the workers do.
      [&core = core_](const result<claimed>& what) {
        if (!what) return;
        for (const auto& event : what->events)
          take_event(core, event);
        for (const auto& each : what->payments)
          look_after(core, each.tenant, each.purchase_id);
      },
      [](pg::transaction& in) {
        return result<claimed>(claimed{
            persistence::claim_payments(in, most_in_a_round, claim_lasts),
            persistence::claim_events(in, most_in_a_round, claim_lasts)});
      }
  );
}

} // namespace tessera
