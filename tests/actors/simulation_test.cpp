// Random lives of a node, each from a seed: commands, repeated and old keys, expiry, rest, another writer,
// exceptions and every fault of the store, in random order. Afterwards the ledger must explain every answer.
#include "actors/account/seal.hpp"
#include "actors/cluster/lease.hpp"
#include "tests/actors/chance.hpp"
#include "tests/support/actor_world.hpp"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

namespace tessera::test {
namespace {

using namespace std::chrono_literals;

/// The caller may simply try again later: nothing happened, or the same key tells.
constexpr bool is_failure(errc code) {
  return code >= errc::overloaded;
}

struct spend_try {
  consume_credits command;
  asked<consume_receipt> request;
  std::uint64_t acknowledged; // the highest seq that was answered before
};

struct batch_try {
  consume_atomically command;
  asked<atomic_receipt> request;
  std::uint64_t acknowledged;
};

struct allocation_try {
  allocate_credits command;
  asked<allocation_receipt> request;
};

struct hold_try {
  std::variant<hold_credits, capture_hold, release_hold> command;
  asked<hold_receipt> request;

  const hold_request& by() const {
    return std::visit([](const auto& each) -> const hold_request& { return each; }, command);
  }
};

struct read_try {
  account_id account;
  asked<balance_view> request;
  std::uint64_t acknowledged;
};

/// What the lives of a test have seen between them: a rule that is never met is not tested.
struct seen_in_lives {
  std::size_t allocations = 0;
  std::size_t remembered_refusals = 0;
  std::size_t bounces = 0;
  std::size_t batches = 0; // that happened
  std::size_t replayed_batches = 0;
  std::size_t mixtures = 0;
  std::size_t captures = 0;
  std::size_t holds_over = 0;
  std::size_t replayed_holds = 0;
};

/// Later than a life, sooner than its longest holds are over.
constexpr auto after_a_life = start_of_test + 12h;

class simulation {
public:
  explicit simulation(std::uint64_t seed)
      : pick_(seed), world_(options_of(pick_, seed)), expires_(pick_.one_in(2)), foreign_(pick_.one_in(4)),
        throws_(pick_.one_in(4)), loses_leases_(pick_.one_in(4)) {
    for (auto count = 1 + pick_.below(4); count > 0; --count)
      open();
  }

  void run(seen_in_lives& seen) {
    for (auto steps = 40 + pick_.below(100); steps > 0; --steps)
      step();
    quiesce();
    ask_again_what_is_unknown();
    ask_again_batches();
    ask_again_allocations();
    ask_again_holds();
    for (int i = 0; i < 2; ++i) // what a receiver sends back arrives, too
      for (const auto& account : accounts_)
        absorb_all(account);
    check();
    count(seen);
  }

private:
  // What happens

  void open() {
    std::initializer_list<lot> none{};
    const auto n = static_cast<std::uint32_t>(accounts_.size()) * 10;
    switch (pick_.below(4)) {
    case 0: return accounts_.push_back(world_.open(none));
    case 1: return accounts_.push_back(world_.open({a_lot(n + 1, pick_.between(1, 300))}));
    default: accounts_.push_back(world_.open({some_lot(n + 1), some_lot(n + 2), some_lot(n + 3)}));
    }
  }

  lot some_lot(std::uint32_t n) {
    auto made = a_lot(n, pick_.between(1, 200), priority(static_cast<std::uint8_t>(pick_.between(1, 3))));
    if (expires_ && pick_.one_in(2))
      made.expires_at = start_of_test + std::chrono::minutes(pick_.between(0, 60));
    if (pick_.one_in(5)) made.applications = {pick_.one_in(2) ? "crm" : "erp"};
    return made;
  }

  const account_id& any_account() { return accounts_[pick_.below(accounts_.size())]; }

