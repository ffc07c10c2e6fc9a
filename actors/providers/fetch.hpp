#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

namespace tessera {

struct fetch_limits {
  std::chrono::milliseconds time{5'000}; // in all, names and TLS included
  std::size_t bytes = 64 * 1024;         // of the body
};

/// Gets what stands at an address and waits for it: for threads that may block. Only addresses that are
/// `is_fetchable`; the certificate and its name are verified; a redirect is not followed. Returns the body of
/// a 200. Throws std::runtime_error that says why there is none and has nothing of what was answered.
/// `must_stop` is asked about once a second, and ends it.
std::string fetch(const std::string& url, const fetch_limits& limits, const std::function<bool()>& must_stop);

} // namespace tessera
