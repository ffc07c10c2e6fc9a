#include "actors/support/crash_point.hpp"

#ifdef TESSERA_CRASH_POINTS

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

} // namespace tessera

#endif
