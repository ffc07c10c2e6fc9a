#pragma once

#include "messages/types/uuid.hpp"

#include <functional>
#include <string>
#include <utility>

namespace tessera {

/// An identifier that can't be mistaken for another kind of identifier.
template <class Tag, class Value> struct strong_id {
  Value value{};

  strong_id() = default;
  explicit strong_id(Value v) : value(std::move(v)) {}
  friend auto operator<=>(const strong_id&, const strong_id&) = default;
};

using account_id =
    strong_id<struct account_tag, uuid>;            // of an entity's balance; made when the entity is created
using inbox_id = strong_id<struct inbox_tag, uuid>; // of a durable command from outside
using lot_id = strong_id<struct lot_tag, uuid>;
using node_incarnation = strong_id<struct node_tag, uuid>; // one run of one process
using tenant_id = strong_id<struct tenant_tag, uuid>;      // inside; callers know a tenant by its text id

template <class Tag> std::string to_string(const strong_id<Tag, uuid>& id) {
  return to_string(id.value);
}

} // namespace tessera

template <class Tag, class Value> struct std::hash<tessera::strong_id<Tag, Value>> {
  std::size_t operator()(const tessera::strong_id<Tag, Value>& id) const noexcept {
    return std::hash<Value>{}(id.value);
  }
};
