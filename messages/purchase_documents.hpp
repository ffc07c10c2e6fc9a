#pragma once

#include "messages/purchases.hpp"

#include <functional>
#include <string>

namespace tessera {

/// A document about a purchase, made where it keeps nobody waiting who does something else. Answered by
/// result<purchase_document>. Rejections: purchase_unknown.
struct document_of_purchase {
  find_purchase which;
  std::function<std::string(const purchase_view&)> word; // called on a thread of the payment desk
};
struct purchase_document {
  std::string bytes; // empty: it could not be made
};

} // namespace tessera
