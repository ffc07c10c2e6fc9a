#include "tests/faults/history/checker.hpp"

#include "tests/faults/history/evidence.hpp"

#include <algorithm>
#include <tuple>

namespace tessera::test {

namespace {

std::uint64_t op_of(const evidence::located& at) {
  return at.made->op;
}

/// The attempts of each account.
std::vector<std::vector<const attempt*>> by_account(const history& done) {
  std::vector<std::vector<const attempt*>> all(done.accounts.size());
  for (const auto& each : done.attempts)
    all[each.account].push_back(&each);
  return all;
}

} // namespace

evidence::evidence(const history& done, checker_options options)
    : done_(done), options_(options), effects_(done.accounts.size()) {
  by_op_.reserve(done.attempts.size());
  for (const auto& each : done.attempts)
    by_op_.push_back(&each);
  std::ranges::sort(by_op_, {}, [](const attempt* a) { return std::pair(a->op, a->number); });
  for (auto first = by_op_.begin(); first != by_op_.end();) {
    const auto next =
        std::find_if(first, by_op_.end(), [&](const attempt* a) { return a->op != (*first)->op; });
    operations_.emplace_back(&*first, static_cast<std::size_t>(next - first));
    first = next;
  }
}

std::span<const attempt* const> evidence::attempts_of(std::uint64_t op) const {
  const auto here =
      std::ranges::lower_bound(operations_, op, {}, [](const auto& group) { return group.front()->op; });
  if (here == operations_.end() || here->front()->op != op) return {};
  return *here;
}

const attempt* evidence::attempt_of(std::uint64_t op, std::uint32_t number) const {
  for (const auto* each : attempts_of(op))
    if (each->number == number) return each;
  return nullptr;
}

std::optional<std::uint32_t> evidence::index_of(const account_id& account) const {
  const auto here = std::ranges::find(done_.accounts, account);
  if (here == done_.accounts.end()) return std::nullopt;
  return static_cast<std::uint32_t>(here - done_.accounts.begin());
}

void evidence::set_effects(std::uint32_t account, std::vector<effect> effects) {
  effects_[account] = std::move(effects);
}

void evidence::index_effects() {
  for (std::uint32_t account = 0; account < effects_.size(); ++account)
    for (const auto& each : effects_[account])
      if (each.op != nobody) effects_by_op_.push_back({account, &each});
  std::ranges::sort(effects_by_op_, {}, op_of);
}

std::span<const evidence::located> evidence::effects_of(std::uint64_t op) const {
  const auto range = std::ranges::equal_range(effects_by_op_, op, {}, op_of);
  return {range.begin(), range.end()};
}

std::string describe(const attempt& a) {
  return request_of(a.op, a.number) + " (" + std::string(to_string(a.what)) + " " + std::to_string(a.amount) +
         ", " + std::string(to_string(a.result)) + " " + std::to_string(a.status) + " " +
         std::string(to_string(a.code)) + ")";
}

violations check(const history& done, const ledger_source& source, checker_options options) {
  violations found;
  evidence all(done, options);
  transfers moved;
  for (std::size_t i = 0; i < source.accounts; ++i) {
    const auto rows = source.load(i);
    auto effects = walk_chain(rows, found, &moved);
    check_inbox(rows, found);
    const auto account = all.index_of(rows.account);
    if (account)
      all.set_effects(*account, std::move(effects));
    else if (effects.size() > 1)
      found.add(violation_kind::phantom_entry, to_string(rows.account) + ": nobody used this account");
  }
  moved.check(found);
  all.index_effects();
  check_answers(all, found);
  const auto attempts = by_account(done);
  for (std::uint32_t account = 0; account < attempts.size(); ++account)
    check_order(all, account, attempts[account], found);
  return found;
}

violations check(const history& done, const ledger& rows, checker_options options) {
  return check(done, {rows.size(), [&rows](std::size_t i) { return rows[i]; }}, options);
}

} // namespace tessera::test
