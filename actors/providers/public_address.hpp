#pragma once

#include <string_view>

struct sockaddr;

namespace tessera {

/// Whether an address belongs to the public internet: not to this machine, its networks, the link, a group, a
/// provider's metadata service or documentation, nor an IPv6 form that stands for such an IPv4 address.
bool is_public_address(const sockaddr& address);
/// The same of a text like `192.0.2.1` or `2001:db8::1`; what is none is not public.
bool is_public_address(std::string_view text);

} // namespace tessera
