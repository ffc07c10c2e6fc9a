#include "http/consume_batches.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace tessera::http {

namespace {

// Half of what a round of the journal takes, so that one account leaves room for others in it; smaller ones
// would wait for more rounds than they fill.
constexpr std::size_t slice_size = 500;

} // namespace

consume_batches::consume_batches(
    send to_account, std::chrono::steady_clock::time_point until, batch_callback done
)
    : to_account_(std::move(to_account)), until_(until), done_(std::move(done)) {}

void consume_batches::start(std::vector<consume_credits> spends) {
  spends_ = std::move(spends);
  unfinished_ = spends_.size();
  results_.assign(spends_.size(), errc::outcome_unknown);
  if (spends_.empty()) return done_({});
  std::unordered_map<account_id, std::size_t> group_of;
  for (std::size_t i = 0; i < spends_.size(); ++i) {
    const auto [found, is_new] = group_of.emplace(spends_[i].account, groups_.size());
    if (is_new) groups_.push_back({spends_[i].account, {}});
    groups_[found->second].items.push_back(i);
  }
  for (std::size_t i = 0; i < groups_.size(); ++i)
    send_slice(i);
}

void consume_batches::send_slice(std::size_t of_group) {
  auto& mine = groups_[of_group];
  const auto first = mine.sent;
  if (std::chrono::steady_clock::now() > until_) {
    mine.sent = mine.items.size();
    return take(mine, first, errc::overloaded);
  }
  mine.sent = std::min(first + slice_size, mine.items.size());
  consume_batch slice{mine.account, {}};
  slice.items.reserve(mine.sent - first);
  for (auto at = first; at < mine.sent; ++at)
    slice.items.push_back(std::move(spends_[mine.items[at]]));
  to_account_(std::move(slice), [self = shared_from_this(), of_group, first](result<consumed_batch> answer) {
    const auto& asked = self->groups_[of_group];
    const bool more = asked.sent < asked.items.size();
    self->take(asked, first, std::move(answer));
    if (more) self->send_slice(of_group);
  });
}

/// The answer of the slice from `first` to what was sent.
void consume_batches::take(const group& from, std::size_t first, result<consumed_batch> answer) {
  for (auto at = first; at < from.sent; ++at)
    results_[from.items[at]] =
        answer ? std::move(answer->results.at(at - first)) : result<consume_receipt>(answer.why());
  finish_items(from.sent - first);
}

void consume_batches::finish_items(std::size_t count) {
  unfinished_ -= count;
  if (unfinished_ == 0) done_(std::move(results_));
}

} // namespace tessera::http
