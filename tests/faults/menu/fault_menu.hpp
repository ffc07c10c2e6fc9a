#pragma once

#include "tests/faults/menu/clock_steps.hpp"
#include "tests/faults/menu/trouble.hpp"

#include <iosfwd>
#include <memory>
#include <span>
#include <string>

namespace tessera::test {

/// A fault that can be had by its name, and what is promised while it lasts.
struct menu_item {
  const char* name;
  bool stops_writes; // no spend gets through; else the clients that are connected are served as ever
  on_small_disk small = on_small_disk::nothing;
  bool fakes_clock = false;
  std::unique_ptr<trouble> (*make)(trouble_place at, fake_clock* clock);

  /// Why this machine can't; empty: it can.
  std::string why_not() const;
};

std::span<const menu_item> fault_menu();
std::ostream& operator<<(std::ostream& out, const menu_item& item);

} // namespace tessera::test
