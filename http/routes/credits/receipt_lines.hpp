#pragma once

#include "messages/purchases.hpp"

#include <string>
#include <string_view>
#include <vector>

/// What the receipt of a purchase says, whatever it is written in.
namespace tessera::http {

struct receipt_line {
  std::string_view name;
  std::vector<std::string> values; // one below the other
  bool is_total = false;
};

struct receipt {
  std::string title;    // Receipt, or Invoice while it is to be paid
  std::string seller;   // as the tenant is branded; empty: not at all
  std::string color;    // likewise, #rrggbb
  std::string standing; // what the reader must know about the money; empty: nothing
  std::vector<receipt_line> lines;
};
receipt receipt_of(const purchase_view& purchase);

} // namespace tessera::http
