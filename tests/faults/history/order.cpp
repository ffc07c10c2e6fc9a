#include "tests/faults/history/evidence.hpp"

#include <algorithm>
#include <utility>

namespace tessera::test {

namespace {

constexpr auto never = std::numeric_limits<std::int64_t>::max();
constexpr auto always = std::numeric_limits<std::int64_t>::min();

/// Something that took effect at a moment between `earliest` and `latest`, placed by its seq: an entry, or a
/// read of the state after it.
struct point {
  std::int64_t seq = 0;
  std::int64_t earliest = always;
  std::int64_t latest = never;
  const attempt* read = nullptr; // null: an entry
};

/// The latest of the values so far whose time is not after the asked one.
class running_maximum {
public:
  void add(std::int64_t time, std::int64_t seq) { steps_.emplace_back(time, seq); }
  void finish() {
    std::ranges::sort(steps_);
    for (std::size_t i = 1; i < steps_.size(); ++i)
      steps_[i].second = std::max(steps_[i].second, steps_[i - 1].second);
  }
  std::int64_t at(std::int64_t time) const {
    const auto after =
        std::ranges::upper_bound(steps_, time, {}, &std::pair<std::int64_t, std::int64_t>::first);
    return after == steps_.begin() ? 0 : std::prev(after)->second;
  }

private:
  std::vector<std::pair<std::int64_t, std::int64_t>> steps_;
};

class account_order {
public:
  account_order(
      const evidence& all, std::uint32_t account, std::span<const attempt* const> attempts, violations& found
  )
      : all_(all), account_(account), attempts_(attempts), effects_(all.effects(account)), found_(found) {}

  void run() {
    place_entries();
    for (const auto* each : attempts_)
      if (each->what == action::read && each->ok()) place_read(*each);
    sweep();
    for (const auto* each : attempts_) {
      if (each->decided_no()) check_refusal(*each);
      if (each->what == action::purchase && each->ok() && each->available != not_told)
        check_new_balance(*each);
    }
  }

private:
  void place_entries() {
    for (const auto& made : effects_) {
      const auto placed = point_of(made);
      points_.push_back(placed);
      started_.add(placed.earliest, made.seq);
      acknowledged_.add(placed.latest, made.seq);
      states_.emplace_back(made.available, made.seq);
    }
    started_.finish();
    acknowledged_.finish();
    std::ranges::sort(states_);
  }

  /// After the attempt that made it began; before anybody was told.
  point point_of(const effect& made) const {
    point placed{.seq = made.seq};
    if (made.op == nobody) return placed;
    const auto tries = all_.attempts_of(made.op);
    for (const auto* each : tries)
      if (each->ok() && each->status != 202) placed.latest = std::min(placed.latest, each->complete_us);
    const auto* maker = made.number ? all_.attempt_of(made.op, *made.number) : nullptr;
    if (maker)
      placed.earliest = maker->invoke_us;
    else if (!tries.empty())
      placed.earliest = std::ranges::min(tries, {}, &attempt::invoke_us)->invoke_us;
    return placed;
  }

  const effect* effect_at(std::int64_t seq) const {
    const auto here = std::ranges::lower_bound(effects_, seq, {}, &effect::seq);
    return here != effects_.end() && here->seq == seq ? &*here : nullptr;
  }

  void place_read(const attempt& read) {
    const auto* state = effect_at(read.seq);
    if (!state || state->available != read.available || (read.used != not_told && state->used != read.used))
      report(violation_kind::wrong_read, read, "no such balance at seq " + std::to_string(read.seq));
    if (all_.options().one_owner) points_.push_back({read.seq, read.invoke_us, read.complete_us, &read});
  }

  /// In the order of the ledger nothing may end before something on its left began.
  void sweep() {
    std::ranges::stable_sort(points_, {}, [](const point& p) { return std::pair(p.seq, p.read != nullptr); });
    const point* latest_start = nullptr;
    for (auto first = points_.begin(); first != points_.end();) {
      const auto next =
          std::find_if(first, points_.end(), [&](const point& p) { return !together(*first, p); });
      for (auto here = first; here != next; ++here)
        if (latest_start && here->latest < latest_start->earliest) contradicts(*latest_start, *here);
      for (auto here = first; here != next; ++here)
        if (!latest_start || here->earliest > latest_start->earliest) latest_start = &*here;
      first = next;
    }
  }

  /// Reads of one state have no order among each other.
  static bool together(const point& a, const point& b) {
    return &a == &b || (a.read && b.read && a.seq == b.seq);
  }

  void contradicts(const point& left, const point& right) {
    const auto kind = left.read ? (right.read ? violation_kind::read_went_back : violation_kind::stale_read)
                                : (right.read ? violation_kind::read_from_future : violation_kind::real_time);
    found_.add(kind, show(right) + " ended before " + show(left) + " began");
  }

  std::string show(const point& p) const {
    return (p.read ? describe(*p.read) + " at " : "") + place(all_.done().accounts[account_], p.seq);
  }

  void report(violation_kind kind, const attempt& a, const std::string& text) {
    found_.add(kind, describe(a) + ": " + text);
  }

  bool some_state_had(std::int64_t available, std::int64_t from_seq, std::int64_t to_seq) const {
    const auto here = std::ranges::lower_bound(states_, std::pair(available, from_seq));
    return here != states_.end() && here->first == available && here->second <= to_seq;
  }

  void check_refusal(const attempt& no) {
    if (no.available == not_told || no.would_allow != no.available || no.amount <= no.available)
      return report(
          violation_kind::wrong_refusal,
          no,
          "available " + std::to_string(no.available) + ", would allow " + std::to_string(no.would_allow)
      );
    const auto from = all_.options().one_owner ? acknowledged_.at(no.invoke_us) : 0;
    const auto to = started_.at(no.complete_us);
    if (!some_state_had(no.available, from, to))
      report(
          violation_kind::wrong_refusal,
          no,
          "no state between seq " + std::to_string(from) + " and " + std::to_string(to) + " had " +
              std::to_string(no.available) + " available"
      );
  }

  void check_new_balance(const attempt& bought) {
    for (const auto& at : all_.effects_of(bought.op))
      if (!some_state_had(bought.available, at.made->seq, started_.at(bought.complete_us)))
        report(
            violation_kind::wrong_answer,
            bought,
            "no state since the purchase had " + std::to_string(bought.available)
        );
  }

  const evidence& all_;
  std::uint32_t account_;
  std::span<const attempt* const> attempts_;
  const std::vector<effect>& effects_;
  violations& found_;
  std::vector<point> points_;
  running_maximum started_;
  running_maximum acknowledged_;
  std::vector<std::pair<std::int64_t, std::int64_t>> states_; // available, seq
};

} // namespace

void check_order(
    const evidence& all, std::uint32_t account, std::span<const attempt* const> attempts, violations& found
) {
  account_order(all, account, attempts, found).run();
}

} // namespace tessera::test
