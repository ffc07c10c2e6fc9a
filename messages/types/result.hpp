#pragma once

#include "messages/types/credits.hpp"
#include "messages/types/errors.hpp"

#include <cassert>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace tessera {

/// What stood in the way of a spend (contract 4 `refusals`).
enum class blocked_by : std::uint8_t { none = 0, balance, budget, debt, frozen };

/// Why not, with what the caller needs to do better.
struct rejection {
  errc code = errc::ok;
  blocked_by blocker = blocked_by::none;
  std::optional<std::uint16_t> item; // of a batch that is refused as a whole: which one, from 0
  credits requested;
  credits available;        // usable by this application now
  credits would_allow;      // the largest amount that would pass now
  bool replayed = false;    // the answer of an earlier call with the same key
  std::string detail;       // for people
  std::string_view state{}; // of a hold that is not open: text of its hold_state

  rejection() = default;
  rejection(errc c) : code(c) {} // NOLINT: an errc is a rejection without detail
  rejection(errc c, std::string text) : code(c), detail(std::move(text)) {}
  friend bool operator==(const rejection&, const rejection&) = default;
};

/// A value, or why there is none. Default constructed it is neither: `errc::internal`.
template <class T> class result {
public:
  result() : why_(errc::internal) {}
  result(T value) : value_(std::move(value)) {}                // NOLINT: a value is a result
  result(rejection why) : why_(std::move(why)) {}              // NOLINT: a rejection is a result
  result(errc code) : why_(code) { assert(code != errc::ok); } // NOLINT

  bool ok() const { return why_.code == errc::ok; }
  explicit operator bool() const { return ok(); }
  errc code() const { return why_.code; }
  const rejection& why() const { return why_; }

  const T& operator*() const& {
    assert(ok());
    return value_;
  }
  T& operator*() & {
    assert(ok());
    return value_;
  }
  T&& operator*() && {
    assert(ok());
    return std::move(value_);
  }
  const T* operator->() const {
    assert(ok());
    return &value_;
  }
  T* operator->() {
    assert(ok());
    return &value_;
  }

private:
  T value_{};
  rejection why_;
};

} // namespace tessera
