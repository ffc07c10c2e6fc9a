#pragma once

#include "actors/account/environment.hpp"
#include "actors/account/pending.hpp"
#include "actors/account/recent_reversals.hpp"
#include "actors/domain/credit_account.hpp"
#include "messages/simulations.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <unordered_map>
#include <variant>
#include <vector>

namespace tessera {

/// The shell around one balance: it waits, remembers what is not durable yet, and decides again when the
/// journal says that nothing happened. What is allowed is in actors/domain; what is durable when is in
/// actors/journal.
///
/// Two models: commands are decided on `tip_`, which has everything that was decided; readers see
/// `durable()`, which has what the journal has confirmed.
class account_state {
public:
  using pointer = account_actor::stateful_pointer<account_state>;

  explicit account_state(pointer self);
  account_state(const account_state&) = delete;
  account_state& operator=(const account_state&) = delete;
  static constexpr const char* name = "account";

  void start(account_id id, account_environment& environment);

  void handle(const consume_credits& command);
  void handle(const consume_batch& batch);
  void handle(const consume_atomically& batch);
  void handle(const allocate_credits& command);
  void handle(const hold_credits& command);
  void handle(const capture_hold& command);
  void handle(const release_hold& command);
  void handle(const reverse_spend& command);
  void handle(const change_freeze& command);
  void handle(const balance_query& query);
  void handle(const simulate_command& query);
  void handle(const absorb_inbox& nudge);
  void handle(const expire_lots& command);
  void handle(const passivate& request);
  void handle(const save_snapshot& request);
  void handle(const tessera::catch_up& reminder);
  void handle(account_loaded& answer);
  void handle(inbox_loaded& answer);
  void handle(const round_refused& refusal);
  void handle(const keys_looked_up& answer);

  /// Inbox rows that are kept in mind, because a read may still show them as waiting.
  std::size_t rows_in_mind() const { return taken_in_.size(); }

  /// Every waiter learns that its outcome is unknown, and the account starts anew at the next message.
  void retire();

private:
  enum class phase { loading, serving, gone };
  using pending_list = std::list<pending_command>;

  // account_waiting.cpp: arriving, waiting, resting
  reply_address asker() const;
  void accept(pending_command command);
  std::vector<pending_command> those_with_room(std::vector<pending_command> waited) const;
  void load_inbox();
  void load_page(const inbox_id& after);
  errc take_in(std::vector<inbox_command>& page);
  bool is_idle() const;
  void write_down();
  void leave();

  // account_asking.cpp: questions, which change nothing
  using account_question = std::variant<balance_query, simulate_command>;
  void ask(account_question question);
  void book_many_that_are_over();
  void answer_questions();
  void answer(const balance_query& query, const reply_address& to) const;
  void answer(const simulate_command& query, const reply_address& to) const;
  void fail_questions(errc why);

  // account_deciding.cpp: from a command to a write set or an answer
  void decide_one(pending_command command);
  void decide_in_order(std::vector<pending_command> commands);
  void decide(pending_command& command, const consume_order& order);
  void decide(pending_command& command, const atomic_order& order);
  void decide(pending_command& command, const allocation_order& order);
  void decide(pending_command& command, const reversal_order& order);
  void decide(pending_command& command, const freeze_order& order);
  void decide(pending_command& command, const receive_credits& receive);
  void decide(pending_command& command, const instruction& asked);
  void decide(pending_command& command, const expire_lots& expiry);
  void decide(pending_command& command, const inbox_barrier& barrier);
  /// True when the command was answered or waits elsewhere: too late, or its key is known or must be asked
  /// for.
  template <class Command> bool needs_no_decision(pending_command& command, const Command& asked);
  template <class Command> bool answer_repeated(pending_command& command, const Command& asked);
  std::optional<recorded_spend> pending_answer_of(const uuid& key) const;
  void look_up(pending_command& command, std::vector<uuid> keys);
  /// Something that stands before it in its batch is being looked up.
  bool is_overtaking(const batch_place& place) const;
  void decide_held();
  template <class Answer, class Command>
  void refuse(pending_command& command, const Command& asked, rejection why);
  template <class Answer, class Command>
  void refuse_for_good(pending_command& command, const Command& asked, rejection why);
  bool is_wary() const { return std::chrono::steady_clock::now() < wary_until_; }
  void be_wary();
  void fulfil(pending_command& command, const inbox_id& row, write_set writes);
  template <class Command> void refuse_inbox(pending_command& command, const Command& asked, errc why);
  void remember_near(const std::vector<recorded_spend>& near);

