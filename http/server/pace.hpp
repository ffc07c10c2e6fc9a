#pragma once

#include "http/server/core.hpp"

#include <cstdint>

namespace tessera::http {

/// How long a peer may take for the next bytes of a transfer: in every window of half a header_timeout it
/// must move as much as min_body_bytes_per_second asks for. An average since the beginning would let it stall
/// after a fast start.
class pace {
public:
  explicit pace(const server_options& options)
      : window_us_(options.header_timeout.count() * 1000 / 2),
        quota_(options.min_body_bytes_per_second * static_cast<std::uint64_t>(window_us_) / 1'000'000),
        left_(quota_), deadline_us_(steady_us() + window_us_) {}

  std::int64_t deadline_us() const { return deadline_us_; }

  void moved(std::uint64_t bytes) {
    if (bytes < left_) {
      left_ -= bytes;
    } else {
      left_ = quota_;
      deadline_us_ = steady_us() + window_us_;
    }
  }

private:
  std::int64_t window_us_;
  std::uint64_t quota_; // bytes
  std::uint64_t left_;
  std::int64_t deadline_us_;
};

} // namespace tessera::http
