#include "messages/allocations.hpp"

namespace tessera {

std::string_view to_string(leg_status status) {
  switch (status) {
  case leg_status::pending: return "pending";
  case leg_status::completed: return "completed";
  case leg_status::returned: return "returned";
  }
  return "unknown";
}

} // namespace tessera
