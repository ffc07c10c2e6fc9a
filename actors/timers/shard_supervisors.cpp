#include "actors/timers/shard_supervisors.hpp"

#include <unordered_set>
#include <utility>

namespace tessera {

using persistence::due_account;
using persistence::due_question;

shard_supervisors::shard_supervisors(
    std::span<const std::int16_t> shards, ask_store ask, remind_account remind, int page
)
    : ask_(std::move(ask)), remind_(std::move(remind)), page_(page) {
  for (const auto shard : shards)
    walks_.emplace(shard, walk_state{});
}

void shard_supervisors::begin() {
  for (auto& [shard, walk] : walks_)
    if (walk.is_over) walk = {};
}

bool shard_supervisors::step() {
  std::vector<due_question> questions;
  for (const auto& [shard, walk] : walks_)
    if (!walk.is_over) questions.push_back({shard, walk.at});
  if (questions.empty()) return false;

  const auto due = ask_(questions, page_);
  std::map<std::int16_t, int> found;
  std::unordered_set<account_id> reminded; // a row each lot: an account may have several
  for (const auto& one : due) {
    found[one.shard] += 1;
    walks_.at(one.shard).at = one.where;
    if (reminded.insert(one.where.account).second) remind_(one.where.account);
  }
  bool more = false;
  for (const auto& question : questions) {
    auto& walk = walks_.at(question.shard);
    walk.is_over = found[question.shard] < page_;
    more |= !walk.is_over;
  }
  return more;
}

} // namespace tessera