  void step() {
    // Mostly things move on; the rest is somebody's wish.
    switch (pick_.below(20)) {
    case 0:
    case 1:
    case 2:
    case 3: return pick_.one_in(4) ? spend_together() : spend();
    case 4: return pick_.one_in(2) ? read() : set_aside();
    case 5: return pick_.one_in(2) ? bring_credits() : give();
    case 6: return something_rare();
    case 7:
    case 8:
    case 9: {
      world_.step_round();
      return;
    }
    case 10:
    case 11: {
      world_.step_read(pick_.below(100));
      return;
    }
    case 12: {
      world_.step_bounced();
      return;
    }
    case 14: {
      world_.step_look_ups();
      return;
    }
    case 13: {
      world_.step_snapshot(pick_.below(100));
      return;
    }
    default: world_.step_actor(pick_.below(100));
    }
  }

  void something_rare() {
    const auto& account = any_account();
    switch (pick_.below(10)) {
    case 0: world_.passivate(account); return;
    case 1: world_.save_snapshot(account); return;
    case 2: world_.ask(expire_lots{account, {}}); return;
    case 3: world_.tell(expire_lots{account, {}}); return;
    case 4: world_.ask(absorb_inbox{account, {}}); return;
    case 5: world_.time().pass(std::chrono::minutes(pick_.between(0, 20))); return;
    case 6: world_.settle(); return;
    case 7: return another_node_writes(account);
    case 8: return something_throws();
    default: return lease_or_load_fails();
    }
  }

  void spend() {
    auto command = tries_.empty() || !pick_.one_in(3) ? new_spend() : repeated_spend();
    command.request_id = "try-" + std::to_string(tries_.size());
    const auto acknowledged = acknowledged_of(command.account);
    tries_.push_back({command, world_.ask(command), acknowledged});
  }

  consume_credits new_spend() {
    auto command = consume(pick_.between(1, 60), pick_.one_in(4) ? "erp" : "crm");
    command.account = any_account();
    if (!pick_.one_in(4)) command.idempotency = key_for(command, ++keys_);
    return command;
  }

  /// The same call again, or another one under its key.
  consume_credits repeated_spend() {
    auto command = tries_[pick_.below(tries_.size())].command;
    if (!command.idempotency || !pick_.one_in(6)) return command;
    if (pick_.one_in(2))
      command.account = any_account();
    else
      command.amount += credits{1};
    command.idempotency->fingerprint = key_for(command, 0).fingerprint;
    return command;
  }

  /// The fingerprint covers the call.
  static idempotency_key key_for(const consume_credits& command, std::uint32_t n) {
    auto key = a_key(n * 16, static_cast<std::uint32_t>(command.amount.value()));
    key.fingerprint.bytes[0] = command.account.value.bytes[15];
    key.fingerprint.bytes[1] = static_cast<std::uint8_t>(command.application.front());
    return key;
  }

  /// New items, now and then one that was asked for alone; or a batch again.
  void spend_together() {
    if (!batches_.empty() && pick_.one_in(3)) return spend_together(any_batch().command);
    auto first = new_spend();
    consume_atomically batch{first.account, {std::move(first)}, {}};
    for (auto more = pick_.below(4); more > 0; --more)
      batch.items.push_back(another_item(batch));
    spend_together(std::move(batch));
  }

  consume_credits another_item(const consume_atomically& of) {
    if (pick_.one_in(8) && !tries_.empty()) {
      const auto& old = tries_[pick_.below(tries_.size())].command;
      const bool fits = old.account == of.account && old.application == of.items.front().application;
      if (fits && !has_key_of(of, old)) return old;
    }
    auto command = new_spend();
    command.account = of.account;
    command.application = of.items.front().application;
    if (command.idempotency) command.idempotency->fingerprint = key_for(command, 0).fingerprint;
    return command;
  }

  static bool has_key_of(const consume_atomically& batch, const consume_credits& command) {
    return command.idempotency && std::ranges::any_of(batch.items, [&](const consume_credits& item) {
             return item.idempotency && item.idempotency->key == command.idempotency->key;
           });
  }

  const batch_try& any_batch() { return batches_[pick_.below(batches_.size())]; }

  void spend_together(consume_atomically batch) {
    for (std::size_t i = 0; i < batch.items.size(); ++i)
      batch.items[i].request_id = name_of_item(batches_.size(), i);
    const auto acknowledged = acknowledged_of(batch.account);
    const auto request = world_.ask(batch);
    batches_.push_back({std::move(batch), request, acknowledged});
  }

