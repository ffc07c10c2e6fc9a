#include "messages/invitation_errands.hpp"

namespace tessera {

bool reads_only(const invitation_errand& errand) {
  return std::holds_alternative<list_invitation_links>(errand.what) ||
         std::holds_alternative<invitation_link_query>(errand.what) ||
         std::holds_alternative<preview_invitation_link>(errand.what) ||
         std::holds_alternative<export_person>(errand.what);
}

} // namespace tessera
