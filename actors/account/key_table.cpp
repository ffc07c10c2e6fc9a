#include "actors/account/key_table.hpp"

#include <algorithm>
#include <bit>

namespace tessera {

namespace {

constexpr std::size_t bytes_per_slot = sizeof(recorded_spend) + sizeof(std::uint16_t);
constexpr std::size_t fewest_slots = 4;

/// Of so many slots: beyond, the search for an empty one takes long, and there must be one.
constexpr std::size_t most_keys(std::size_t slots) {
  return slots - slots / 4;
}

} // namespace

std::size_t key_table::keys_within(std::size_t bytes) {
  return std::max<std::size_t>(1, most_keys(std::bit_floor(bytes / bytes_per_slot)));
}

key_table::position key_table::first_of(const uuid& key) const {
  const auto mixed = std::hash<uuid>{}(key)*0x9e37'79b9'7f4a'7c15u;
  const auto tag = static_cast<std::uint16_t>(mixed);
  return {(mixed >> 16) & (tags_.size() - 1), static_cast<std::uint16_t>(tag == 0 ? 1 : tag)};
}

std::size_t key_table::slot_of(const uuid& key, position from) const {
  auto slot = from.slot;
  while (tags_[slot] != 0 && (tags_[slot] != from.tag || slots_[slot].idempotency.key != key))
    slot = (slot + 1) & (tags_.size() - 1);
  return slot;
}

const recorded_spend* key_table::find(const uuid& key) const {
  if (size_ == 0) return nullptr;
  const auto slot = slot_of(key, first_of(key));
  return tags_[slot] == 0 ? nullptr : &slots_[slot];
}

void key_table::insert_or_assign(const recorded_spend& spend) {
  if (size_ + 1 > most_keys(tags_.size())) grow();
  const auto first = first_of(spend.idempotency.key);
  const auto slot = slot_of(spend.idempotency.key, first);
  size_ += tags_[slot] == 0;
  tags_[slot] = first.tag;
  slots_[slot] = spend;
}

void key_table::grow() {
  key_table larger;
  larger.tags_.resize(std::max(fewest_slots, tags_.size() * 2));
  larger.slots_.resize(larger.tags_.size());
  for (std::size_t slot = 0; slot < tags_.size(); ++slot)
    if (tags_[slot] != 0) larger.insert_or_assign(slots_[slot]);
  *this = std::move(larger);
}

} // namespace tessera
