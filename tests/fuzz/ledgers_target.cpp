#include "actors/domain/credit_account.hpp"
#include "actors/domain/entry_effects.hpp"
#include "actors/domain/ledger_check.hpp"
#include "tests/fuzz/target.hpp"

#include <algorithm>

namespace tessera::fuzz {

namespace {

const account_id owner{uuid{{1}}};

lot_id lot_numbered(unsigned char number) {
  return lot_id{uuid{{2, number}}};
}

/// Writes entries that are right, or nearly: what is not said by the bytes follows from the account.
class author {
public:
  explicit author(std::string_view& bytes) : bytes_(bytes) {}

  account_event next(const credit_account& before) {
    account_event event;
    auto& booked = event.booked;
    booked.account = owner;
    booked.seq = before.id == owner ? before.seq + 1 : 0;
    booked.type = static_cast<entry_type>(take_byte(bytes_) % (entry_type_count + 1));
    booked.booked_at = before.booked_at + std::chrono::microseconds{1};
    write_slices(event);
    booked.units = sum_of(booked.slices);
    booked.after = after(booked, before.totals.now);
    if (has_hold_mark(booked.type)) write_mark(before, booked);
    distort(booked);
    return event;
  }

private:
  /// What follows from the type, also where it can't be.
  static balances after(const entry& booked, balances now) {
    const auto* effect = find_effect(booked.type);
    if (!effect) return now;
    const auto moved = [&](credits figure, change what) {
      if (what == change::none) return figure;
      return what == change::add ? figure + booked.units : figure - booked.units;
    };
    return {
        moved(now.available, effect->free),
        moved(now.reserved, effect->held),
        moved(now.used, effect->used),
        now.debt};
  }

  void write_slices(account_event& event) {
    for (auto left = take_byte(bytes_) % 4; left > 0; --left) {
      const auto number = take_byte(bytes_);
      const slice part{lot_numbered(number % 8), credits{take_byte(bytes_)}};
      event.booked.slices.push_back(part);
      if (number < 128) continue;
      lot opened;
      opened.id = opened.root = part.lot;
      opened.seq = event.booked.seq;
      opened.amount = opened.free = part.units;
      event.opened.push_back(opened);
    }
  }

  void write_mark(const credit_account& before, entry& booked) {
    auto& mark = booked.hold.emplace();
    mark.state = static_cast<hold_state>(take_byte(bytes_) % 5);
    mark.amount = booked.units;
    mark.ends_at = booked.booked_at + std::chrono::microseconds{1 + take_byte(bytes_)};
    auto seq = booked.seq;
    if (booked.type != entry_type::hold && !before.holds.empty()) {
      const auto& open = *before.holds.all()[take_byte(bytes_) % before.holds.size()];
      seq = open.seq;
      mark.purpose = open.purpose;
      mark.amount = open.amount;
      mark.ends_at = open.ends_at;
      mark.captured = booked.type == entry_type::capture ? open.captured + booked.units : open.captured;
    }
    booked.reference = hold_id_of({owner, seq});
  }

  /// One figure in eight entries is another one, as far as the bytes like.
  void distort(entry& booked) {
    credits* const figures[] = {
        &booked.units,
        &booked.after.available,
        &booked.after.reserved,
        &booked.after.used,
        &booked.after.debt};
    const auto which = take_byte(bytes_);
    if (which >= 32) return;
    auto& figure = *figures[which % std::size(figures)];
    figure = credits{
        static_cast<std::int64_t>(static_cast<std::uint64_t>(take_byte(bytes_)) << (take_byte(bytes_) % 64))};
    if (!booked.slices.empty() && which >= 16) booked.slices.front().units = figure;
  }

  std::string_view& bytes_;
};

void check_sums(const credit_account& account) {
  balances sums;
  for (const auto& each : account.lots) {
    claim(each.free >= credits{} && each.held >= credits{}, "no lot is below zero");
    sums.available += each.free;
    sums.reserved += each.held;
  }
  credits held;
  for (const auto& each : account.holds.all())
    held += sum_of(each->left);
  claim(sums.available == account.totals.now.available, "available is what lots have free");
  claim(
      sums.reserved == account.totals.now.reserved && held == sums.reserved,
      "reserved is what lots hold, and holds have"
  );
}

} // namespace

/// A ledger that somebody wrote: what `verify` finds no flaw in can be applied, and adds up.
void run_ledgers(std::string_view bytes) {
  credit_account account;
  author writer(bytes);
  while (!bytes.empty()) {
    const auto event = writer.next(account);
    if (!flaw_of(account, event).empty()) continue;
    evolve(account, event);
    check_sums(account);
    claim(flaw_of(account, snapshot_of(account)).empty(), "an account agrees with its own snapshot");
    claim(restore(snapshot_of(account)) == account, "an account comes back as it was");
  }
}

} // namespace tessera::fuzz
