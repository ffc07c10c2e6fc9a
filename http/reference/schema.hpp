#pragma once

#include "http/reference/document.hpp"

#include <string>
#include <vector>

namespace tessera::reference {

/// What a value of that schema is, in a line of HTML: `array of Lot`, `string or null, at most 64
/// characters`.
std::string type_html(const api_document& document, const YAML::Node& schema);

/// The members of such a value as a list, those of unnamed schemas within; empty when it has none.
std::string members_html(const api_document& document, const YAML::Node& schema);

/// The codes that a problem of that schema may have.
std::vector<std::string> codes_of(const api_document& document, const YAML::Node& schema);

/// A value of that schema for an example, with the members that are required.
std::string
sample_json(const api_document& document, const YAML::Node& schema, const std::string& name, int depth = 0);

} // namespace tessera::reference
