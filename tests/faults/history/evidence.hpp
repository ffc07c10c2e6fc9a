#pragma once

#include "tests/faults/history/chain.hpp"
#include "tests/faults/history/checker.hpp"

#include <span>

/// What the parts of the checker work on.
namespace tessera::test {

/// A history with the ways to look things up in it.
class evidence {
public:
  evidence(const history& done, checker_options options);

  const history& done() const { return done_; }
  const checker_options& options() const { return options_; }

  /// The attempts of each operation, in the order of their numbers.
  const std::vector<std::span<const attempt* const>>& operations() const { return operations_; }
  /// Empty when there is no such operation.
  std::span<const attempt* const> attempts_of(std::uint64_t op) const;
  const attempt* attempt_of(std::uint64_t op, std::uint32_t number) const;
  /// Nothing: the history does not know the account.
  std::optional<std::uint32_t> index_of(const account_id& account) const;

  /// `account` of the history was found to have these effects.
  void set_effects(std::uint32_t account, std::vector<effect> effects);
  const std::vector<effect>& effects(std::uint32_t account) const { return effects_[account]; }
  /// The effects of an operation, wherever they are. After all accounts were set.
  struct located {
    std::uint32_t account;
    const effect* made;
  };
  std::span<const located> effects_of(std::uint64_t op) const;
  void index_effects();

private:
  const history& done_;
  checker_options options_;
  std::vector<const attempt*> by_op_;
  std::vector<std::span<const attempt* const>> operations_;
  std::vector<std::vector<effect>> effects_;
  std::vector<located> effects_by_op_;
};

/// Every operation has the effect that its answers promise, and no other.
void check_answers(const evidence& all, violations& found);

/// Answers of one account, put in the order of its ledger, never contradict the order in time.
void check_order(
    const evidence& all, std::uint32_t account, std::span<const attempt* const> of_account, violations& found
);

/// `op-12.0 (consume, ok, 200)`, for texts.
std::string describe(const attempt& a);

} // namespace tessera::test
