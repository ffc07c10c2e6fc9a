#include "tests/faults/history/model.hpp"

#include "tests/faults/history/chain.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

namespace tessera::test {

namespace {

constexpr std::int64_t longest_us = 3'000; // of a request
constexpr time_point epoch{std::chrono::sys_days{std::chrono::January / 1 / 2026}};

template <class Id> Id numbered(std::uint64_t n) {
  uuid value;
  for (std::size_t i = 0; i < 8; ++i)
    value.bytes[15 - i] = static_cast<std::uint8_t>(n >> (8 * i));
  return Id{value};
}

/// What becomes of an attempt.
enum class fate { answered, lost_before, lost_after, shed };

struct planned {
  attempt what;
  fate becomes = fate::answered;
  std::int64_t point_us = 0; // when the service decides
};

/// One account of the faultless service.
class simulated_account {
public:
  explicit simulated_account(account_id id) {
    rows_.account = id;
    auto genesis = unsealed(rows_, entry_type::genesis, 0, nobody, 0);
    genesis.idempotency.reset();
    seal(std::move(genesis));
  }

  std::int64_t available() const { return last().after.available.value(); }
  std::int64_t used() const { return last().after.used.value(); }
  std::int64_t seq() const { return static_cast<std::int64_t>(last().seq); }

  const entry& spend(std::int64_t units, std::uint64_t op, std::uint32_t number) {
    auto made = unsealed(rows_, entry_type::spend, units, op, number);
    for (auto& each : lots_) {
      const auto taken = std::min(each.terms.free, made.units - sum_of(made.slices));
      if (taken == credits{}) continue;
      made.slices.push_back({each.terms.id, taken});
      each.terms.free -= taken;
    }
    return seal(std::move(made));
  }

  const entry& buy(std::int64_t units, std::uint64_t op, std::uint32_t number) {
    auto made = unsealed(rows_, entry_type::purchase, units, op, number);
    const auto opens = made.slices.front().lot;
    rows_.inbox.push_back({opens, credits{units}, made.reference, seq() + 1, {}});
    lot_row row;
    row.terms.id = row.terms.root = opens;
    row.terms.seq = last().seq + 1;
    row.terms.purchase_id = made.reference;
    row.terms.amount = row.terms.free = credits{units};
    lots_.push_back(row);
    return seal(std::move(made));
  }

  void save() {
    rows_.snapshot = snapshot_row{seq(), last().hash, last().after};
    rows_.lots = lots_;
    saved_seq_ = last().seq;
  }

  account_rows take() {
    for (const auto& each : lots_)
      if (each.terms.seq > saved_seq_) {
        rows_.lots.push_back(each);
        rows_.lots.back().terms.free = each.terms.amount;
      }
    return std::move(rows_);
  }

private:
  static credits sum_of(const std::vector<slice>& slices) {
    credits sum;
    for (const auto& part : slices)
      sum += part.units;
    return sum;
  }

  const entry& last() const { return rows_.entries.back(); }

  const entry& seal(entry made) {
    const auto first = rows_.entries.empty();
    made.seq = first ? 0 : last().seq + 1;
    made.after = first ? balances{} : last().after;
    if (made.type == entry_type::spend) made.after.available -= made.units;
    if (made.type == entry_type::spend) made.after.used += made.units;
    if (made.type == entry_type::purchase) made.after.available += made.units;
    made.usable_after = made.after.available;
    made.booked_at = epoch + std::chrono::microseconds{made.seq};
    made.hash = expected_hash(first ? digest{} : last().hash, event_of(made, lots_));
    rows_.entries.push_back(std::move(made));
    return last();
  }

  account_rows rows_;
  std::vector<lot_row> lots_;
  std::uint64_t saved_seq_ = 0;
};

/// What the service remembers of a key.
struct remembered {
  entry made;
  std::int64_t balance = 0; // after a purchase
};

class simulation {
public:
  simulation(std::uint64_t seed, model_options options)
      : random_(seed), options_(options), free_at_us_(options.workers) {
    for (std::size_t i = 0; i < options.accounts; ++i) {
      const auto id = numbered<account_id>(0xacc000 + i);
      done_.accounts.push_back(id);
      accounts_.push_back(std::make_unique<simulated_account>(id));
    }
  }

