#include "tests/faults/campaign/workload.hpp"

#include "tests/support/json.hpp"

#include <algorithm>
#include <stdexcept>

namespace tessera::test {

namespace {

// A client does not pile up questions: beyond this many it insists on answers first.
constexpr std::size_t most_unknown = 32;
constexpr std::size_t most_remembered = 500;
constexpr milliseconds before_asking_again{20};

bool is_settled(const std::optional<attempt>& answer) {
  return answer && (answer->ok() || answer->decided_no());
}

} // namespace

/// One client. Only its own thread uses it.
class workload::worker {
public:
  worker(workload& all, std::uint16_t index)
      : all_(all), random_(all.seed_ * 1'000 + index), line_(all.bank_, all.nodes_, all.notes_, index) {
    line_.set_timeout(all.options_.request_timeout);
  }

  bool knows_everything() const { return unknown_.empty(); }

  void work() {
    if (unknown_.size() >= most_unknown || (!unknown_.empty() && chance(random_, 5))) return retry_one();
    const auto dice = between(random_, 1, 100);
    const auto& o = all_.options_;
    if (dice <= o.reads_percent) return read();
    if (dice <= o.reads_percent + o.replays_percent) return repeat();
    if (dice <= o.reads_percent + o.replays_percent + o.purchases_percent) return buy();
    if (dice <= o.reads_percent + o.replays_percent + o.purchases_percent + o.reversals_percent)
      return reverse();
    spend();
  }

  void retry_one() {
    const auto wish = unknown_.front();
    if (is_settled(ask(wish)))
      unknown_.erase(unknown_.begin());
    else
      let_pass(before_asking_again);
  }

private:
  /// Nobody knows yet what an order became until it was answered or decided; what was shed is simply not
  /// there.
  std::optional<attempt> ask(const order& wish) {
    const auto which =
        static_cast<std::size_t>(between(random_, 0, static_cast<std::int64_t>(all_.nodes_.size()) - 1));
    auto answer = line_.ask(wish, all_.orders_.next_attempt(wish.op), which);
    if (answer)
      all_.note(*answer);
    else
      let_pass(before_asking_again);
    if (answer && answer->ok() && !answer->replayed && wish.what == action::consume) remember_spend(wish);
    return answer;
  }

  void ask_and_remember(const order& wish) {
    auto answer = ask(wish);
    if (answer && answer->unknown() && chance(random_, 50))
      answer = ask(wish); // at once, while the trouble lasts
    if (!answer || !is_settled(answer)) unknown_.push_back(wish);
  }

  void spend() {
    const auto account = all_.choose_account(random_);
    const auto amount = between(random_, 1, all_.is_poor(account) ? 40 : 9);
    ask_and_remember(all_.orders_.open(action::consume, account, amount));
  }

  void remember_spend(const order& wish) {
    if (spent_.size() >= most_remembered) spent_.erase(spent_.begin());
    spent_.push_back(wish);
    spent_.back().spent = text_at(line_.last().response.body, "/transactionId");
  }

  /// One of its own, and all of it: nobody else takes it back.
  void reverse() {
    if (spent_.empty()) return;
    const auto at = between(random_, 0, static_cast<std::int64_t>(spent_.size()) - 1);
    const auto wish = spent_[static_cast<std::size_t>(at)];
    spent_.erase(spent_.begin() + at);
    ask_and_remember(all_.orders_.open(action::reverse, wish.account, wish.amount, wish.spent));
  }

  void buy() {
    const auto account = all_.choose_account(random_);
    ask_and_remember(all_.orders_.open(action::purchase, account, bank::small_credits));
  }

  void read() { ask(all_.orders_.open(action::read, all_.choose_account(random_), 0)); }

  /// Of an operation of anybody: one that is long done, or one that may be running. If it was never answered,
  /// its own client goes on asking; this one does so too.
  void repeat() {
    if (const auto wish = all_.orders_.some_spend(random_, chance(random_, 50))) ask_and_remember(*wish);
  }

