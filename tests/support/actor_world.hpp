#pragma once

#include "actors/support/clock.hpp"
#include "messages/accounts.hpp"
#include "messages/consume_batch.hpp"
#include "messages/simulations.hpp"
#include "tests/support/ledger_author.hpp"
#include "tests/support/memory_journal_store.hpp"

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <variant>

namespace tessera {

class key_window;
class lane;
class lease;

} // namespace tessera

/// One node without threads: real accounts and a real lane on a ledger in memory. Nothing moves by itself: a
/// test says when actors run, when reads are answered and when a round is written. This header needs no CAF.
namespace tessera::test {

class manual_clock final : public clock {
public:
  time_point now() const override {
    if (broken_) throw std::runtime_error("the clock is broken");
    return now_;
  }
  void pass(std::chrono::microseconds time) { now_ += time; }
  void breaks() { broken_ = true; }
  void works() { broken_ = false; }

private:
  time_point now_ = start_of_test;
  bool broken_ = false;
};

struct world_options {
  journal_faults faults{};
  std::size_t max_depth = 10'000; // of the journal
  std::size_t max_round = 500;
  std::size_t key_window_bytes = 1 << 20;
  std::chrono::milliseconds remind_interval = std::chrono::hours{1};    // real time: 0 or never
  std::chrono::milliseconds transient_patience = std::chrono::hours{1}; // likewise
};

struct world_figures {
  std::uint64_t activations = 0;
  std::uint64_t passivations = 0;
  std::uint64_t retirements = 0;
  std::uint64_t replays = 0;
  std::uint64_t decided_again = 0;
};

/// The request is with nobody: its actor had gone to rest.
struct bounce {};

/// A request that an `Answer` is due for.
template <class Answer> struct asked { std::size_t number = 0; };

class actor_world {
public:
  explicit actor_world(world_options options = {});
  ~actor_world();
  actor_world(const actor_world&) = delete;

  /// A new account that holds the lots.
  account_id open(std::initializer_list<lot> lots = {});
  account_id open_with(std::int64_t amount);
  /// Credits that wait in its inbox.
  inbox_id put_inbox(const account_id& account, std::int64_t amount);
  /// An instruction that waits in its inbox.
  inbox_id put_inbox(instruction asked);

  /// Asks the account's actor through placement, again when it was just going to rest.
  asked<consume_receipt> ask(consume_credits command);
  asked<consumed_batch> ask(consume_batch batch);
  asked<atomic_receipt> ask(consume_atomically batch);
  asked<allocation_receipt> ask(allocate_credits command);
  asked<hold_receipt> ask(hold_credits command);
  asked<hold_receipt> ask(capture_hold command);
  asked<hold_receipt> ask(release_hold command);
  asked<reversal_receipt> ask(reverse_spend command);
  asked<freeze_receipt> ask(change_freeze command);
  asked<simulation> ask(simulate_command command);
  asked<balance_view> ask(balance_query query);
  asked<inbox_absorbed> ask(absorb_inbox nudge);
  asked<expiry_booked> ask(expire_lots command);

  /// The account's actor of now, for requests that go nowhere else.
  class handle;
  std::shared_ptr<const handle> actor_of(const account_id& account);
  asked<consume_receipt> ask(const handle& actor, consume_credits command);
  bool is_same(const handle& a, const handle& b) const;
  bool is_nobody(const handle& actor) const;
  /// Inbox rows that the account keeps in mind because a read may still show them.
  std::size_t rows_in_mind(const account_id& account);
  void remove(const account_id& account, const handle& actor); // from placement
  void close_placement();

  void passivate(const account_id& account, std::chrono::milliseconds idle = {});
  void save_snapshot(const account_id& account);
  /// As the sweeper does: nobody waits for the answer.
  void tell(expire_lots command);
  void tell(absorb_inbox nudge);

  template <class Answer> bool is_answered(asked<Answer> request) const {
    return slot_of(request.number).answers > 0;
  }
  template <class Answer> bool is_bounced(asked<Answer> request) const {
    return std::holds_alternative<bounce>(slot_of(request.number).answer);
  }
  /// Throws when there is no answer.
  template <class Answer> const result<Answer>& answer(asked<Answer> request) const {
    return std::get<result<Answer>>(slot_of(request.number).answer);
  }
  /// Requests that nobody has answered.
  std::size_t unanswered() const;
  /// How often a request was answered again after an answer that was not outcome_unknown.
  std::size_t answered_twice() const;

  /// Runs actors, answers reads and writes snapshots until nothing moves; writes no round.
  void deliver();
  /// Answers what was asked about keys, writes one round, if something is queued, and lets the accounts know.
  bool round();
  /// Everything, until nothing moves.
  void settle();

  // One step of one part; `which` chooses among what waits there. False: nothing did.
  bool step_actor(std::size_t which = 0);
  bool step_read(std::size_t which = 0);
  bool step_snapshot(std::size_t which = 0);
  bool step_round();
  bool step_look_ups();
  bool step_bounced();

  void fail_loads(int count);
  void break_journal(bool broken = true); // pushing throws

  manual_clock& time();
  memory_ledger& ledger();
  memory_journal_store& store();
  lane& journal();
  lease& ownership();
  key_window& keys();
  world_figures figures() const;
  std::size_t live_accounts() const;
  std::size_t depth() const;

private:
  using any_answer = std::variant<
      std::monostate,
      bounce,
      result<consume_receipt>,
      result<consumed_batch>,
      result<atomic_receipt>,
      result<allocation_receipt>,
      result<hold_receipt>,
      result<reversal_receipt>,
      result<freeze_receipt>,
      result<simulation>,
      result<balance_view>,
      result<inbox_absorbed>,
      result<expiry_booked>,
      std::string>; // another message, or an error
  struct slot {
    any_answer answer;
    int answers = 0;
  };
  const slot& slot_of(std::size_t number) const;

  class implementation;
  std::unique_ptr<implementation> implementation_;
};

} // namespace tessera::test