  static std::string name_of_item(std::size_t batch, std::size_t item) {
    return "batch-" + std::to_string(batch) + "/" + std::to_string(item);
  }

  void ask_again_batches() {
    std::vector<consume_atomically> unknown;
    for (const auto& each : batches_)
      if (world_.answer(each.request).code() == errc::outcome_unknown) unknown.push_back(each.command);
    for (const auto& batch : unknown)
      for (int i = 0; i < 2;
           ++i) { // an account that another node has outrun does not know it before it writes
        spend_together(batch);
        world_.settle();
      }
  }

  void read() {
    const auto& account = any_account();
    const auto acknowledged = acknowledged_of(account);
    reads_.push_back({account, world_.ask(balance_query{account, "crm"}), acknowledged});
  }

  void bring_credits() {
    const auto& account = any_account();
    rows_.push_back(world_.put_inbox(account, pick_.one_in(10) ? credits::limit : pick_.between(1, 100)));
    if (pick_.one_in(2)) world_.ask(absorb_inbox{account, {}});
  }

  /// To one or two others, or again under an old key.
  void give() {
    if (accounts_.size() < 2) return;
    if (!gifts_.empty() && pick_.one_in(4)) return give_again(gifts_[pick_.below(gifts_.size())].command);
    const auto& from = any_account();
    std::vector<allocation_leg> legs;
    std::int64_t sum = 0;
    for (const auto& to : accounts_) {
      if (to == from || legs.size() == 2 || pick_.one_in(2)) continue;
      legs.push_back({to, credits{pick_.between(1, 80)}, {}});
      sum = sum * 100 + legs.back().amount.value();
    }
    if (legs.empty()) return;
    auto command = allocate(legs);
    command.account = from;
    if (pick_.one_in(2)) command.lots.policy = lot_policy::latest_first;
    if (!pick_.one_in(4)) {
      command.idempotency = a_key(++keys_ * 16, static_cast<std::uint32_t>(sum));
      command.idempotency->fingerprint.bytes[0] = from.value.bytes[15];
    }
    give_again(std::move(command));
  }

  /// Each call brings ids of its own.
  void give_again(allocate_credits command) {
    command.request_id = "give-" + std::to_string(gifts_.size());
    command.allocation_id = "alloc-" + std::to_string(gifts_.size());
    for (auto& leg : command.legs)
      leg.id = numbered<inbox_id>(1'000'000 + (++legs_ << 8));
    const auto request = world_.ask(command);
    gifts_.push_back({std::move(command), request});
  }

  void ask_again_allocations() {
    std::vector<allocate_credits> unknown;
    for (const auto& each : gifts_)
      if (each.command.idempotency && world_.answer(each.request).code() == errc::outcome_unknown)
        unknown.push_back(each.command);
    for (const auto& command : unknown)
      for (int i = 0; i < 2; ++i) {
        give_again(command);
        world_.settle();
      }
  }

  /// A new hold, or what becomes of one; or again under an old key.
  void set_aside() {
    if (!holds_.empty() && pick_.one_in(4)) return set_aside(holds_[pick_.below(holds_.size())].command);
    const auto opened = any_hold();
    if (!opened || pick_.one_in(2)) {
      const auto ttl = expires_ ? std::chrono::seconds(std::chrono::minutes(pick_.between(1, 30))) : 24h;
      auto command = hold(pick_.between(1, 60), ttl);
      command.account = any_account();
      return set_aside_under_a_key(std::move(command), command.amount.value());
    }
    if (pick_.one_in(4)) {
      auto command = release(opened->seq);
      command.account = opened->account;
      return set_aside_under_a_key(std::move(command), 0);
    }
    auto command = capture(opened->seq, pick_.between(0, 60));
    command.account = opened->account;
    command.final = pick_.one_in(2);
    command.spend_overage = pick_.one_in(3);
    set_aside_under_a_key(std::move(command), command.amount.value());
  }

