#include "tests/faults/history/chain.hpp"

#include "actors/domain/ledger_format.hpp"
#include "messages/entry_names.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <memory>
#include <unordered_map>

namespace tessera::test {

namespace {

/// What the units of an entry do to the balances. Written again rather than taken from the service's own
/// table: an error there must not hide itself.
struct movement {
  int available = 0;
  int used = 0;
  int reserved = 0;
  int debt = 0;
};

std::optional<movement> movement_of(entry_type type) {
  switch (type) {
  case entry_type::genesis: return movement{0, 0};
  case entry_type::purchase:
  case entry_type::grant:
  case entry_type::bonus:
  case entry_type::allocate_in:
  case entry_type::return_in:
  case entry_type::reclaim_in:
  case entry_type::reinstate: return movement{+1, 0};
  case entry_type::allocate_out:
  case entry_type::return_out:
  case entry_type::reclaim_out: return movement{-1, 0};
  case entry_type::freeze:
  case entry_type::unfreeze: return movement{0, 0};
  case entry_type::spend: return movement{-1, +1};
  case entry_type::expire: return movement{-1, 0};
  case entry_type::hold: return movement{-1, 0, +1};
  case entry_type::capture: return movement{0, +1, -1};
  case entry_type::release: return movement{+1, 0, -1};
  case entry_type::reverse: return movement{+1, -1};
  case entry_type::refund: return movement{0, 0, -1};
  case entry_type::clawback: return movement{-1, 0};
  case entry_type::debt_repaid: return movement{-1, 0, 0, -1};
  case entry_type::adjust: return movement{0, 0, 0, +1};
  default: return std::nullopt; // teach it here when the service learns it
  }
}

/// Credits that were not in the account.
bool brings(const movement& by) {
  return by.available > 0 && by.reserved == 0 && by.used == 0;
}

balances after(const balances& before, movement by, credits units) {
  auto next = before;
  next.available += credits{by.available * units.value()};
  next.used += credits{by.used * units.value()};
  next.reserved += credits{by.reserved * units.value()};
  next.debt += credits{by.debt * units.value()};
  return next;
}

bool has_negative(const balances& b) {
  const credits none;
  return b.available < none || b.reserved < none || b.used < none || b.debt < none;
}

std::string show(const balances& b) {
  return "available " + std::to_string(b.available.value()) + ", reserved " +
         std::to_string(b.reserved.value()) + ", used " + std::to_string(b.used.value()) + ", debt " +
         std::to_string(b.debt.value());
}

class walker {
public:
  walker(const account_rows& rows, violations& found, transfers* moved)
      : rows_(rows), found_(found), moved_(moved) {}

  std::vector<effect> walk() {
    std::vector<effect> effects;
    effects.reserve(rows_.entries.size());
    for (const auto& each : rows_.entries) {
      check_place(each);
      check_hash(each);
      check_balances(each);
      move_lots(each);
      note_reversal(each);
      note_transfer(each);
      last_ = &each;
      if (rows_.snapshot && rows_.snapshot->seq == seq_of(each)) compare_snapshot();
      effects.push_back(effect_of(each));
    }
    check_end();
    if (moved_)
      for (const auto& row : rows_.inbox)
        if (row.is_transfer && !row.absorbed_seq && !row.refused_code)
          moved_->by_allocation[row.reference].waits += row.units.value();
    return effects;
  }

private:
  static std::int64_t seq_of(const entry& e) { return static_cast<std::int64_t>(e.seq); }

  void report(violation_kind kind, const entry& at, const std::string& text) {
    found_.add(kind, place(rows_.account, seq_of(at)) + ": " + text);
  }

  void check_place(const entry& e) {
    const auto expected = last_ ? seq_of(*last_) + 1 : 0;
    if (last_ && seq_of(e) == seq_of(*last_)) report(violation_kind::duplicate_seq, e, "a second one");
    if (seq_of(e) > expected) report(violation_kind::seq_gap, e, "expected " + std::to_string(expected));
    if (last_ && e.booked_at <= last_->booked_at)
      report(violation_kind::booked_out_of_order, e, "booked before its predecessor");
    if (e.account != rows_.account || (last_ && e.tenant != last_->tenant))
      report(violation_kind::broken_chain, e, "it belongs to somebody else");
  }

