#pragma once

#include "messages/journal.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// A slow account of what the rules say, in other words: what became of every unit of every lot.
namespace tessera::test {

/// What became of the units of a lot.
struct fate {
  lot opened;               // its terms, and the amount that it was opened with
  std::int64_t amount = 0;  // as the account knows it
  std::int64_t arrived = 0; // with it, or to it
  std::int64_t free = 0;
  std::int64_t held = 0;
  std::int64_t used = 0;
  std::int64_t expired = 0;
  std::int64_t refunded = 0;
  std::int64_t clawed = 0;
  std::int64_t sent = 0;
  std::int64_t repaid = 0;

  friend bool operator==(const fate&, const fate&) = default;

  bool over(time_point at) const { return opened.expires_at && *opened.expires_at <= at; }

  bool can_pay(const std::string& application, time_point at) const {
    if (over(at) || opened.effective_at > at) return false;
    bool in_scope = opened.applications.empty() || application.empty();
    for (const auto& each : opened.applications)
      in_scope = in_scope || each == application;
    return in_scope;
  }

  /// R-C 3.3, key by key.
  bool before(const fate& other) const {
    const auto& a = opened;
    const auto& b = other.opened;
    if (a.priority != b.priority) return a.priority < b.priority;
    if (a.expires_at != b.expires_at) return a.expires_at && (!b.expires_at || *a.expires_at < *b.expires_at);
    if (a.applications.empty() != b.applications.empty()) return !a.applications.empty();
    if (a.kind != b.kind) return a.kind < b.kind;
    if (a.seq != b.seq) return a.seq < b.seq;
    return a.id < b.id;
  }

  /// True when units with the terms of `arriving` may join it (R-C 3.2).
  bool takes_up(const lot& arriving, time_point at) const {
    return free + held > 0 && !over(at) && opened.root == arriving.root && opened.kind == arriving.kind &&
           opened.priority == arriving.priority && opened.effective_at == arriving.effective_at &&
           opened.expires_at == arriving.expires_at && opened.applications == arriving.applications &&
           opened.purchase_id == arriving.purchase_id;
  }

  /// The units of an arrival.
  void add(std::int64_t units) {
    arrived += units;
    amount += units;
    free += units;
  }

  /// What is there again cannot be more than there ever was. One that is empty is forgotten with what joined
  /// it.
  void remember_amount() {
    amount = free + held == 0 ? opened.amount.value() : std::max(amount, free + held);
  }
};

/// What became of a hold.
struct promise {
  std::uint64_t seq = 0;
  hold_purpose purpose = hold_purpose::spend;
  std::string application;
  time_point ends_at;
  std::int64_t amount = 0;
  std::int64_t captured = 0;
  std::vector<slice> left;

  friend bool operator==(const promise&, const promise&) = default;

  bool open() const { return !left.empty(); }
};

using may_give = std::function<bool(const fate&)>;

/// All of it, and the ways in which it changes.
struct balance_sheet {
  std::map<lot_id, fate> fates;
  std::vector<promise> promises;
  std::int64_t debt = 0;
  bool frozen = false;

  friend bool operator==(const balance_sheet&, const balance_sheet&) = default;

  std::int64_t sum_of(std::int64_t fate::*figure, const may_give& of = {}) const {
    std::int64_t sum = 0;
    for (const auto& [id, each] : fates)
      sum += !of || of(each) ? each.*figure : 0;
    return sum;
  }

  std::int64_t usable(const std::string& application, time_point at) const {
    return sum_of(&fate::free, [&](const fate& each) { return each.can_pay(application, at); });
  }

  promise* find(std::uint64_t seq) {
    const auto found = std::ranges::find(promises, seq, &promise::seq);
    return found == promises.end() ? nullptr : &*found;
  }

  /// Takes free units, those first that burn first (`backwards`: last), and says which.
  std::vector<slice>
  take(std::int64_t wanted, std::int64_t fate::*into, const may_give& from, bool backwards = false) {
    std::vector<slice> taken;
    while (wanted > 0) {
      fate* first = nullptr;
      for (auto& [id, each] : fates)
        if (each.free > 0 && from(each) && (!first || each.before(*first) != backwards)) first = &each;
      if (!first) return {}; // there is not as much
      const auto units = std::min(wanted, first->free);
      taken.push_back({first->opened.id, credits{units}});
      first->free -= units;
      first->*into += units;
      first->remember_amount();
      wanted -= units;
    }
    return taken;
  }

  /// Moves units of these slices from one fate to another.
  void move(const std::vector<slice>& parts, std::int64_t fate::*from, std::int64_t fate::*into) {
    for (const auto& part : parts) {
      auto& here = fates.at(part.lot);
      here.*from -= part.units.value();
      here.*into += part.units.value();
      here.remember_amount();
    }
  }

  /// Opens a lot; its units arrive with it.
  void open(lot opened, std::int64_t units) {
    auto& here = fates[opened.id];
    here.opened = std::move(opened);
    here.add(units);
  }

  void let_go(promise& hold) {
    move(hold.left, &fate::held, &fate::free);
    hold.left.clear();
  }

  /// What of lots that are over is free is nobody's; what is free then repays what is owed.
  void settle(time_point at) {
    for (auto& [id, each] : fates)
      if (each.over(at)) {
        each.expired += each.free;
        each.free = 0;
        each.remember_amount();
      }
    const auto paid = std::min(debt, sum_of(&fate::free));
    take(paid, &fate::repaid, [](const fate&) { return true; });
    debt -= paid;
  }

  /// The balance that a decision meets at `at`.
  balance_sheet at(time_point at) const {
    auto then = *this;
    for (auto& each : then.promises)
      if (each.ends_at <= at) then.let_go(each);
    then.settle(at);
    return then;
  }
};

} // namespace tessera::test