  /// Of the holds whose callers have been told of them.
  std::optional<entry_place> any_hold() {
    std::vector<entry_place> known;
    for (const auto& each : holds_)
      if (world_.is_answered(each.request) && world_.answer(each.request).ok())
        if (const auto& opened = world_.answer(each.request)->opened; opened.seq > 0) known.push_back(opened);
    if (known.empty()) return std::nullopt;
    return known[pick_.below(known.size())];
  }

  template <class Command> void set_aside_under_a_key(Command command, std::int64_t print) {
    if (!pick_.one_in(4)) {
      command.idempotency = a_key(++keys_ * 16, static_cast<std::uint32_t>(print));
      command.idempotency->fingerprint.bytes[0] = command.account.value.bytes[15];
    }
    set_aside(std::move(command));
  }

  void set_aside(std::variant<hold_credits, capture_hold, release_hold> command) {
    const auto request = std::visit(
        [this](auto& each) {
          each.request_id = "hold-" + std::to_string(holds_.size());
          return world_.ask(each);
        },
        command
    );
    holds_.push_back({std::move(command), request});
  }

  void ask_again_holds() {
    std::vector<hold_try> unknown;
    for (const auto& each : holds_)
      if (each.by().idempotency && world_.answer(each.request).code() == errc::outcome_unknown)
        unknown.push_back(each);
    for (const auto& each : unknown)
      for (int i = 0; i < 2; ++i) {
        set_aside(each.command);
        world_.settle();
      }
  }

  void another_node_writes(const account_id& account) {
    if (!foreign_) return;
    ledger_author author(world_.ledger().load(std::vector{account}).front());
    author.pass(1s);
    if (free_units(author.account().lots, "crm", start_of_test + 24h) < credits{1}) return;
    const auto writes = author.spend(1);
    const write_set* round[] = {&writes};
    world_.ledger().append(round);
  }

  void something_throws() {
    if (!throws_) return;
    world_.time().breaks();
    for (auto count = 1 + pick_.below(3); count > 0; --count)
      world_.step_actor(pick_.below(100));
    world_.time().works();
  }

  void lease_or_load_fails() {
    if (pick_.one_in(3)) return world_.fail_loads(1);
    if (!loses_leases_) return;
    world_.ownership().extend(lease::now() + (pick_.one_in(2) ? 1h : -1h));
  }

  std::uint64_t acknowledged_of(const account_id& account) const {
    std::uint64_t seq = 0;
    for (const auto& each : tries_)
      if (world_.is_answered(each.request) && world_.answer(each.request).ok()) {
        const auto& receipt = *world_.answer(each.request);
        if (receipt.account == account) seq = std::max(seq, receipt.seq);
      }
    for (const auto& each : batches_)
      if (each.command.account == account && world_.is_answered(each.request) &&
          world_.answer(each.request).ok())
        seq = std::max(seq, world_.answer(each.request)->items.back().seq);
    return seq;
  }

  void quiesce() {
    world_.store().stop_failing();
    world_.fail_loads(0);
    world_.ownership().extend(lease::now() + 1h);
    world_.settle();
  }

  void ask_again_what_is_unknown() {
    std::vector<consume_credits> unknown;
    for (const auto& each : tries_)
      if (each.command.idempotency && world_.answer(each.request).code() == errc::outcome_unknown)
        unknown.push_back(each.command);
    for (const auto& command : unknown) {
      // An account that another node has outrun does not know it before it writes.
      const bool known = ask_again(command) || (foreign_ && ask_again(command));
      EXPECT_TRUE(known) << "the outcome is still unknown";
    }
  }

  bool ask_again(consume_credits command) {
    command.request_id = "try-" + std::to_string(tries_.size());
    const auto acknowledged = acknowledged_of(command.account);
    tries_.push_back({command, world_.ask(command), acknowledged});
    world_.settle();
    const auto code = world_.answer(tries_.back().request).code();
    if (code == errc::insufficient_credits) {
      EXPECT_TRUE(world_.ledger().find_keys(std::vector{command.idempotency->key}).empty()) << "it happened";
    }
    return code != errc::outcome_unknown;
  }

