// POST /api/credits/reversals: takes back what a spend or a capture took. By who spent, or who administers
// the entity (contract 3, decision 0041).
#include "http/json/writer.hpp"
#include "http/routes/credits/commands.hpp"
#include "http/routes/credits/credits.hpp"
#include "http/routes/credits/days_rules.hpp"
#include "http/routes/credits/entity_fields.hpp"
#include "http/routes/credits/entry_search.hpp"
#include "http/routing/rejections.hpp"
#include "messages/entry_names.hpp"

#include <utility>

namespace tessera::http {

namespace {

constexpr std::string_view reverse_template = "POST /api/credits/reversals";

response render(const reversal_receipt& receipt, const std::string& reversed) {
  response answer;
  answer.status = 201;
  json::writer out(answer.body);
  out.begin_object().field("success", true);
  out.field("transactionId", transaction_id_of({receipt.account, receipt.seq}));
  out.field("reversalOf", reversed).field("credits", receipt.amount.value());
  out.field("availableCredits", receipt.available.value()).field("replayed", receipt.replayed).end_object();
  answer.headers.emplace_back("X-Balance-Seq", std::to_string(receipt.seq));
  if (receipt.replayed) answer.headers.emplace_back("Idempotent-Replayed", "true");
  return answer;
}

void send(const answering& to, permitted<reversal_call> asked) {
  to.with.behind.reverse(
      std::move(asked.command.command),
      asked.command.which,
      [to, entity = asked.at->ref(), reversed = transaction_id_of(asked.command.which.spent)](
          const result<reversal_receipt>& receipt
      ) { receipt ? to.respond(render(*receipt, reversed)) : to.refuse(receipt.why(), entity); }
  );
}

bool administers(const caller& who, const directory_entity& at) {
  return may(who.rights, act::reverse_for_others, *who.tenant, &at) == verdict::allowed;
}

fingerprint fingerprint_of(const call& from, const reversal_call& asked, std::string_view id) {
  fingerprint print;
  print.add(id).add(from.who.application).add(asked.command.amount ? asked.command.amount->value() : 0);
  print.add(std::int64_t{asked.which.regrant_days.value_or(0)});
  return print;
}

} // namespace

permitted<reversal_call> read_reversal(call& from) {
  reversal_call asked;
  const auto id = from.fields.string("transactionId", {.most = 64});
  if (const auto amount = from.fields.optional_integer("credits", amount_rules))
    asked.command.amount = credits{*amount};
  if (const auto days = from.fields.optional_integer("regrantDays", days_rules))
    asked.which.regrant_days = static_cast<int>(*days);
  entry_search spent;
  const auto at = from.place(!id.empty(), [&] {
    spent = find_transaction(from.who, act::reverse, id);
    // Giving credits a second life is no correction.
    if (!spent.refused && asked.which.regrant_days && !administers(from.who, *spent.at))
      spent.refused = simple_problem(
          403, "insufficient_role", "The caller's role may not do this", "regrantDays is for administrators."
      );
    return entity_search{spent.at, spent.refused};
  });
  if (at.refused) return {at.refused, {}, nullptr};
  from.sign(asked.command);
  asked.command.account = spent.place.account;
  asked.command.administers = administers(from.who, *at.found);
  asked.command.regrants = asked.which.regrant_days.has_value();
  asked.command.idempotency = from.once(reverse_template, fingerprint_of(from, asked, id));
  asked.which.tenant = from.who.tenant->tenant;
  asked.which.spent = spent.place;
  if (!from.who.application.empty()) asked.which.application = from.who.application;
  return {{}, std::move(asked), at.found};
}

caller_handler reverse(service& with) {
  return command_route<reversal_call>(with, read_reversal, send);
}

} // namespace tessera::http
