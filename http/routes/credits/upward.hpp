#pragma once

#include "http/routes/credits/call.hpp"
#include "messages/accounts.hpp"
#include "messages/types/entity.hpp"

#include <optional>
#include <string_view>

/// Credits that go up the tree again: what /return and /reclaim have in common (decision 0042).
namespace tessera::http {

struct upward_body {
  entity_ref from;
  std::optional<entity_ref> to; // above it; nothing: right above
  credits amount;
  lot_choice lots;
};

/// The amount and which lots, once `from` has been read from `type_field`: a tenant has nobody above it.
void read_upward(json::object& fields, upward_body& body, std::string_view type_field);

/// `kind` is give_back or reclaim; both ends are in the caller's tenant.
permitted<allocate_credits> command_upward(
    call& asked,
    inbox_kind kind,
    const upward_body& body,
    const directory_entity& giver,
    const directory_entity& receiver
);

/// Moves the credits, and answers: 201, or 202 while they have not arrived.
void send_up(const answering& to, permitted<allocate_credits> asked);

} // namespace tessera::http