  /// Again while the journal was full before the inbox was empty. And once more: the first write of an
  /// account that another node has outrun only tells it so.
  void absorb_all(const account_id& account) {
    for (int failures = 0; failures < 2;) {
      const auto nudge = world_.ask(absorb_inbox{account, {}});
      world_.settle();
      if (world_.answer(nudge).ok()) return;
      failures += world_.answer(nudge).code() == errc::overloaded ? 0 : 1;
    }
    ADD_FAILURE() << "the inbox cannot be absorbed";
  }

  // What must be true

  void check() {
    EXPECT_EQ(world_.unanswered(), 0u);
    EXPECT_EQ(world_.answered_twice(), 0u);
    EXPECT_EQ(world_.depth(), 0u);
    for (const auto& account : accounts_)
      check_ledger(account);
    for (const auto& each : tries_)
      check_try(each);
    for (std::size_t i = 0; i < batches_.size(); ++i)
      check_batch(i);
    for (const auto& each : reads_)
      check_read(each);
    for (const auto& row : rows_)
      check_row(row);
    for (const auto& each : gifts_)
      check_gift(each);
    for (const auto& each : holds_)
      check_hold(each);
    check_transfers();
  }

  void count(seen_in_lives& seen) const {
    for (const auto& [account, events] : ledgers_)
      for (const auto& event : events) {
        seen.allocations += event.booked.type == entry_type::allocate_out ? 1 : 0;
        seen.bounces += event.booked.type == entry_type::return_in ? 1 : 0;
        seen.captures += event.booked.type == entry_type::capture ? 1 : 0;
        seen.holds_over += cause_of(event.booked) == "hold_expired" ? 1 : 0;
      }
    for (const auto& each : holds_)
      seen.replayed_holds +=
          world_.answer(each.request).ok() && world_.answer(each.request)->replayed ? 1 : 0;
    for (const auto& each : batches_) {
      const auto& answer = world_.answer(each.request);
      seen.batches += answer.ok() && !answer->items.front().replayed ? 1 : 0;
      seen.replayed_batches += answer.ok() && answer->items.front().replayed ? 1 : 0;
      seen.mixtures += answer.code() == errc::partially_replayed ? 1 : 0;
    }
    for (const auto& [key, code] : said_)
      seen.remembered_refusals += code == errc::insufficient_credits ? 1 : 0;
  }

  /// An answer is what the ledger says; a key has one answer, a refusal included.
  void check_gift(const allocation_try& each) {
    const auto& command = each.command;
    const auto& answer = world_.answer(each.request);
    const auto happened = sent_by_.count(command.allocation_id);
    EXPECT_TRUE(happened == 0 || happened == command.legs.size()) << "not all legs";
    if (answer.ok() && !answer->replayed) {
      EXPECT_EQ(happened, command.legs.size());
    }
    if (answer.ok()) {
      const auto& first = ledgers_[answer->account][answer->seq].booked;
      EXPECT_EQ(first.type, entry_type::allocate_out);
      EXPECT_EQ(first.units, command.legs.front().amount);
      EXPECT_EQ(first.idempotency, command.idempotency);
    } else if (answer.code() != errc::outcome_unknown) {
      EXPECT_EQ(happened, 0u) << command.request_id << " happened, and was answered "
                              << to_string(answer.code());
    }
    if (!command.idempotency || is_failure(answer.code()) || answer.code() == errc::idempotency_key_reused)
      return;
    const auto [first, is_new] = said_.emplace(command.idempotency->key, answer.code());
    EXPECT_EQ(first->second, answer.code()) << "one key, two answers";
  }

  /// An answer is what the entry says that has the key, and what was refused did not happen.
  void check_hold(const hold_try& each) {
    const auto& by = each.by();
    const auto& answer = world_.answer(each.request);
    const bool happened = of_holds_.contains(by.request_id);
    if (!answer.ok()) {
      if (answer.code() == errc::outcome_unknown) return;
      EXPECT_FALSE(happened) << by.request_id << " happened, and was answered " << to_string(answer.code());
      return;
    }
    ASSERT_LT(answer->seq, ledgers_[by.account].size());
    const auto& booked = ledgers_[by.account][answer->seq].booked;
    ASSERT_TRUE(booked.hold);
    EXPECT_EQ(happened, !answer->replayed) << by.request_id;
    EXPECT_EQ(booked.idempotency, by.idempotency);
    EXPECT_EQ(booked.usable_after, answer->available);
    if (answer->replayed) return;
    EXPECT_EQ(booked.request_id, by.request_id);
    EXPECT_EQ(*booked.hold, answer->mark);
    EXPECT_EQ(booked.reference, hold_id_of(answer->opened));
  }

