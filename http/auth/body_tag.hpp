#pragma once

#include <string>
#include <string_view>

namespace tessera::http {

/// The strong entity tag of a resource that has no version of its own: it is what its body says (contract 2
/// `concurrency`).
std::string tag_of_body(std::string_view body);

} // namespace tessera::http
