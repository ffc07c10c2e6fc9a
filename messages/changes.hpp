#pragma once

#include "messages/entries.hpp"
#include "messages/tree_part.hpp"
#include "messages/types/ids.hpp"
#include "messages/types/result.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

/// What all changes of the directory have in common.
namespace tessera {

/// Who changes it, for the record.
struct change_origin {
  principal by;
  std::string request_id;
};

/// The versions of a resource that a change may meet; nothing: any (contract 2 `concurrency`).
using seen_versions = std::optional<std::vector<std::int64_t>>;

/// Whether the caller may do this to what is there, asked in the transaction of the change, on a thread of
/// the database: `errc::ok`, or why not. Empty: yes.
template <class Resource> using judgement = std::function<rejection(const Resource&)>;

/// The part of a tenant's tree that a caller may see.
struct visible_part {
  bool everything = true; // then there are no parts
  tree_parts parts;
};

} // namespace tessera
