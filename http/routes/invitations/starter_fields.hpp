#pragma once

#include "http/auth/caller.hpp"
#include "http/auth/idempotency.hpp"
#include "http/json/reader.hpp"
#include "http/json/writer.hpp"
#include "http/routes/invitations/invitation_fields.hpp"
#include "messages/invitations.hpp"
#include "messages/starter_credits.hpp"

#include <optional>

/// `starterCredits` in bodies and answers.
namespace tessera::http {

/// Before its entities are looked up.
struct wanted_starter {
  entity_ref from;
  entity_ref to;
  credits amount;
};
/// They go to one of the entities that are given.
std::optional<wanted_starter> read_starter(json::object& fields, const wanted_grant& grants);
void add(fingerprint& print, const std::optional<wanted_starter>& wanted);

/// Their entities, where the caller may allocate from the one to the other: else 404, or 403. Of a body that
/// is wrong nothing may be found.
std::optional<problem> find_starter(
    const caller& who, const std::optional<wanted_starter>& wanted, std::optional<starter_credits>& into
);

/// The field `starterCredits`: null where there are none.
void write_starter(json::writer& out, const std::optional<starter_credits_view>& starter);

} // namespace tessera::http
