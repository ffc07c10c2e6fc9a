#include "messages/invitation_links.hpp"

namespace tessera {

std::string_view to_string(link_state state) {
  switch (state) {
  case link_state::open: return "open";
  case link_state::used_up: return "used_up";
  case link_state::expired: return "expired";
  case link_state::revoked: return "revoked";
  }
  return {};
}

} // namespace tessera