  simulated run() {
    for (std::uint64_t op = 0; op < options_.operations; ++op)
      plan(op);
    std::ranges::sort(plan_, {}, &planned::point_us);
    for (auto& each : plan_)
      carry_out(each);
    simulated all{std::move(done_), {}};
    for (auto& each : accounts_)
      all.rows.push_back(each->take());
    return all;
  }

private:
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random_);
  }
  bool chance(int percent) { return between(1, 100) <= percent; }

  /// The first operations fill the accounts; the last account stays nearly empty.
  void plan(std::uint64_t op) {
    attempt a{.op = op, .account = static_cast<std::uint32_t>(op % options_.accounts)};
    const bool poor = a.account + 1 == options_.accounts;
    const auto dice = between(1, 100);
    a.what = op < options_.accounts || dice <= 3 ? action::purchase
             : dice <= 20                        ? action::read
                                                 : action::consume;
    a.amount = a.what == action::purchase ? (poor ? 20 : 2'000) : a.what == action::read ? 0 : between(1, 9);
    auto end_us = plan_attempts(a, between(0, static_cast<std::int64_t>(options_.workers) - 1));
    if (a.what == action::consume && chance(10)) { // somebody repeats it, now or later
      a.number = 10;
      plan_attempt(
          a,
          fate::answered,
          between(0, static_cast<std::int64_t>(options_.workers) - 1),
          end_us + between(-longest_us, longest_us)
      );
    }
  }

  /// Until it is answered; returns when.
  std::int64_t plan_attempts(attempt a, std::int64_t worker) {
    auto& free_at = free_at_us_[static_cast<std::size_t>(worker)];
    for (;; ++a.number) {
      const auto dice = a.what == action::read || a.number == 3 ? 100 : between(1, 100);
      const auto becomes = dice <= 4    ? fate::lost_before
                           : dice <= 8  ? fate::lost_after
                           : dice <= 12 ? fate::shed
                                        : fate::answered;
      free_at = plan_attempt(a, becomes, worker, free_at + between(1, 200));
      if (becomes == fate::answered) return free_at;
    }
  }

  std::int64_t plan_attempt(attempt a, fate becomes, std::int64_t worker, std::int64_t invoke_us) {
    a.worker = static_cast<std::uint16_t>(worker);
    a.invoke_us = invoke_us;
    a.complete_us = invoke_us + between(2, longest_us);
    plan_.push_back({a, becomes, between(a.invoke_us, a.complete_us)});
    return a.complete_us;
  }

  void carry_out(planned& each) {
    auto& a = each.what;
    if (each.becomes == fate::shed) {
      a.result = outcome::refused;
      a.status = 503;
      a.code = answer_code::overloaded;
      a.retry_after = true;
    } else if (each.becomes != fate::lost_before) {
      answer(a);
    }
    if (each.becomes == fate::lost_before || each.becomes == fate::lost_after) forget(a);
    done_.attempts.push_back(a);
    if (chance(2)) accounts_[a.account]->save();
  }

  void answer(attempt& a) {
    auto& account = *accounts_[a.account];
    if (a.what == action::read) {
      a.result = outcome::ok;
      a.status = 200;
      a.seq = account.seq();
      a.available = account.available();
      a.used = account.used();
    } else if (const auto known = keys_.find(a.op); known != keys_.end()) {
      tell(a, known->second, true);
    } else if (a.what == action::consume && a.amount > account.available()) {
      a.result = outcome::refused;
      a.status = 402;
      a.code = answer_code::insufficient_credits;
      a.available = a.would_allow = account.available();
    } else {
      const auto& made = a.what == action::consume ? account.spend(a.amount, a.op, a.number)
                                                   : account.buy(a.amount, a.op, a.number);
      tell(a, keys_[a.op] = {made, account.available()}, false);
    }
  }

  void tell(attempt& a, const remembered& first, bool replayed) {
    a.result = outcome::ok;
    a.status = a.what == action::consume ? 200 : 201;
    a.replayed = replayed;
    a.available = first.balance;
    if (a.what == action::consume) a.seq = static_cast<std::int64_t>(first.made.seq);
    if (a.what != action::purchase) return;
    a.reference = static_cast<std::uint32_t>(done_.references.size());
    done_.references.push_back(first.made.reference);
  }

  /// The answer never came.
  static void forget(attempt& a) {
    a.result = outcome::unknown;
    a.code = answer_code::lost;
    a.status = 0;
    a.replayed = false;
    a.reference = 0;
    a.seq = a.available = a.would_allow = not_told;
  }

  random_source random_;
  model_options options_;
  std::vector<std::int64_t> free_at_us_; // by worker
  std::vector<planned> plan_;
  std::vector<std::unique_ptr<simulated_account>> accounts_;
  std::map<std::uint64_t, remembered> keys_;
  history done_;
};

std::vector<slice> taken_from(std::vector<std::pair<lot_id, credits>>& lots, credits wanted) {
  std::vector<slice> slices;
  for (auto& [id, free] : lots) {
    const auto taken = std::min(free, wanted);
    if (taken == credits{}) continue;
    slices.push_back({id, taken});
    free -= taken;
    wanted -= taken;
  }
  return slices;
}

/// Its lot and its inbox row follow a purchase to its new seq.
void move_purchase(account_rows& rows, const entry& bought, const std::vector<lot_row>& lots) {
  const auto here =
      std::ranges::find(lots, bought.slices.front().lot, [](const lot_row& row) { return row.terms.id; });
  if (here != lots.end()) {
    rows.lots.push_back(*here);
    rows.lots.back().terms.seq = bought.seq;
  }
  for (auto& row : rows.inbox)
    if (row.reference == bought.reference) row.absorbed_seq = static_cast<std::int64_t>(bought.seq);
}

} // namespace