  /// Every leg is taken in once or comes back once, and nothing is lost between the accounts.
  void check_transfers() {
    std::int64_t sent = 0;
    std::int64_t arrived = 0;
    for (const auto& [account, events] : ledgers_)
      for (const auto& event : events) {
        const auto units = event.booked.units.value();
        if (event.booked.type == entry_type::allocate_out) sent += units;
        if (event.booked.type == entry_type::allocate_in || event.booked.type == entry_type::return_in)
          arrived += units;
      }
    EXPECT_EQ(sent, arrived);
    for (const auto& row : world_.ledger().all_inboxes())
      EXPECT_FALSE(row.waits());
  }

  void check_ledger(const account_id& account) {
    auto& events = ledgers_[account] = world_.ledger().events(account);
    auto& states = states_[account];
    credit_account state;
    for (std::size_t seq = 0; seq < events.size(); ++seq) {
      const auto& booked = events[seq].booked;
      EXPECT_EQ(booked.seq, seq);
      write_set again;
      again.events = {events[seq]};
      seal(again, state.head, booked.writer);
      EXPECT_EQ(again.events.front().booked.hash, booked.hash) << "broken chain at " << seq;
      if (seq > 0) {
        EXPECT_GT(booked.booked_at, state.booked_at);
      }
      evolve(state, events[seq]);
      check_balances(state);
      states.push_back(state);
      if (booked.idempotency) {
        EXPECT_TRUE(entry_of_key_.emplace(booked.idempotency->key, booked).second) << "one key, two effects";
      }
      const bool is_ours = booked.request_id.starts_with("try-") || booked.request_id.starts_with("batch-");
      if (booked.type == entry_type::spend && is_ours) {
        EXPECT_TRUE(entry_of_try_.emplace(booked.request_id, booked).second)
            << booked.request_id << " happened twice";
      }
      if (booked.hold && !booked.request_id.empty()) of_holds_.insert(booked.request_id);
      if (booked.type == entry_type::hold) {
        EXPECT_TRUE(opening_.insert(booked.request_id).second) << booked.request_id << " holds twice";
      }
      if (booked.type == entry_type::allocate_out) sent_by_.insert(booked.reference);
      for (const auto& each : events[seq].opened)
        EXPECT_TRUE(opened_.insert(each.id).second) << "a lot was opened twice";
    }
    const auto snapshot = world_.ledger().snapshot(account);
    EXPECT_EQ(restore(snapshot), states.at(snapshot.seq));
  }

  static void check_balances(const credit_account& state) {
    const auto& totals = state.totals;
    EXPECT_EQ(
        totals.lifetime_in,
        totals.now.available + totals.now.reserved + totals.now.used + totals.expired + totals.allocated_out
    );
    credits free;
    credits held;
    for (const auto& each : state.lots) {
      EXPECT_GE(each.free, credits{0});
      EXPECT_GE(each.held, credits{0});
      free += each.free;
      held += each.held;
    }
    EXPECT_EQ(free, totals.now.available);
    EXPECT_EQ(held, totals.now.reserved);
    for (const auto& each : state.holds.all())
      held -= sum_of(each->left);
    EXPECT_EQ(held, credits{0}) << "held by nobody";
  }