  // account_atomic.cpp: many spends as one
  struct known_items;
  known_items what_is_known_of(const atomic_order& order);
  void refuse_batch(pending_command& command, rejection why);

  // account_holding.cpp: spending in two phases
  void decide(pending_command& command, const hold_order& order);
  void decide(pending_command& command, const capture_order& order);
  void decide(pending_command& command, const release_order& order);
  template <class Command> void decide_hold(pending_command& command, const Command& asked);
  template <class Command> void settle_hold(pending_command& command, const Command& asked);
  hold_receipt receipt_of_hold(const decided& events) const;

  // account_committing.cpp: what becomes durable, and what does not
  template <class Answer> void commit(pending_command& command, decided events, Answer answer);
  template <class Answer> void commit(pending_command& command, write_set writes, Answer answer);
  template <class Answer> void answer_when_durable(pending_command& command, Answer answer);
  void submit(pending_command& command, std::shared_ptr<const write_set> writes, caf::message answer);
  void catch_up();
  void settle(pending_command& done);
  pending_list withdraw();
  void decide_all_again();
  void decide_again(pending_list taken_back);
  void decide_again_without(const round_refused& refusal);
  void refuse_culprit(pending_command& command, errc why);
  void fail_all(errc why);
  void fail(const pending_command& command, errc why) const;

  const credit_account& durable() const { return durable_ ? *durable_ : tip_; }
  time_point now() const { return environment_->time.now(); }

  pointer self_;
  account_environment* environment_ = nullptr;
  phase phase_ = phase::loading;
  std::shared_ptr<account_channel> channel_;

  credit_account tip_;
  std::unique_ptr<credit_account> durable_; // only while something is pending
  pending_list pending_;                    // in the order of their tickets
  std::uint64_t last_ticket_ = 0;
  std::uint32_t attempt_ = 1;
  std::uint64_t saved_seq_ = 0; // of the last snapshot
  recent_reversals reversals_;
  hold_reminder reminder_; // as the last command left it
  hold_reminder durable_reminder_;
  std::vector<alert_threshold> thresholds_; // at which somebody is told of the balance

  /// Of keys that are pending: in their write sets.
  using pending_answer = std::variant<const entry*, const recorded_spend*>;
  std::unordered_map<uuid, pending_answer> pending_keys_;
  std::unordered_map<uuid, std::vector<pending_command>>
      looking_up_; // by the first key of a question: the first command asked it, the others wait with it
  std::uint32_t last_batch_ = 0;
  std::set<batch_place> asking_;                // items of batches that are in `looking_up_`
  std::map<batch_place, pending_command> held_; // items of batches that would overtake those

  std::vector<pending_command> before_loading_;
  std::vector<std::pair<account_question, reply_address>> questions_; // wait for the load

  std::vector<reply_address> inbox_waiters_;      // of the reading that is under way, page by page
  std::vector<reply_address> next_inbox_waiters_; // they need another one
  std::uint32_t rows_shown_ = 0;                  // by the reading that is under way
  bool reading_inbox_ = false;
  // Lately, with their tickets; a read may still show them as waiting.
  std::unordered_map<inbox_id, std::uint64_t> taken_in_;

  std::chrono::steady_clock::time_point last_used_;
  std::chrono::steady_clock::time_point
      wary_until_; // old keys are about: look them up before they cost a round
  std::chrono::steady_clock::time_point near_known_until_; // the neighbours of one have been read
};

} // namespace tessera
