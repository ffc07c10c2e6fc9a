#include "messages/usage.hpp"

namespace tessera {

std::string_view to_string(usage_window window) {
  switch (window) {
  case usage_window::none: return "none";
  case usage_window::minute: return "minute";
  case usage_window::hour: return "hour";
  case usage_window::day: return "day";
  case usage_window::month: return "month";
  }
  return "none";
}

} // namespace tessera
