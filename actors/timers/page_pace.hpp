#pragma once

#include <chrono>

namespace tessera {

/// How fast a walk over what is due may go. While archive and journal have room, page follows page, so that a
/// midnight at which the lots of 100,000 accounts end is booked within seconds; when they have none, what was
/// reminded of comes first. However full they are, a page comes at last: traffic alone may fill them for
/// long.
struct page_pace {
  std::chrono::milliseconds interval{200}; // about 25,000 accounts a second, more than a node wakes
  std::chrono::milliseconds patience{5'000};

  bool allows_one(std::chrono::steady_clock::duration since_the_last, bool has_room) const {
    return since_the_last >= (has_room ? interval : patience);
  }
};

} // namespace tessera
