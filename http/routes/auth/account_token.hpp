#pragma once

#include "http/json/reader.hpp"
#include "http/routing/problem.hpp"
#include "messages/account_tokens.hpp"

#include <optional>

/// Tokens that mails brought.
namespace tessera::http {

/// `token`: its hash; the nil one, which is nobody's, where it can be none of that purpose.
digest read_account_token(json::object& fields, account_token_purpose purpose);

/// Why one that is not good is refused: 404 or 410.
problem not_good(token_standing standing);

} // namespace tessera::http
