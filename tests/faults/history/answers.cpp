#include "tests/faults/history/evidence.hpp"

#include <algorithm>

namespace tessera::test {

namespace {

bool is_expected_status(const attempt& a) {
  const bool no_answer = a.status == 0;
  return no_answer || a.status == 200 || a.status == 201 || a.status == 202 || a.status == 402 ||
         a.status == 429 || a.status == 503;
}

void check_manners(const attempt& a, violations& found) {
  if (!is_expected_status(a)) found.add(violation_kind::unexpected_answer, describe(a));
  if ((a.status == 429 || a.status == 503) && !a.retry_after)
    found.add(violation_kind::missing_retry_after, describe(a));
}

/// One operation with what the ledger says about it.
class operation_check {
public:
  operation_check(const evidence& all, std::span<const attempt* const> tries, violations& found)
      : all_(all), tries_(tries), made_(all.effects_of(tries.front()->op)), found_(found) {}

  void run() {
    if (made_.size() > 1)
      report(violation_kind::duplicate_key, *tries_.front(), std::to_string(made_.size()) + " entries");
    for (const auto* each : tries_)
      check_attempt(*each);
    check_refused();
    check_resolved();
  }

private:
  void report(violation_kind kind, const attempt& a, const std::string& text) {
    found_.add(kind, describe(a) + ": " + text);
  }

  void check_attempt(const attempt& a) {
    if (a.ok() && made_.empty()) return report(violation_kind::lost_ack, a, "it is not in the ledger");
    if (a.ok()) {
      compare(a, made_.front());
      check_replayed(a, *made_.front().made);
    }
    if (a.result == outcome::refused && made_by(a))
      report(violation_kind::refused_but_applied, a, "it has an entry");
  }

  bool made_by(const attempt& a) const {
    return std::ranges::any_of(made_, [&](const auto& at) { return at.made->number == a.number; });
  }

  void compare(const attempt& told, const evidence::located& at) {
    const auto& made = *at.made;
    const bool is_purchase = told.what == action::purchase;
    const bool is_reversal = told.what == action::reverse;
    const bool same_account = told.account == at.account;
    const bool same_amount = told.amount == made.units;
    if (!same_account || !same_amount || (made.type == entry_type::purchase) != is_purchase ||
        (made.type == entry_type::reverse) != is_reversal)
      return wrong(told, at);
    if (is_purchase ? all_.done().references[told.reference] != made.reference
                    : told.seq != made.seq || told.available != made.usable)
      wrong(told, at);
  }

  void wrong(const attempt& told, const evidence::located& at) {
    report(
        violation_kind::wrong_answer,
        told,
        "told seq " + std::to_string(told.seq) + ", available " + std::to_string(told.available) + ", " +
            all_.done().references[told.reference] + "; the ledger says " +
            place(all_.done().accounts[at.account], at.made->seq) + ", " + std::to_string(at.made->units) +
            " units, usable " + std::to_string(at.made->usable) + ", " + at.made->reference
    );
  }

  /// A replay was made by an earlier or concurrent attempt; the first answer by nobody but itself.
  void check_replayed(const attempt& told, const effect& made) {
    if (!made.number) return;
    const bool own = *made.number == told.number;
    if (own == told.replayed)
      report(violation_kind::wrong_replayed_flag, told, "made by attempt " + std::to_string(*made.number));
    const auto* maker = all_.attempt_of(told.op, *made.number);
    if (!maker || maker->invoke_us > told.complete_us)
      report(violation_kind::wrong_replayed_flag, told, "made by an attempt that did not exist yet");
  }

  /// A decided no of the only owner means that the key was not in the ledger and nothing was on its way.
  void check_refused() {
    if (made_.empty() || std::ranges::any_of(tries_, [](const auto* a) { return a->ok(); })) return;
    const bool may_have = std::ranges::any_of(tries_, [&](const auto* a) { return a->unknown(); });
    const auto* last_no = all_.options().one_owner ? last_decision() : nullptr;
    if (!may_have || (last_no && decided_after_all_unknown(*last_no)))
      report(violation_kind::refused_but_applied, *tries_.back(), "every answer was a no");
  }

  const attempt* last_decision() const {
    const attempt* last = nullptr;
    for (const auto* each : tries_)
      if (each->decided_no() && (!last || each->invoke_us > last->invoke_us)) last = each;
    return last;
  }

  bool decided_after_all_unknown(const attempt& decision) const {
    return std::ranges::none_of(tries_, [&](const auto* a) {
      return a->unknown() && a->complete_us > decision.invoke_us;
    });
  }

  void check_resolved() {
    if (!all_.options().all_resolved) return;
    const bool doubtful = std::ranges::any_of(tries_, [](const auto* a) { return a->unknown(); });
    if (!doubtful || std::ranges::any_of(tries_, [](const auto* a) { return a->ok(); })) return;
    const auto* last_no = last_decision();
    if (!last_no || !decided_after_all_unknown(*last_no))
      report(violation_kind::unresolved_unknown, *tries_.back(), "nobody knows whether it happened");
  }

  const evidence& all_;
  std::span<const attempt* const> tries_;
  std::span<const evidence::located> made_;
  violations& found_;
};

void check_phantoms(const evidence& all, violations& found) {
  for (std::uint32_t account = 0; account < all.done().accounts.size(); ++account)
    for (const auto& each : all.effects(account))
      if (each.op != nobody && all.attempts_of(each.op).empty())
        found.add(
            violation_kind::phantom_entry,
            place(all.done().accounts[account], each.seq) + " by " + key_of(each.op)
        );
}

} // namespace

void check_answers(const evidence& all, violations& found) {
  for (const auto& tries : all.operations()) {
    for (const auto* each : tries)
      check_manners(*each, found);
    if (tries.front()->what != action::read) operation_check(all, tries, found).run();
  }
  check_phantoms(all, found);
}

} // namespace tessera::test
