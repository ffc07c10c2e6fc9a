#pragma once

#include "config/settings.hpp"

namespace tessera::cli {

/// Sends the log where the settings say: one JSON object per line, or text.
void start_logging(const config::log_settings& settings);

} // namespace tessera::cli
