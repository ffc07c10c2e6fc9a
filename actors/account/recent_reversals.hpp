#pragma once

#include "messages/reversals.hpp"

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <unordered_map>
#include <vector>

namespace tessera {

/// Whether the account knows of every reversal of a spend since somebody read it in the ledger. Remembers
/// recent reversals only: where it can't tell, it says no, and the spend is read again.
class recent_reversals {
public:
  /// The account was read up to this entry.
  void begin_at(std::uint64_t seq) { go_forward_to(seq); }
  /// An entry at `seq` reverses something of the spend at `spent`.
  void note(std::uint64_t spent, std::uint64_t seq) {
    if (noted_ >= most_remembered) go_forward_to(seq);
    by_spend_[spent].push_back(seq);
    ++noted_;
  }
  /// Entries after this one did not happen: what was known before them is known again.
  void go_back_to(std::uint64_t seq) {
    if (known_from_ > seq) known_from_ = seq;
    for (auto spend = by_spend_.begin(); spend != by_spend_.end();) {
      noted_ -= std::erase_if(spend->second, [seq](std::uint64_t reversed_at) { return reversed_at > seq; });
      spend = spend->second.empty() ? by_spend_.erase(spend) : std::next(spend);
    }
  }

  bool are_known(const reversible_spend& spend) const {
    const auto found = by_spend_.find(spend.spent.seq);
    return spend.as_of >= known_from_ && (found == by_spend_.end() || spend.as_of >= found->second.back());
  }

private:
  void go_forward_to(std::uint64_t seq) {
    known_from_ = seq;
    by_spend_.clear();
    noted_ = 0;
  }

  static constexpr std::size_t most_remembered = 1'000;
  std::uint64_t known_from_ = 0; // whatever was read before this entry may be stale
  std::unordered_map<std::uint64_t, std::vector<std::uint64_t>> by_spend_; // seqs that rise
  std::size_t noted_ = 0;
};

} // namespace tessera
