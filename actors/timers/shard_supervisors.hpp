#pragma once

#include "persistence/stores/due_store.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <vector>

namespace tessera {

/// One supervisor for each shard of this node, for one kind of reminder. A supervisor walks what is due in
/// its shard a page at a time, from the longest due on, so that accounts which cannot do what they are
/// reminded of, however many, keep nobody else waiting. Not for several threads.
class shard_supervisors {
public:
  /// What is due in those shards, behind those places: at most `page` rows of each, in order.
  using ask_store = std::function<
      std::vector<persistence::due_account>(std::span<const persistence::due_question> shards, int page)>;
  using remind_account = std::function<void(const account_id&)>;

  shard_supervisors(
      std::span<const std::int16_t> shards, ask_store ask, remind_account remind, int page = 20
  );

  /// Walks that came to their end start again; the others go on where they are.
  void begin();
  /// One page of every walk that is under way; false: all are over. What `ask` throws leaves every walk where
  /// it is.
  bool step();

private:
  struct walk_state {
    bool is_over = false;
    persistence::due_position at;
  };

  std::map<std::int16_t, walk_state> walks_;
  ask_store ask_;
  remind_account remind_;
  int page_;
};

} // namespace tessera