simulated simulate(std::uint64_t seed, model_options options) {
  return simulation(seed, options).run();
}

entry unsealed(
    const account_rows& rows, entry_type type, std::int64_t units, std::uint64_t op, std::uint32_t number
) {
  entry made;
  made.account = rows.account;
  made.tenant = numbered<tenant_id>(0x7e4a47);
  made.type = type;
  made.units = credits{units};
  made.request_id = op == nobody ? "" : request_of(op, number);
  made.caller_key = type == entry_type::spend ? key_of(op) : "";
  if (type == entry_type::spend) made.idempotency = {numbered<uuid>(op), numbered<uuid>(~op)};
  if (type == entry_type::purchase) made.reference = "pur-" + std::to_string(op);
  if (type == entry_type::purchase) made.slices = {{numbered<lot_id>(op), credits{units}}};
  return made;
}

void rehash(account_rows& rows) {
  digest previous{};
  for (auto& each : rows.entries)
    previous = each.hash = expected_hash(previous, event_of(each, rows.lots));
}

void reseal(account_rows& rows) {
  balances before;
  std::vector<std::pair<lot_id, credits>> free;
  const auto purchased = rows.lots;
  rows.lots.clear();
  for (std::size_t i = 0; i < rows.entries.size(); ++i) {
    auto& each = rows.entries[i];
    each.seq = i;
    each.booked_at = epoch + std::chrono::microseconds{i};
    if (each.type == entry_type::spend) {
      before.available -= each.units;
      before.used += each.units;
      each.slices = taken_from(free, each.units);
    } else if (each.type == entry_type::allocate_out) {
      before.available -= each.units;
      each.slices = taken_from(free, each.units);
    } else if (each.type == entry_type::reverse) {
      before.available += each.units;
      before.used -= each.units;
      for (const auto& part : each.slices)
        free.emplace_back(part.lot, part.units);
    } else if (each.type == entry_type::purchase) {
      before.available += each.units;
      free.emplace_back(each.slices.front().lot, each.units);
      move_purchase(rows, each, purchased);
    }
    each.after = before;
    each.usable_after = before.available;
  }
  rows.snapshot.reset();
  rehash(rows);
}

} // namespace tessera::test
