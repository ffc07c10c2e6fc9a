// POST /api/credits/freeze and /api/credits/unfreeze (decision 0042).
#include "http/json/writer.hpp"
#include "http/routes/credits/commands.hpp"
#include "http/routes/credits/credits.hpp"
#include "http/routes/credits/entity_fields.hpp"
#include "messages/entry_names.hpp"

#include <utility>

namespace tessera::http {

namespace {

std::string_view template_of(bool frozen) {
  return frozen ? "POST /api/credits/freeze" : "POST /api/credits/unfreeze";
}

permitted<change_freeze> read(call& from, bool frozen) {
  const auto entity = read_entity(from.fields);
  change_freeze command;
  command.frozen = frozen;
  command.reason = from.fields.optional_string("reason", {.most = 500}).value_or("");
  const auto at = from.place(act::freeze, entity);
  if (at.refused) return {at.refused, {}, nullptr};
  from.sign(command);
  command.account = at.found->account;
  fingerprint print;
  print.add(to_string(entity.type)).add(entity.id).add(from.who.application).add(command.reason);
  command.idempotency = from.once(template_of(frozen), print);
  return {{}, std::move(command), at.found};
}

/// `transactionId` is the entry that says so: null where the entity was so already.
response render(const freeze_receipt& told, const entity_ref& entity, bool frozen) {
  response answer;
  json::writer out(answer.body);
  out.begin_object().field("success", true).field("entityType", to_string(entity.type));
  out.field("entityId", entity.id).field("frozen", frozen).key("transactionId");
  told.seq == 0 ? out.null() : out.string(transaction_id_of({told.account, told.seq}));
  out.field("replayed", told.replayed).end_object();
  if (told.replayed) answer.headers.emplace_back("Idempotent-Replayed", "true");
  return answer;
}

void send(const answering& to, permitted<change_freeze> asked) {
  const auto frozen = asked.command.frozen;
  to.with.behind.freeze(
      std::move(asked.command),
      [to, frozen, entity = asked.at->ref()](const result<freeze_receipt>& told) {
        told ? to.respond(render(*told, entity, frozen)) : to.refuse(told.why(), entity);
      }
  );
}

} // namespace

permitted<change_freeze> read_freeze(call& from) {
  return read(from, true);
}
permitted<change_freeze> read_unfreeze(call& from) {
  return read(from, false);
}

caller_handler freeze(service& with) {
  return command_route<change_freeze>(with, read_freeze, send);
}
caller_handler unfreeze(service& with) {
  return command_route<change_freeze>(with, read_unfreeze, send);
}

} // namespace tessera::http
