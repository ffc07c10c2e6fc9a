#pragma once

#include "http/json/writer.hpp"
#include "http/routes/service.hpp"
#include "http/routing/problem.hpp"
#include "http/routing/request.hpp"
#include "messages/sessions.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tessera::http {

/// `tsr_` and 43 characters of base64url: 256 random bits.
std::string make_refresh_token();
/// What is kept of it. Nothing when it has not that form.
std::optional<digest> refresh_token_sha256(std::string_view token);

void write_user(json::writer& out, const user_profile& user);

/// Who keeps the tokens of a session: the caller, who reads them in the body, or the browser, as cookies.
enum class token_keeper : std::uint8_t { caller, browser };

/// 200 with the tokens of a session that began or goes on.
response session_answer(
    const service& with, const session_opened& opened, std::string_view refresh_token, token_keeper keeper
);
/// The browser that gets the answer keeps nothing of the session.
void forget_session(response& answer);

/// 401: why nobody is let in.
problem not_signed_in(std::string_view code, std::string_view title);

} // namespace tessera::http
