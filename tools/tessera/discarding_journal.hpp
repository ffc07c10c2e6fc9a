#pragma once

#include "persistence/stores/journal_store.hpp"

#include <memory>
#include <span>
#include <utility>

namespace tessera::cli {

/// For the bench only: what a service without durability would reach. Appends go nowhere.
class journal_that_discards final : public persistence::journal_store {
public:
  explicit journal_that_discards(std::unique_ptr<persistence::journal_store> real) : real_(std::move(real)) {}

  persistence::append_outcome append(const persistence::journal_round&) override {
    return {persistence::append_status::committed, {}, {}, {}};
  }
  bool find_keys(std::span<const uuid> keys, std::vector<recorded_spend>& found) override {
    return real_->find_keys(keys, found);
  }
  bool keys_between(
      const account_id& account, std::uint64_t begin, std::uint64_t end, std::vector<recorded_spend>& found
  ) override {
    return real_->keys_between(account, begin, end, found);
  }

private:
  std::unique_ptr<persistence::journal_store> real_;
};

inline std::unique_ptr<persistence::journal_store>
discarding_journal(std::unique_ptr<persistence::journal_store> real) {
  return std::make_unique<journal_that_discards>(std::move(real));
}

} // namespace tessera::cli