  void check_hash(const entry& e) {
    const auto event = event_of(e, rows_.lots);
    opened_ += event.opened.size();
    if (e.hash != expected_hash(last_ ? last_->hash : digest{}, event))
      report(violation_kind::broken_chain, e, "its hash does not follow from its predecessor");
  }

  void check_balances(const entry& e) {
    const auto moved = movement_of(e.type);
    if (!moved) return report(violation_kind::unknown_entry_type, e, std::string(to_string(e.type)));
    const auto expected = after(last_ ? last_->after : balances{}, *moved, e.units);
    if (e.after != expected)
      report(violation_kind::broken_balance, e, show(e.after) + " instead of " + show(expected));
    if (has_negative(e.after)) report(violation_kind::negative_balance, e, show(e.after));
    came_in_ += brings(*moved) ? e.units : credits{};
    gone_ +=
        e.type == entry_type::refund || e.type == entry_type::clawback || e.type == entry_type::debt_repaid
            ? e.units
            : credits{};
    expired_ += e.type == entry_type::expire ? e.units : credits{};
  }

  void move_lots(const entry& e) {
    const auto moved = movement_of(e.type);
    if (!moved) return;
    credits sum;
    for (const auto& part : e.slices) {
      sum += part.units;
      auto& free = lots_[part.lot];
      auto& held = held_[part.lot];
      free += credits{moved->available * part.units.value()};
      held += credits{moved->reserved * part.units.value()};
      if (free < credits{} || held < credits{})
        report(violation_kind::lot_overdrawn, e, "lot " + to_string(part.lot));
    }
    const bool has_lots = moved->available != 0 || moved->used != 0 || moved->reserved != 0;
    if (has_lots && sum != e.units) report(violation_kind::lot_overdrawn, e, "its slices are not its units");
  }

  /// Never more comes back than was spent.
  void note_reversal(const entry& e) {
    if (e.type == entry_type::spend || e.type == entry_type::capture) reversible_[seq_of(e)] = e.units;
    if (e.type != entry_type::reverse) return;
    const auto spent = parse_transaction_id(e.reference);
    const auto found = reversible_.find(spent ? static_cast<std::int64_t>(spent->seq) : -1);
    if (found == reversible_.end() || spent->account != rows_.account || found->second < e.units)
      return report(violation_kind::conservation, e, "it reverses more than " + e.reference + " spent");
    found->second -= e.units;
  }

  void note_transfer(const entry& e) {
    const bool leaves = e.type == entry_type::allocate_out || e.type == entry_type::return_out ||
                        e.type == entry_type::reclaim_out;
    const bool arrives = e.type == entry_type::allocate_in || e.type == entry_type::return_in ||
                         e.type == entry_type::reclaim_in;
    left_ += leaves ? e.units : credits{};
    if (!moved_ || (!leaves && !arrives)) return;
    auto& passage = moved_->by_allocation[e.reference];
    (leaves ? passage.left : passage.arrived) += e.units.value();
  }

  credits free_in(const lot_id& id) const {
    const auto here = lots_.find(id);
    return here == lots_.end() ? credits{} : here->second;
  }

  static bool opened_by(const lot_row& row, std::int64_t seq) {
    return static_cast<std::int64_t>(row.terms.seq) <= seq;
  }

  void compare_snapshot() {
    const auto& kept = *rows_.snapshot;
    if (kept.head != last_->hash) report(violation_kind::snapshot_disagrees, *last_, "another hash");
    if (kept.now != last_->after)
      report(
          violation_kind::snapshot_disagrees, *last_, show(kept.now) + " instead of " + show(last_->after)
      );
    for (const auto& each : rows_.lots)
      if (opened_by(each, kept.seq) && each.terms.free != free_in(each.terms.id))
        report(
            violation_kind::snapshot_disagrees,
            *last_,
            "lot " + to_string(each.terms.id) + " has " + std::to_string(each.terms.free.value()) +
                " instead of " + std::to_string(free_in(each.terms.id).value())
        );
  }