  workload& all_;
  random_source random_;
  caller line_;
  std::vector<order> unknown_;
  std::vector<order> spent_; // of its own, not taken back yet
};

workload::workload(
    const bank& with, std::vector<node*> nodes, recorder& notes, std::uint64_t seed, workload_options options
)
    : bank_(with), nodes_(std::move(nodes)), notes_(notes), options_(options), seed_(seed) {
  for (std::uint16_t i = 0; i < options_.workers; ++i)
    threads_.emplace_back([this, i] { run(i); });
}

workload::~workload() {
  const std::scoped_lock lock(mutex_);
  phase_ = phase::ended;
  changed_.notify_all();
}

void workload::run(std::uint16_t index) {
  worker self(*this, index);
  for (;;) {
    switch (wait_for_work(self.knows_everything())) {
    case phase::working: self.work(); break;
    case phase::settling: self.retry_one(); break;
    case phase::ended: return;
    }
  }
}

/// An idle client rests while the others settle.
workload::phase workload::wait_for_work(bool idle) {
  std::unique_lock lock(mutex_);
  if (phase_ != phase::settling || !idle) return phase_;
  ++idle_;
  changed_.notify_all();
  changed_.wait(lock, [this] { return phase_ != phase::settling; });
  --idle_;
  return phase_;
}

void workload::resume(std::vector<std::uint32_t> resting) {
  const std::scoped_lock lock(mutex_);
  resting_ = std::move(resting);
  phase_ = phase::working;
  changed_.notify_all();
}

bool workload::settle(milliseconds timeout) {
  std::unique_lock lock(mutex_);
  phase_ = phase::settling;
  return changed_.wait_for(lock, timeout, [this] { return idle_ == options_.workers; });
}

void workload::fill() {
  caller line(bank_, nodes_, notes_, static_cast<std::uint16_t>(options_.workers));
  for (std::uint32_t account = 0; account < bank_.entities.size(); ++account) {
    const auto amount = is_poor(account) ? bank::small_credits : bank::large_credits;
    const auto wish = orders_.open(action::purchase, account, amount);
    const auto bought = line.ask(wish, orders_.next_attempt(wish.op), 0);
    if (!bought || !bought->ok())
      throw std::runtime_error("the first purchase failed: " + line.last().response.body);
  }
}

std::int64_t workload::serve_a_stranger(milliseconds timeout) {
  const auto since_us = now_us();
  const auto wish = orders_.open(action::consume, static_cast<std::uint32_t>(options_.hot) - 1, 1);
  const bool served = wait_until(timeout, [&] {
    caller line(bank_, nodes_, notes_, static_cast<std::uint16_t>(options_.workers + 1));
    return is_settled(line.ask(wish, orders_.next_attempt(wish.op), 0));
  });
  return served ? now_us() - since_us : -1;
}

void workload::note(const attempt& done) {
  if (done.result == outcome::unknown || done.status == 503) return;
  last_success_us_ = done.complete_us;
  if (done.what == action::consume && done.ok()) ++acknowledged_[done.node];
}

std::uint32_t workload::choose_account(random_source& random) {
  const auto all = static_cast<std::int64_t>(bank_.entities.size());
  if (chance(random, 5)) return static_cast<std::uint32_t>(between(random, 0, all - 1));
  const std::scoped_lock lock(mutex_);
  for (;;) {
    const auto hot =
        static_cast<std::uint32_t>(between(random, 0, static_cast<std::int64_t>(options_.hot) - 1));
    if (std::ranges::find(resting_, hot) == resting_.end()) return hot;
  }
}

std::int64_t workload::first_success_after(std::int64_t since_us, milliseconds timeout) const {
  wait_until(timeout, [&] { return last_success_us_.load() > since_us; });
  const auto at = last_success_us_.load();
  return at > since_us ? at - since_us : -1;
}

} // namespace tessera::test
