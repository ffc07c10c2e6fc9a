#pragma once

#include "tools/paysim/api/parameters.hpp"
#include "tools/paysim/sandbox.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace tessera::paysim {

document& make_product(sandbox& account, std::string_view name, std::string_view description = {});
document&
make_price(sandbox& account, std::string_view product, std::string_view currency, std::int64_t unit_amount);

/// A line of an order: what a `price` or a `price_data` with its `quantity` says.
struct order_line {
  document price;
  std::string description;
  std::int64_t quantity = 1;
  std::int64_t amount() const { return number_of(price, "unit_amount") * quantity; }
  std::string currency() const { return std::string{text_of(price, "currency")}; }
};

/// Throws api_error where it is none. A `price_data` makes a product and a price that are not active.
order_line read_order_line(sandbox& account, const parameters& params);

} // namespace tessera::paysim
