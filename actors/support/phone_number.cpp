#include "actors/support/phone_number.hpp"

namespace tessera {

std::string masked_phone(std::string_view e164) {
  constexpr std::size_t shown_before = 3;
  constexpr std::size_t shown_behind = 2;
  if (e164.size() <= shown_before + shown_behind) return std::string(e164.size(), '*');
  std::string masked(e164.substr(0, shown_before));
  masked.append(e164.size() - shown_before - shown_behind, '*');
  return masked.append(e164.substr(e164.size() - shown_behind));
}

} // namespace tessera
