#pragma once

#include "http/json/reader.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace tessera::http {

/// `billingAddress` of a purchase: any of `name, company, street, street2, city, state, zipCode, country,
/// taxId`, at least one, each 1 to 200 characters without control characters. Returns the JSON text that is
/// stored, in that order; empty when it is absent or wrong.
std::string read_billing_address(json::object& fields);

/// The lines of a stored address, in the order in which one writes it on an envelope.
std::vector<std::string> address_lines(std::string_view stored);

} // namespace tessera::http
