#pragma once

#include "actors/domain/transfer.hpp"
#include "tests/unit/domain/ledger.hpp"

#include <rapidcheck.h>

#include <array>
#include <deque>
#include <map>
#include <set>

namespace tessera::test {

/// Several accounts, the rows on their way between them, and what became of every purchase over all of them.
class credit_tree {
public:
  static constexpr std::size_t size = 4;

  credit_tree() {
    for (std::size_t n = 0; n < size; ++n) {
      auto first = genesis(start_of_test);
      first.booked.account = numbered<account_id>(static_cast<std::uint32_t>(n) + 1);
      first.booked.hash = seal_of({}, first);
      evolve(nodes_[n].account, first);
      nodes_[n].ledger.push_back(first);
    }
  }

  /// R-C 3.1 in every account, and for each root over all of them.
  void check() const {
    for (const auto& each : nodes_)
      check(each);
    check_roots();
  }

protected:
  struct spend_on_record {
    entry spent;
    std::vector<lot> lots;
    credits reversed;
  };
  struct node {
    credit_account account;
    std::vector<account_event> ledger;
    std::map<lot_id, lot> opened; // every lot that ever was here
    std::vector<spend_on_record> spends;
  };

  /// Books a decision, and sends what it sends.
  void book_all(node& here, const decided& events, const std::vector<receive_credits>& sent = {}) {
    for (const auto& event : events) {
      RC_ASSERT(flaw_of(here.account, event) == "");
      note(here, event);
      book(here.account, {event}, here.ledger);
    }
    for (const auto& row : sent) {
      for (const auto& each : row.lots)
        check_terms(each);
      on_their_way_.push_back(row);
    }
    for (const auto& each : here.account.lots)
      RC_ASSERT(events.empty() || each.free.is_zero() || !is_over(each, here.account.booked_at));
  }

  /// A lot that nobody had before: its own root.
  void note_new(const lot& bought) { bought_[bought.root] = bought; }

  node& node_of(const account_id& id) {
    const auto found = std::ranges::find_if(nodes_, [&](const node& each) { return each.account.id == id; });
    RC_ASSERT(found != nodes_.end());
    return *found;
  }

  /// What an owner who knows nothing makes of a snapshot and the entries after it.
  static credit_account rebuilt(const node& here, std::size_t snapshot_after) {
    credit_account before;
    for (std::size_t i = 0; i < here.ledger.size(); ++i) {
      if (i == snapshot_after) before = restore(snapshot_of(before));
      evolve(before, here.ledger[i]);
    }
    return before;
  }

  std::array<node, size> nodes_;
  std::deque<receive_credits> on_their_way_;

private:
  void note(node& here, const account_event& event) {
    const auto& booked = event.booked;
    for (const auto& each : event.opened) {
      if (booked.type == entry_type::reinstate && each.root == each.id) note_new(each);
      RC_ASSERT(here.opened.emplace(each.id, each).second);
      check_terms(each);
    }
    for (const auto& each : event.reopened) {
      RC_ASSERT(here.opened.contains(each.id));
      twins_.insert(each.root);
    }
    if (booked.type == entry_type::spend || booked.type == entry_type::capture) note_spend(here, booked);
    for (const auto& part : booked.slices)
      move(here.opened.at(part.lot).root, booked, part.units);
  }

  static void note_spend(node& here, const entry& booked) {
    spend_on_record spend{booked, {}, {}};
    for (const auto& part : booked.slices)
      spend.lots.push_back(here.opened.at(part.lot));
    here.spends.push_back(std::move(spend));
  }

  /// Units of a root that are nowhere any more; nothing of one that is over goes anywhere.
  void move(const lot_id& root, const entry& booked, credits units) {
    const auto& first = bought_.at(root);
    const bool over = is_over(first, booked.booked_at);
    switch (booked.type) {
    case entry_type::spend:
    case entry_type::clawback:
    case entry_type::debt_repaid: RC_ASSERT(!over); [[fallthrough]];
    case entry_type::capture:
    case entry_type::refund: gone_[root] += units; break;
    case entry_type::expire:
      RC_ASSERT(over);
      gone_[root] += units;
      break;
    case entry_type::reverse: gone_[root] -= units; break;
    case entry_type::hold:
    case entry_type::allocate_out:
    case entry_type::return_out:
    case entry_type::reclaim_out: RC_ASSERT(!over); break;
    default: break;
    }
    RC_ASSERT(gone_[root] >= credits{0});
  }

  /// Moving never changes them.
  void check_terms(const lot& found) const {
    const auto& first = bought_.at(found.root);
    RC_ASSERT(found.expires_at == first.expires_at);
    RC_ASSERT(found.effective_at == first.effective_at);
    RC_ASSERT(found.kind == first.kind);
    RC_ASSERT(found.priority == first.priority);
    RC_ASSERT(found.applications == first.applications);
    RC_ASSERT(found.purchase_id == first.purchase_id);
    RC_ASSERT(found.unit_cost_minor == first.unit_cost_minor);
  }

  void check(const node& here) const {
    const auto& totals = here.account.totals;
    const auto& now = totals.now;
    credits free;
    credits held;
    std::map<lot_id, int> lots_of_root;
    for (const auto& each : here.account.lots) {
      RC_ASSERT(each.free >= credits{0} && each.held >= credits{0});
      RC_ASSERT(each.free + each.held > credits{0} && each.free + each.held <= each.amount);
      check_terms(each);
      // Equal lots have merged, but for those that came back after another one had come.
      RC_ASSERT(
          ++lots_of_root[each.root] == 1 || twins_.contains(each.root) ||
          is_over(each, here.account.booked_at)
      );
      free += each.free;
      held += each.held;
    }
    for (const auto& each : here.account.holds.all())
      held -= sum_of(each->left);
    RC_ASSERT(std::is_sorted(here.account.lots.begin(), here.account.lots.end(), burns_before));
    RC_ASSERT(now.available == free);
    RC_ASSERT(held == credits{});
    RC_ASSERT(now.debt >= credits{0} && (now.debt.is_zero() || now.available.is_zero()));
    RC_ASSERT(
        totals.lifetime_in == now.total() + totals.expired + totals.refunded + totals.clawed_back +
                                  totals.allocated_out + totals.debt_repaid
    );
  }

  /// Bought = free + held + on its way + used + expired + refunded + clawed back + repaid.
  void check_roots() const {
    std::map<lot_id, credits> missing;
    for (const auto& [root, first] : bought_)
      missing[root] = first.amount;
    for (const auto& here : nodes_)
      for (const auto& each : here.account.lots)
        missing[each.root] -= each.free + each.held;
    for (const auto& row : on_their_way_)
      for (const auto& each : row.lots)
        if (row.sender || row.kind == inbox_kind::allocation_bounce) missing[each.root] -= each.amount;
    for (const auto& [root, units] : gone_)
      missing[root] -= units;
    for (const auto& [root, units] : missing)
      RC_ASSERT(units == credits{});
  }

  std::map<lot_id, lot> bought_;
  std::map<lot_id, credits> gone_;
  std::set<lot_id> twins_; // roots of lots that came back
};

} // namespace tessera::test
