#pragma once

#include "http/gateway.hpp"
#include "http/routing/response.hpp"

#include <cstdint>
#include <memory>

namespace tessera::http {

enum class export_format : std::uint8_t { csv, ndjson };

/// All transactions of a query as a file that is fetched page by page while the client reads. `first` is its
/// first page, read before the status was chosen.
response export_of(gateway& behind, list_transactions query, transaction_page first, export_format format);

/// How many entries an export holds in memory at a time: as much as they are with the longest metadata.
inline constexpr int export_page = 500;

} // namespace tessera::http
