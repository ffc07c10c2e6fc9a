// Arriving, waiting and resting: see account_state.hpp.
#include "actors/account/account_state.hpp"
#include "actors/account/batch_answers.hpp"
#include "actors/support/crash_point.hpp"

#include <algorithm>
#include <utility>

namespace tessera {

namespace {

// Commands that wait for an account to be read; whoever comes later is told to come again.
constexpr std::size_t max_before_loading = 1'000;

} // namespace

account_state::account_state(pointer self) : self_(self) {}

void account_state::start(account_id id, account_environment& environment) {
  environment_ = &environment;
  tip_.id = id;
  channel_ = std::make_shared<account_channel>();
  channel_->account = id;
  channel_->owner = caf::weak_actor_ptr(self_->ctrl());
  last_used_ = std::chrono::steady_clock::now();
  environment.archive.load(id, self_);
}

reply_address account_state::asker() const {
  const auto* element = self_->current_mailbox_element();
  return {element->sender, element->mid};
}

void account_state::handle(const consume_credits&) {
  const auto to = asker();
  accept({consume_order(self_->current_mailbox_element()->move_content_to_message()), to});
}
/// Item by item, as if each had come alone, but in their order.
void account_state::handle(const consume_batch&) {
  const auto asking = asker();
  const auto content = self_->current_mailbox_element()->move_content_to_message();
  const auto& items = content.get_as<consume_batch>(0).items;
  const auto to = addresses_of_items(self_->home_system(), asking, items.size());
  ++last_batch_;
  for (std::uint32_t i = 0; i < items.size(); ++i)
    accept({consume_order(content, items[i]), to[i], batch_place{last_batch_, i}});
}
void account_state::handle(const consume_atomically&) {
  const auto to = asker();
  atomic_order order(self_->current_mailbox_element()->move_content_to_message());
  accept({std::move(order), to});
}
void account_state::handle(const allocate_credits&) {
  const auto to = asker();
  accept({allocation_order(self_->current_mailbox_element()->move_content_to_message()), to});
}
void account_state::handle(const hold_credits&) {
  const auto to = asker();
  accept({hold_order(self_->current_mailbox_element()->move_content_to_message()), to});
}
void account_state::handle(const capture_hold&) {
  const auto to = asker();
  accept({capture_order(self_->current_mailbox_element()->move_content_to_message()), to});
}
void account_state::handle(const release_hold&) {
  const auto to = asker();
  accept({release_order(self_->current_mailbox_element()->move_content_to_message()), to});
}
void account_state::handle(const reverse_spend&) {
  const auto to = asker();
  accept({reversal_order(self_->current_mailbox_element()->move_content_to_message()), to});
}
void account_state::handle(const change_freeze&) {
  const auto to = asker();
  accept({freeze_order(self_->current_mailbox_element()->move_content_to_message()), to});
}
void account_state::handle(const expire_lots& command) {
  const auto used = last_used_; // a reminder does not keep an account awake
  accept({command, asker()});
  last_used_ = used;
}

void account_state::accept(pending_command command) {
  last_used_ = std::chrono::steady_clock::now();
  if (!environment_->ownership.is_held()) return fail(command, errc::not_owner);
  if (phase_ == phase::gone) return fail(command, errc::outcome_unknown);
  if (phase_ == phase::loading && before_loading_.size() >= max_before_loading)
    return fail(command, errc::overloaded);
  if (phase_ == phase::loading) {
    before_loading_.push_back(std::move(command));
    return;
  }
  catch_up();
  if (environment_->log.is_full_for(command.rows())) return fail(command, errc::overloaded);
  decide_one(std::move(command));
}

/// Commands that waited for the load need room in the journal like those that come afterwards; the others are
/// told.
std::vector<pending_command> account_state::those_with_room(std::vector<pending_command> waited) const {
  std::size_t rows = 0;
  std::erase_if(waited, [&](const pending_command& command) {
    if (environment_->log.is_full_for(rows + command.rows())) {
      fail(command, errc::overloaded);
      return true;
    }
    rows += command.rows();
    return false;
  });
  return waited;
}

void account_state::handle(account_loaded& answer) {
  if (phase_ != phase::loading) return;
  if (!answer.history) {
    const auto why = answer.failure == errc::ok ? errc::entity_unknown : answer.failure;
    for (const auto& command : std::exchange(before_loading_, {}))
      fail(command, why);
    fail_questions(why);
    for (const auto& to : std::exchange(next_inbox_waiters_, {}))
      to.answer(result<inbox_absorbed>(why));
    return leave();
  }
  crash_point("mid_activation");
  auto& history = *answer.history;
  tip_ = restore(history.snapshot);
  for (const auto& event : history.tail)
    evolve(tip_, event);
  saved_seq_ = history.snapshot.seq;
  reversals_.begin_at(tip_.seq);
  reminder_ = durable_reminder_ = history.reminder;
  thresholds_ = std::move(answer.thresholds);
  phase_ = phase::serving;
  environment_->statistics.activations += 1;
  const bool more_rows = history.waiting.size() == rows_per_inbox_page;
  take_in(history.waiting);
  if (more_rows || !next_inbox_waiters_.empty()) load_inbox();
  decide_in_order(those_with_room(std::exchange(before_loading_, {})));
  answer_questions();
}

void account_state::handle(const absorb_inbox&) {
  last_used_ = std::chrono::steady_clock::now();
  if (phase_ == phase::gone) return asker().answer(result<inbox_absorbed>(errc::outcome_unknown));
  // A read that is under way may have begun before the row was there: this one needs the next.
  next_inbox_waiters_.push_back(asker());
  if (phase_ == phase::serving && !reading_inbox_) load_inbox();
}

void account_state::load_inbox() {
  inbox_waiters_ = std::exchange(next_inbox_waiters_, {});
  rows_shown_ = 0;
  load_page({});
}

void account_state::load_page(const inbox_id& after) {
  reading_inbox_ = true;
  catch_up();
  // A read that begins now can't show a row as waiting when what took it in is durable.
  const auto first_pending = pending_.empty() ? last_ticket_ + 1 : pending_.front().ticket;
  std::erase_if(taken_in_, [first_pending](const auto& row) { return row.second < first_pending; });
  environment_->archive.load_inbox({tip_.id, after}, self_);
}

namespace {

bool is_no_escrow(const inbox_command& row) {
  const auto* asked = std::get_if<instruction>(&row);
  return !asked || asked->kind != inbox_kind::set_aside || asked->purpose != hold_purpose::escrow;
}

} // namespace

/// An escrow comes last, whatever its id: what one gives back the next may need. What does not go into the
/// journal any more waits for the next nudge: `overloaded`.
errc account_state::take_in(std::vector<inbox_command>& page) {
  std::ranges::stable_partition(page, is_no_escrow);
  for (auto& row : page) {
    if (environment_->log.is_full_for(1)) return errc::overloaded;
    std::visit([this](auto& asked) { decide_one({std::move(asked), {}}); }, row);
  }
  return errc::ok;
}

void account_state::handle(inbox_loaded& answer) {
  if (phase_ != phase::serving) return;
  catch_up();
  reading_inbox_ = false;
  if (answer.failure == errc::ok) thresholds_ = std::move(answer.thresholds);
  const auto count = answer.waiting.size();
  const auto last = count == 0 ? inbox_id{} : id_of(answer.waiting.back());
  rows_shown_ += static_cast<std::uint32_t>(count);
  const auto failure = answer.failure == errc::ok ? take_in(answer.waiting) : answer.failure;
  if (failure == errc::ok && count == rows_per_inbox_page) return load_page(last);
  std::vector<pending_command> barriers;
  for (auto& to : std::exchange(inbox_waiters_, {})) {
    if (failure != errc::ok)
      to.answer(result<inbox_absorbed>(failure));
    else
      barriers.push_back({inbox_barrier{rows_shown_}, std::move(to)});
  }
  decide_in_order(std::move(barriers));
  if (!next_inbox_waiters_.empty()) load_inbox();
}

bool account_state::is_idle() const {
  return phase_ == phase::serving && pending_.empty() && looking_up_.empty() && !reading_inbox_;
}

void account_state::handle(const passivate& request) {
  if (phase_ != phase::serving) return;
  catch_up();
  if (!is_idle() || std::chrono::steady_clock::now() - last_used_ < request.idle) return;
  write_down();
  environment_->statistics.passivations += 1;
  crash_point("mid_passivation");
  leave();
}

void account_state::handle(const save_snapshot&) {
  if (phase_ != phase::serving) return;
  catch_up();
  write_down();
}

void account_state::handle(const tessera::catch_up&) {
  if (phase_ == phase::serving) catch_up();
}

void account_state::write_down() {
  if (durable().seq == saved_seq_) return;
  saved_seq_ = durable().seq;
  crash_point("before_snapshot");
  environment_->archive.save(snapshot_of(durable()));
}

/// First out of the map, then gone: whoever looks now gets a new actor, whoever has the old handle gets a
/// bounce.
void account_state::leave() {
  phase_ = phase::gone;
  environment_->registry.remove(tip_.id, self_);
  self_->quit();
}

void account_state::retire() {
  if (phase_ == phase::gone) return;
  environment_->statistics.retirements += 1;
  // What is queued would otherwise meet the next actor's entries in one round.
  channel_->refused_attempt.store(attempt_, std::memory_order_release);
  fail_all(errc::outcome_unknown);
  leave();
}

} // namespace tessera
