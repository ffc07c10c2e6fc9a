#include "tests/faults/menu/fault_menu.hpp"

#include "tests/faults/menu/connection_hog.hpp"
#include "tests/faults/menu/descriptor_thief.hpp"
#include "tests/faults/menu/full_disk.hpp"
#include "tests/faults/menu/lock_hog.hpp"
#include "tests/faults/menu/postgres_away.hpp"

#include <array>
#include <ostream>

namespace tessera::test {

namespace {

using made = std::unique_ptr<trouble>;

template <class Trouble> made plain(trouble_place at, fake_clock*) {
  return std::make_unique<Trouble>(at);
}

made locked_ledger(trouble_place at, fake_clock*) {
  return std::make_unique<lock_hog>(at, "LOCK TABLE credit_entries IN ACCESS EXCLUSIVE MODE");
}

/// The heartbeat's row: spends need nothing of it until the lease is over.
made locked_lease(trouble_place at, fake_clock*) {
  return std::make_unique<lock_hog>(at, "SELECT * FROM node FOR UPDATE");
}

made stepping_clock(trouble_place at, fake_clock* clock) {
  return std::make_unique<clock_steps>(at, *clock);
}

constexpr std::array<menu_item, 9> menu{{
    {.name = "killed", .stops_writes = true, .make = plain<postgres_killed>},
    {.name = "paused", .stops_writes = true, .make = plain<postgres_paused>},
    {.name = "connections", .stops_writes = true, .make = plain<connection_hog>},
    {.name = "disk", .stops_writes = false, .small = on_small_disk::data, .make = plain<full_disk>},
    {.name = "wal", .stops_writes = false, .small = on_small_disk::wal, .make = plain<full_disk>},
    {.name = "ledger_locked", .stops_writes = true, .make = locked_ledger},
    {.name = "lease_locked", .stops_writes = false, .make = locked_lease},
    {.name = "descriptors", .stops_writes = false, .make = plain<descriptor_thief>},
    {.name = "clock", .stops_writes = false, .fakes_clock = true, .make = stepping_clock},
}};

} // namespace

std::string menu_item::why_not() const {
  if (small != on_small_disk::nothing) return small_disk::why_not();
  return "";
}

/// Asked for while the tests are registered: a process gets mounts of its own before it has threads, or
/// children of these would not see them.
std::span<const menu_item> fault_menu() {
  small_disk::why_not();
  return menu;
}

std::ostream& operator<<(std::ostream& out, const menu_item& item) {
  return out << item.name;
}

} // namespace tessera::test
