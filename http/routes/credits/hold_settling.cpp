// POST /api/credits/holds/:id/capture and /release. By who holds it, or who administers the entity (contract
// 3).
#include "http/routes/credits/commands.hpp"
#include "http/routes/credits/credits.hpp"
#include "http/routes/credits/entry_search.hpp"
#include "http/routes/credits/hold_json.hpp"

#include <utility>

namespace tessera::http {

namespace {

constexpr std::string_view capture_template = "POST /api/credits/holds/:id/capture";
constexpr std::string_view release_template = "POST /api/credits/holds/:id/release";

/// 0 lets all of it go.
constexpr json::integer_rules captured_rules{
    .least = 0, .most = credits::limit, .code = "amount_out_of_range"};

/// What capture and release have in common, once their bodies are read.
template <class Command> permitted<Command> about_hold(call& from, Command command) {
  entry_search hold;
  const auto at = from.place(!from.id.empty(), [&] {
    hold = find_hold(from.who, act::hold, from.id);
    return entity_search{hold.at, hold.refused};
  });
  if (at.refused) return {at.refused, {}, nullptr};
  from.sign(command);
  command.account = hold.place.account;
  command.hold = hold.place.seq;
  command.administers =
      may(from.who.rights, act::settle_holds, *from.who.tenant, at.found) == verdict::allowed;
  return {{}, std::move(command), at.found};
}

template <class Command> void send_to(
    void (gateway::*settle)(Command, tenant_id, callback<hold_view>),
    const answering& to,
    permitted<Command> asked
) {
  (to.with.behind.*settle
  )(std::move(asked.command), to.tenant, [to, entity = asked.at->ref()](const result<hold_view>& left) {
    left ? to.respond(answer_about(*left, entity, 200)) : to.refuse(left.why(), entity);
  });
}

void send_capture(const answering& to, permitted<capture_hold> asked) {
  send_to(&gateway::capture, to, std::move(asked));
}
void send_release(const answering& to, permitted<release_hold> asked) {
  send_to(&gateway::release, to, std::move(asked));
}

} // namespace

permitted<capture_hold> read_capture(call& from) {
  capture_hold command;
  command.amount = credits{from.fields.integer("credits", captured_rules)};
  command.final = from.fields.optional_boolean("final").value_or(true);
  command.spend_overage = from.fields.optional_choice("overage", {"refuse", "spend"}).value_or(0) == 1;
  auto asked = about_hold(from, std::move(command));
  if (asked.refused) return asked;
  fingerprint print;
  print.add(from.id).add(asked.command.amount.value()).add(from.who.application);
  print.add(std::int64_t{asked.command.final}).add(std::int64_t{asked.command.spend_overage});
  asked.command.idempotency = from.once(capture_template, print);
  return asked;
}

/// It has no fields.
permitted<release_hold> read_release(call& from) {
  auto asked = about_hold(from, release_hold{});
  if (asked.refused) return asked;
  fingerprint print;
  print.add(from.id).add(from.who.application);
  asked.command.idempotency = from.once(release_template, print);
  return asked;
}

caller_handler capture(service& with) {
  return command_route<capture_hold>(with, read_capture, send_capture);
}

caller_handler release(service& with) {
  return command_route<release_hold>(with, read_release, send_release, "{}");
}

} // namespace tessera::http
