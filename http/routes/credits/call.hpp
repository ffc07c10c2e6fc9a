#pragma once

#include "http/auth/caller.hpp"
#include "http/auth/idempotency.hpp"
#include "http/json/reader.hpp"
#include "http/routes/service.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace tessera::http {

/// What a command is read from: the body of its own route, or `request` of a simulation, which goes the same
/// way as far as the account (contract 4 `simulate`).
class call {
public:
  service& with;
  const request& from;
  caller& who;          // gets its application by `place`
  json::reader& body;   // knows what is wrong with all of it
  json::object fields;  // of the command
  std::string_view id;  // what it is about, where the path names something; else empty
  std::string_view key; // its Idempotency-Key; empty: none

  /// Where the caller wants to do it, in the order of checks (contract 2): what is malformed, the
  /// application, `look`, and what else is wrong with the body. `can_look`: the place could be read.
  template <class Look> entity_search place(bool can_look, Look look) {
    auto wrong = what_is_wrong();
    if (auto refused = why_not_look(wrong, can_look)) return {nullptr, std::move(refused)};
    entity_search at = look();
    if (wrong && !at.refused) return {nullptr, std::move(wrong)};
    return at;
  }
  /// At the entity.
  entity_search place(act what, const entity_ref& entity) {
    return place(!entity.id.empty(), [&] { return find_entity(who, what, entity); });
  }
  /// The same, if `also(the entity)` has no problem with it.
  template <class Also> entity_search place(act what, const entity_ref& entity, Also also) {
    return place(!entity.id.empty(), [&] {
      auto at = find_entity(who, what, entity);
      if (!at.refused) at.refused = also(*at.found);
      return at;
    });
  }

  /// The stored form of the key.
  std::optional<idempotency_key> once(std::string_view route, const fingerprint& print) const {
    return optional_key(who.tenant->tenant, route, key, print);
  }
  /// Says in the command who asks, for which application and until when.
  template <class Command> void sign(Command& command) const {
    command.requested_by = who.as_principal();
    command.request_id = from.request_id;
    if constexpr (requires { command.tenant; }) command.tenant = who.tenant->tenant;
    if constexpr (requires { command.application; }) command.application = who.application;
    if constexpr (requires { command.caller_key; }) command.caller_key = key;
    if constexpr (requires { command.until; })
      command.until = std::chrono::steady_clock::now() + with.patience;
  }

private:
  std::optional<problem> what_is_wrong();
  std::optional<problem> why_not_look(const std::optional<problem>& wrong, bool can_look);
};

/// A command that the caller may give, or why not.
template <class Command> struct permitted {
  std::optional<problem> refused;
  Command command;
  const directory_entity* at = nullptr; // in *who.tenant
  bool may_read = true;                 // what there is where the credits go
};

/// Where the answer to a command goes.
struct answering {
  service& with;
  const request& from;
  responder respond;
  tenant_id tenant;
  std::string application;

  void refuse(const problem& why) const { respond(to_response(why, from)); }
  /// What the account says; it may name the entity.
  void refuse(const rejection& why, const entity_ref& entity) const;
};

/// A route that reads a command, and sends it if it may. `no_body` is what stands for an empty one.
template <class Command> using command_reader = permitted<Command> (*)(call&);
template <class Command> using command_sender = void (*)(const answering& to, permitted<Command> asked);
template <class Command> caller_handler command_route(
    service& with, command_reader<Command> read, command_sender<Command> send, std::string_view no_body = {}
) {
  return [&with, read, send, no_body](request& request, responder respond, caller who) {
    const auto refuse = [&](const problem& why) { respond(to_response(why, request)); };
    std::string_view key;
    if (const auto wrong = read_idempotency_key(request, key)) return refuse(*wrong);
    json::reader body(request.body.empty() ? no_body : request.body);
    const auto id = request.parameters.empty() ? std::string_view() : request.parameters.front();
    call from{with, request, who, body, body.object(), id, key};
    auto asked = read(from);
    if (asked.refused) return refuse(*asked.refused);
    send({with, request, respond, who.tenant->tenant, who.application}, std::move(asked));
  };
}

} // namespace tessera::http