  void check_end() {
    if (!last_)
      return found_.add(violation_kind::seq_gap, to_string(rows_.account) + " has no genesis entry");
    if (rows_.snapshot && rows_.snapshot->seq > seq_of(*last_))
      report(violation_kind::snapshot_disagrees, *last_, "the snapshot is ahead of the ledger");
    if (opened_ != rows_.lots.size())
      report(violation_kind::broken_chain, *last_, "there are lots that no entry opened");
    const auto& end = last_->after;
    if (came_in_ != end.total() + expired_ + left_ + gone_)
      report(
          violation_kind::conservation, *last_, std::to_string(came_in_.value()) + " came in; " + show(end)
      );
    for (const auto& each : rows_.lots)
      if (each.closed && free_in(each.terms.id) != credits{})
        report(violation_kind::snapshot_disagrees, *last_, "a lot with units left is closed");
  }

  /// Spends and reversals name their key and their request; what came in through the inbox names the request
  /// only.
  effect effect_of(const entry& e) {
    effect made{
        .seq = seq_of(e),
        .op = nobody,
        .number = {},
        .type = e.type,
        .units = e.units.value(),
        .usable = e.usable_after.value(),
        .available = e.after.available.value(),
        .used = e.after.used.value(),
        .reference = e.type == entry_type::purchase ? e.reference : "",
    };
    const bool has_key = e.type == entry_type::spend || e.type == entry_type::reverse;
    if (!has_key && e.type != entry_type::purchase) return made;
    const auto request = parse_request(e.request_id);
    const auto key = has_key ? parse_key(e.caller_key) : request ? std::optional(request->op) : std::nullopt;
    if (!key) {
      report(violation_kind::phantom_entry, e, "key " + e.caller_key + ", request " + e.request_id);
      return made;
    }
    made.op = *key;
    if (request && request->op == *key) made.number = request->number;
    return made;
  }

  const account_rows& rows_;
  violations& found_;
  const entry* last_ = nullptr;
  std::size_t opened_ = 0;
  std::unordered_map<lot_id, credits> lots_; // free units
  std::unordered_map<lot_id, credits> held_;
  credits came_in_;
  credits expired_;
  credits left_;                                         // for other accounts
  credits gone_;                                         // for nobody
  std::unordered_map<std::int64_t, credits> reversible_; // of spends and captures: what is left to reverse
  transfers* moved_;
};

} // namespace

std::string place(const account_id& account, std::int64_t seq) {
  return to_string(account) + " seq " + std::to_string(seq);
}

account_event event_of(const entry& booked, const std::vector<lot_row>& lots) {
  account_event event{booked, {}, {}};
  const auto moved = movement_of(booked.type).value_or(movement{});
  if (!brings(moved)) return event;
  for (const auto& row : lots)
    if (row.terms.seq == booked.seq) event.opened.push_back(row.terms);
  return event;
}

digest expected_hash(const digest& previous, const account_event& event) {
  static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  thread_local const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(
      EVP_MD_CTX_new(), &EVP_MD_CTX_free
  );
  thread_local std::string bytes;
  bytes.clear();
  append_canonical(bytes, event);
  digest hash{};
  EVP_DigestInit_ex(context.get(), sha256, nullptr);
  EVP_DigestUpdate(context.get(), previous.data(), previous.size());
  EVP_DigestUpdate(context.get(), bytes.data(), bytes.size());
  EVP_DigestFinal_ex(context.get(), hash.data(), nullptr);
  return hash;
}

std::vector<effect> walk_chain(const account_rows& rows, violations& found, transfers* moved) {
  return walker(rows, found, moved).walk();
}

void transfers::check(violations& found) const {
  for (const auto& [id, each] : by_allocation)
    if (each.left != each.arrived + each.waits)
      found.add(
          violation_kind::conservation,
          id + ": " + std::to_string(each.left) + " left, " + std::to_string(each.arrived) + " arrived, " +
              std::to_string(each.waits) + " wait"
      );
}

} // namespace tessera::test
