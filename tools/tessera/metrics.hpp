#pragma once

#include "actors/account/environment.hpp"
#include "actors/journal/lane.hpp"
#include "actors/providers/document_watch.hpp"
#include "http/server/server.hpp"

#include <cstddef>
#include <string>

namespace tessera::cli {

struct metric_sources {
  const http::server_statistics& server;
  const lane_statistics& lanes;
  const account_statistics& accounts;
  const watch_statistics& issuer_keys;
  std::size_t journal_depth;
  std::size_t accounts_live;
  std::size_t keys_remembered;
  std::size_t tenants_loaded;
  bool ready;
};

/// The figures as Prometheus text.
std::string metrics_text(const metric_sources& from);

} // namespace tessera::cli
