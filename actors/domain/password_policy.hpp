#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Which passwords may be set (R-I 3.7). Length is what counts: nothing has to be in a password, some are
/// known to everybody.
namespace tessera {

struct password_policy {
  std::size_t least = 12; // code points
  std::size_t most = 128;
};

enum class password_flaw : std::uint8_t {
  none,
  too_short,
  too_long,
  too_common,  // on the list of those that are tried first, or one thing over and over
  too_obvious, // little more than what is known about its owner
};
std::string_view to_string(password_flaw flaw);

/// `password` in normal form C. `known` is what others know of its owner: the address, the names of person,
/// tenant and organisations; words below four letters are not looked at.
password_flaw
flaw_of(std::string_view password, const std::vector<std::string>& known, const password_policy& policy = {});

} // namespace tessera
