#pragma once

#include "http/routes/service.hpp"

#include <string>
#include <vector>

namespace tessera::http {

/// What the provider of SMS tells, signed by `secret`; without one nothing is believed. Rows of the table of
/// routes, beside those of `api_routes`.
std::vector<route> sms_routes(service& with, std::string secret);

} // namespace tessera::http