  void check_try(const spend_try& each) {
    const auto& command = each.command;
    const auto& answer = world_.answer(each.request);
    const auto mine = entry_of_try_.find(command.request_id);
    const bool happened = mine != entry_of_try_.end();
    if (answer.ok()) return check_receipt(each, *answer, happened);
    if (answer.code() == errc::outcome_unknown) return;
    EXPECT_FALSE(happened) << command.request_id << " happened, and was answered "
                           << to_string(answer.code());
    if (answer.code() == errc::idempotency_key_reused) {
      const auto first = entry_of_key_.find(command.idempotency->key);
      ASSERT_NE(first, entry_of_key_.end());
      EXPECT_NE(first->second.idempotency->fingerprint, command.idempotency->fingerprint);
    }
    if (answer.code() == errc::insufficient_credits)
      check_refusal(each, answer.why());
    else
      EXPECT_TRUE(is_failure(answer.code()) || answer.code() == errc::idempotency_key_reused)
          << to_string(answer.code());
  }

  /// All of it or nothing, and the answer says which.
  void check_batch(std::size_t number) {
    const auto& [batch, request, acknowledged] = batches_[number];
    const auto& answer = world_.answer(request);
    std::size_t happened = 0;
    for (std::size_t i = 0; i < batch.items.size(); ++i)
      happened += entry_of_try_.count(name_of_item(number, i));
    EXPECT_TRUE(happened == 0 || happened == batch.items.size()) << "batch " << number << " happened in part";
    if (!answer.ok() && answer.code() != errc::outcome_unknown) {
      EXPECT_EQ(happened, 0u) << "batch " << number << " was answered " << to_string(answer.code());
    }
    if (answer.ok()) return check_receipts(number, *answer, happened > 0);
    if (answer.code() == errc::insufficient_credits) return check_refusal_of_batch(number, answer.why());
    if (answer.code() == errc::partially_replayed) {
      EXPECT_TRUE(entry_of_key_.contains(batch.items[answer.why().item.value()].idempotency->key));
    } else {
      EXPECT_TRUE(is_failure(answer.code()) || answer.code() == errc::idempotency_key_reused)
          << to_string(answer.code());
    }
  }

  void check_receipts(std::size_t number, const atomic_receipt& receipt, bool happened) {
    const auto& batch = batches_[number].command;
    ASSERT_EQ(receipt.items.size(), batch.items.size());
    for (std::size_t i = 0; i < batch.items.size(); ++i) {
      check_receipt(
          {batch.items[i], {}, receipt.items[i].replayed ? 0 : batches_[number].acknowledged},
          receipt.items[i],
          happened
      );
      EXPECT_EQ(receipt.items[i].replayed, receipt.items.front().replayed) << "a mixture passed";
    }
  }

  void check_refusal_of_batch(std::size_t number, const rejection& why) {
    const auto& batch = batches_[number].command;
    ASSERT_LT(why.item.value(), batch.items.size());
    const auto& refused = batch.items[*why.item];
    EXPECT_EQ(why.requested, refused.amount);
    EXPECT_LT(why.would_allow, refused.amount);
    if (expires_) return;
    auto left = why.available;
    for (std::size_t i = 0; i < *why.item; ++i)
      left -= batch.items[i].amount;
    EXPECT_EQ(left, why.would_allow);
    EXPECT_TRUE(was_usable(refused, batches_[number].acknowledged, why.available));
  }

  void check_receipt(const spend_try& each, const consume_receipt& receipt, bool happened) {
    const auto& command = each.command;
    ASSERT_LT(receipt.seq, ledgers_[receipt.account].size());
    const auto& booked = ledgers_[receipt.account][receipt.seq].booked;
    EXPECT_EQ(receipt.account, command.account);
    EXPECT_EQ(receipt.amount, command.amount);
    EXPECT_EQ(booked.type, entry_type::spend);
    EXPECT_EQ(booked.units, command.amount);
    EXPECT_EQ(booked.usable_after, receipt.available);
    EXPECT_EQ(booked.idempotency, command.idempotency);
    EXPECT_EQ(happened, !receipt.replayed) << command.request_id;
    EXPECT_EQ(booked.request_id == command.request_id, !receipt.replayed);
    if (!receipt.replayed) {
      EXPECT_GT(receipt.seq, each.acknowledged);
    }
  }

