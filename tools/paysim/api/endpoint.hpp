#pragma once

#include "tools/paysim/api/api_error.hpp"
#include "tools/paysim/api/parameters.hpp"
#include "tools/paysim/sandbox.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::paysim {

/// One call as an endpoint sees it: authentic, decoded, and not a repetition.
struct call {
  sandbox& account;
  const parameters& params;
  std::string path;
  std::vector<std::string> ids; // of the path, in order
};

/// Returns what is answered with 200, or throws api_error.
using endpoint = std::function<json::value(const call&)>;

/// One row of the API. The path is a literal: "/v1/customers/:id".
struct endpoint_row {
  std::string_view method;
  std::string_view path;
  endpoint run;
};
using endpoint_table = std::vector<endpoint_row>;

} // namespace tessera::paysim
