#pragma once

#include "http/json/writer.hpp"
#include "http/routes/service.hpp"
#include "http/routing/request.hpp"
#include "http/routing/response.hpp"
#include "messages/idempotency.hpp"
#include "messages/invitations.hpp"

#include <string_view>

namespace tessera::http {

/// The fields of one, without a token and without a link: nobody reads these (W-07).
void write_invitation(json::writer& out, const invitation_view& one);
kept_answer word_invitation(const invitation_view& one);

/// Whoever invites is told the token. What is kept has a placeholder in its place; `reveal` puts it in.
kept_answer word_made(const invitation_made& made, std::int16_t status);

/// How a change is answered.
void answer(
    const service& with,
    const result<invitation_answer>& told,
    const request& request,
    const responder& respond
);

} // namespace tessera::http