  /// It rests on a state that the ledger went through. With expiry, that also depends on when.
  void check_refusal(const spend_try& each, const rejection& why) {
    EXPECT_LT(why.available, each.command.amount);
    if (expires_) return;
    if (was_usable(each.command, each.acknowledged, why.available)) return;
    ADD_FAILURE() << each.command.request_id << " was refused with " << why.available.value() << " available";
  }

  /// In a state of the ledger since the entry `since`.
  bool was_usable(const consume_credits& by, std::uint64_t since, credits available) {
    const auto& states = states_[by.account];
    for (auto seq = since; seq < states.size(); ++seq)
      if (states[seq].usable(by.application, after_a_life) == available) return true;
    return false;
  }

  void check_read(const read_try& each) {
    const auto& answer = world_.answer(each.request);
    if (!answer.ok()) {
      EXPECT_TRUE(is_failure(answer.code())) << to_string(answer.code());
      return;
    }
    const auto& states = states_[each.account];
    ASSERT_LT(answer->seq, states.size());
    EXPECT_GE(answer->seq, each.acknowledged) << "a read went back";
    const auto& then = states[answer->seq].totals.now;
    EXPECT_EQ(answer->now.used, then.used);
    if (expires_)
      EXPECT_LE(answer->now.available, then.available + then.reserved);
    else
      EXPECT_EQ(answer->now.available, then.available);
  }

  void check_row(const inbox_id& id) {
    const auto row = world_.ledger().inbox(id);
    EXPECT_FALSE(row.waits());
    EXPECT_EQ(row.absorbed_seq.has_value(), opened_.contains(arrival(row.command).lots.front().id));
    if (row.refused) {
      EXPECT_EQ(*row.refused, errc::amount_out_of_range);
    }
  }

  chance pick_;
  actor_world world_;
  bool expires_;
  bool foreign_;
  bool throws_;
  bool loses_leases_;

  std::vector<account_id> accounts_;
  std::vector<spend_try> tries_;
  std::vector<batch_try> batches_;
  std::vector<read_try> reads_;
  std::vector<inbox_id> rows_;
  std::vector<allocation_try> gifts_;
  std::vector<hold_try> holds_;
  std::uint32_t keys_ = 0;
  std::uint32_t legs_ = 0;

  std::unordered_map<account_id, std::vector<account_event>> ledgers_;
  std::unordered_map<account_id, std::vector<credit_account>> states_; // after each entry
  std::unordered_map<uuid, entry> entry_of_key_;
  std::unordered_map<std::string, entry> entry_of_try_;
  std::set<lot_id> opened_;
  std::set<std::string> of_holds_;      // requests that wrote entries of holds
  std::set<std::string> opening_;       // those that opened one
  std::multiset<std::string> sent_by_;  // allocation ids, one per leg
  std::unordered_map<uuid, errc> said_; // of allocations, by key
};

/// `TESSERA_SIMULATION_RUNS` lives from `TESSERA_SIMULATION_SEED` on.
TEST(SimulationTest, TheLedgerExplainsEveryAnswer) {
  const auto first = number_from("TESSERA_SIMULATION_SEED", 1);
  const auto runs = number_from("TESSERA_SIMULATION_RUNS", 2'000);
  seen_in_lives seen;
  for (auto seed = first; seed < first + runs && !HasFailure(); ++seed) {
    SCOPED_TRACE("TESSERA_SIMULATION_RUNS=1 TESSERA_SIMULATION_SEED=" + std::to_string(seed));
    try {
      simulation(seed).run(seen);
    } catch (const std::exception& why) {
      ADD_FAILURE() << why.what();
    }
  }
  if (runs < 1'000) return;
  EXPECT_GT(seen.allocations, runs / 2);
  EXPECT_GT(seen.remembered_refusals, runs / 50);
  EXPECT_GT(seen.bounces, 0u);
  EXPECT_GT(seen.batches, runs / 2);
  EXPECT_GT(seen.replayed_batches, runs / 50);
  EXPECT_GT(seen.mixtures, 0u);
  EXPECT_GT(seen.captures, runs / 50);
  EXPECT_GT(seen.holds_over, 0u);
  EXPECT_GT(seen.replayed_holds, runs / 50);
}

} // namespace
} // namespace tessera::test
