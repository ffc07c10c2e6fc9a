#pragma once

#include "http/json/writer.hpp"
#include "http/routing/response.hpp"
#include "messages/simulations.hpp"
#include "messages/types/entity.hpp"
#include "messages/types/result.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

/// What is told of a simulation.
namespace tessera::http {

/// Writes what the real answer would say into the open object.
using outcome_writer = std::function<void(json::writer&, const simulation&)>;
void write_spend_outcome(json::writer& out, const simulation& told);
void write_hold_outcome(json::writer& out, const simulation& told);
void write_move_outcome(json::writer& out, const simulation& told);
void write_reversal_outcome(json::writer& out, const simulation& told);
void write_arrival_outcome(
    json::writer& out,
    const simulation& told,
    const std::string& expiry_date,
    const std::optional<time_point>& expires_at
);
/// Of what has no figures of its own.
void write_no_outcome(json::writer& out, const simulation& told);

/// What would happen; with the entries that would be booked for whoever may read such.
response would_happen(const simulation& told, const outcome_writer& write, bool with_entries);
response would_be_refused(const rejection& why, const entity_ref& entity, std::string_view application);

/// What another amount, another hold or another day might be answered otherwise. All else is a problem of
/// the call.
bool is_refusal_by_rules(errc code);

} // namespace tessera::http
