// The faults of `tessera_with_faults`, chosen by the environment.
#include "actors/support/crash_point.hpp"
#include "actors/support/fault_switches.hpp"

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <string>

namespace tessera {

namespace {

struct chosen_point {
  std::string name;
  std::atomic<int> visits_left{1};

  chosen_point() {
    const char* text = std::getenv("TESSERA_CRASH_AT");
    name = text ? text : "";
    if (const auto colon = name.find(':'); colon != std::string::npos) {
      visits_left = std::atoi(name.c_str() + colon + 1);
      name.resize(colon);
    }
  }
};

} // namespace

void crash_point(std::string_view name) {
  static chosen_point chosen;
  if (chosen.name == name && --chosen.visits_left == 0) std::raise(SIGKILL);
}

bool leases_are_ignored() {
  const char* text = std::getenv("TESSERA_CLUSTER_LEASES");
  return text && std::string_view(text) == "ignore";
}

bool journal_is_discarded() {
  return std::getenv("TESSERA_JOURNAL_DISCARD") != nullptr;
}

} // namespace tessera
