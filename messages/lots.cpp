#include "messages/lots.hpp"

namespace tessera {

std::string_view to_string(lot_kind kind) {
  switch (kind) {
  case lot_kind::promo: return "promo";
  case lot_kind::plan: return "plan";
  case lot_kind::bonus: return "bonus";
  case lot_kind::paid: return "paid";
  case lot_kind::reinstated: return "reinstated";
  }
  return "unknown";
}

} // namespace tessera
