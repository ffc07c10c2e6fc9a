#pragma once

#include "http/auth/caller.hpp"
#include "http/json/reader.hpp"
#include "http/routes/service.hpp"
#include "http/routing/problem.hpp"
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

/// The amount, which lots, and that a tenant has nobody above it, once `from` has been read from
/// `type_field`.
void read_upward(json::object& fields, upward_body& body, std::string_view type_field);

/// The call once everything is read; what is wrong with it is still to be told when the caller may make it.
struct upward_call {
  upward_body body;
  std::string_view key; // empty: none
  std::optional<problem> wrong;
};

/// Moves the credits, and answers: 201, or 202 while they have not arrived. `kind` is give_back or reclaim.
void send_up(
    service& with,
    inbox_kind kind,
    const upward_call& call,
    const directory_entity& from,
    const directory_entity& to,
    request& request,
    const responder& respond,
    const caller& who
);

} // namespace tessera::http
