#pragma once

#include "http/auth/caller.hpp"
#include "http/routes/service.hpp"
#include "messages/invitations.hpp"

#include <string>
#include <string_view>

/// What is kept of where a call comes from (R-I 3.9): enough to notice that somebody else accepted, not
/// enough to find them.
namespace tessera::http {

/// `203.0.113.0/24`, `2001:db8:1::/48`.
std::string network_text(const ip_address& address);
/// `Firefox on Linux`; empty: it says nothing.
std::string browser_text(std::string_view user_agent);

visitor visitor_of(const request& request, const service& with);
/// Of somebody who is known, for the application that calls.
invitation_origin invitation_origin_of(const request& request, const caller& who, const service& with);
/// Of somebody who is not.
invitation_origin invitation_origin_of(const request& request, const service& with);

} // namespace tessera::http
