#pragma once

#include <string>
#include <string_view>

namespace tessera {

/// `+91********10`: for logs and whoever may not know the number.
std::string masked_phone(std::string_view e164);

} // namespace tessera
