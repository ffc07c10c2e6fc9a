#pragma once

#include "http/routing/problem.hpp"
#include "http/routing/request.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// Versions of single resources as entity tags (contract 2 `concurrency`).
namespace tessera::http {

/// `"v7"`.
std::string etag_of(std::int64_t version);

/// The versions that If-Match names: nothing when it is absent or `*`, and the change is made whatever there
/// is. Tags that are weak or not ours name no version. A problem (400) when it is no list of entity tags.
std::optional<problem>
read_if_match(const request& request, std::optional<std::vector<std::int64_t>>& versions);

} // namespace tessera::http
