// Questions, which change nothing: see account_state.hpp.
#include "actors/account/account_state.hpp"
#include "actors/account/simulating.hpp"

#include <algorithm>
#include <cstddef>
#include <ranges>
#include <utility>

namespace tessera {

namespace {

constexpr std::ptrdiff_t most_simulated = 100; // holds that are over

} // namespace

void account_state::handle(const balance_query& query) {
  ask(query);
}

void account_state::handle(const simulate_command& query) {
  if (phase_ == phase::serving) book_many_that_are_over();
  ask(query);
}

/// A simulation begins with booking what is over, as every decision does, and keeps nothing of it: where that
/// is much it is done once for all.
void account_state::book_many_that_are_over() {
  catch_up();
  auto over = tip_.holds.over_by(now());
  if (std::ranges::distance(over | std::views::take(most_simulated)) < most_simulated) return;
  if (!environment_->log.is_full_for(1)) decide_one({expire_lots{tip_.id, {}}, {}});
}

void account_state::ask(account_question question) {
  last_used_ = std::chrono::steady_clock::now();
  questions_.emplace_back(std::move(question), asker());
  if (phase_ == phase::loading) return;
  catch_up();
  answer_questions();
}

/// A question is kept until it has its answer: whatever is thrown, nobody is forgotten.
void account_state::answer_questions() {
  while (!questions_.empty()) {
    const auto& [question, to] = questions_.back();
    std::visit([&, &to = to](const auto& query) { answer(query, to); }, question);
    questions_.pop_back();
  }
}

/// Only a live lease guarantees that nobody else has written meanwhile.
void account_state::answer(const balance_query& query, const reply_address& to) const {
  const bool knows = environment_->ownership.is_live();
  to.answer(
      knows ? result<balance_view>(view(durable(), query.application, now()))
            : result<balance_view>(errc::not_owner)
  );
}

void account_state::answer(const simulate_command& query, const reply_address& to) const {
  if (!environment_->ownership.is_live()) return to.answer(result<simulation>(errc::not_owner));
  if (const auto* reversal = std::get_if<reverse_spend>(&query.command))
    if (!reversals_.are_known(reversal->spend))
      return to.answer(result<simulation>(errc::reversed_meanwhile));
  to.answer(simulate(durable(), query.command, now()));
}

void account_state::fail_questions(errc why) {
  struct answer {
    const reply_address& to;
    errc why;
    void operator()(const balance_query&) const { to.answer(result<balance_view>(why)); }
    void operator()(const simulate_command&) const { to.answer(result<simulation>(why)); }
  };
  for (const auto& [question, to] : std::exchange(questions_, {}))
    std::visit(answer{to, why}, question);
}

} // namespace tessera
