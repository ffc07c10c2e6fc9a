#pragma once

#include "messages/reversals.hpp"
#include "messages/types/result.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

namespace tessera::http {

/// One reversal on its way: reads what can be reversed, has the account decide, and begins again where
/// another reversal came first, until the time is up. `Answer` is a receipt, or what would happen. On one
/// loop only.
template <class Answer> class reversing : public std::enable_shared_from_this<reversing<Answer>> {
public:
  using time_limit = std::chrono::steady_clock::time_point;
  template <class T> using callback = std::function<void(result<T>)>;
  using reader = std::function<void(reversible_query, callback<reversible_spend>)>;
  using judge = std::function<void(reverse_spend, callback<Answer>)>;

  reversing(reader read, judge decide, time_limit until, callback<Answer> done)
      : read_(std::move(read)), decide_(std::move(decide)), until_(until), done_(std::move(done)) {}

  void start(reverse_spend command, reversible_query which) {
    command.account = which.spent.account;
    command_ = std::move(command);
    which_ = std::move(which);
    go();
  }

private:
  void go() {
    read_(which_, [self = this->shared_from_this()](result<reversible_spend> found) {
      if (found) return self->decide(std::move(*found));
      found.code() == errc::nothing_to_reverse ? self->decide(self->no_spend()) : self->done_(found.why());
    });
  }

  void decide(reversible_spend spend) {
    auto command = command_;
    command.spend = std::move(spend);
    decide_(std::move(command), [self = this->shared_from_this()](result<Answer> answer) {
      const bool outrun = answer.code() == errc::reversed_meanwhile;
      if (outrun && time_limit::clock::now() < self->until_) return self->go();
      self->done_(std::move(answer));
    });
  }

  /// Of another entry there is nothing to reverse. The account says so: it knows the key first.
  reversible_spend no_spend() const {
    reversible_spend spend;
    spend.spent = which_.spent;
    spend.spender = command_.requested_by;
    spend.as_of = UINT64_MAX;
    return spend;
  }

  reader read_;
  judge decide_;
  time_limit until_;
  callback<Answer> done_;
  reverse_spend command_;
  reversible_query which_;
};

} // namespace tessera::http
