#pragma once

#include "tools/paysim/payments/test_methods.hpp"
#include "tools/paysim/sandbox.hpp"

#include <string>
#include <string_view>

namespace tessera::paysim {

/// Sessions go on when their payments do. Called once for each sandbox.
void follow_payments(sandbox& account);

/// The payer presents a method on the session's page. Returns the intent, which says what became of it.
document&
present_method(sandbox& account, document& session, const test_method& like, const std::string& email);

/// Nobody can pay it any more. Throws api_error unless it is open.
void expire(sandbox& account, document& session);

/// It expires by itself in time, if it is open then.
void await_expiry(sandbox& account, const document& session);

/// The session that an intent belongs to; null when it belongs to none.
document* session_of(sandbox& account, const document& intent);

/// Where a payer goes who is done: the success URL with the session's id in it.
std::string success_url(const document& session);

} // namespace tessera::paysim
