#pragma once

#include "messages/journal.hpp"

#include <cstdint>
#include <vector>

namespace tessera {

/// First answers by their key: a flat hash table, because nearly every spend asks in vain for a key that is
/// new. The tags alone answer that, and they are small enough for the processor's cache.
class key_table {
public:
  /// The largest number of keys that fits into so many bytes; at least one.
  static std::size_t keys_within(std::size_t bytes);

  const recorded_spend* find(const uuid& key) const;
  void insert_or_assign(const recorded_spend& spend);
  std::size_t size() const { return size_; }

private:
  struct position {
    std::size_t slot;
    std::uint16_t tag;
  };
  position first_of(const uuid& key) const;
  /// The slot of the key, or the empty one where it belongs.
  std::size_t slot_of(const uuid& key, position from) const;
  void grow();

  std::vector<std::uint16_t> tags_; // 0: the slot is empty; as many as a power of two
  std::vector<recorded_spend> slots_;
  std::size_t size_ = 0;
};

} // namespace tessera
