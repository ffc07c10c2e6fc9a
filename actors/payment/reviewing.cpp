#include "actors/payment/reviewing.hpp"

#include "actors/domain/fraud_rules.hpp"
#include "actors/payment/once.hpp"
#include "persistence/stores/auto_topup_store.hpp"
#include "persistence/stores/entity_store.hpp"
#include "persistence/stores/fraud_store.hpp"
#include "persistence/stores/payment_store.hpp"

#include <memory>
#include <utility>

namespace tessera {

namespace {

bool has_seen(const seen_versions& seen, std::int64_t version) {
  if (!seen) return true;
  for (const auto each : *seen)
    if (each == version) return true;
  return false;
}

/// What is to be done once it is committed.
struct approved_purchase {
  std::string purchase_id;           // that is to be paid
  std::optional<account_id> account; // that has credits waiting
};

payment_news paid(const payment_record& record) {
  payment_news news;
  news.what = payment_news::kind::succeeded;
  news.amount_minor = record.amount_minor;
  news.currency = record.currency;
  return news;
}

/// What nobody has to pay for is settled; the rest waits to be paid.
approved_purchase approve(pg::transaction& in, const desk_core& core, payment_record record) {
  if (record.method != "test")
    return {record.method == "stripe" ? record.purchase_id : std::string(), std::nullopt};
  const auto account = record.account;
  const auto news = paid(record);
  take_news(in, core, std::move(record), news);
  return {{}, account};
}

/// Whoever decides holds the purchase first and then its flags: of two who decide about two flags of one
/// purchase one waits.
result<fraud_flag> decide_in(
    pg::transaction& in, const desk_core& core, const decide_fraud_flag& command, approved_purchase& next
) {
  const auto named = persistence::find_flag(in, command.tenant, command.flag_id);
  if (!named) return errc::fraud_flag_unknown;
  auto record = persistence::hold_payment(in, command.tenant, named->purchase_id);
  const auto flag = persistence::hold_flag(in, command.tenant, command.flag_id);
  if (!record || !flag || flag->state != "open") return errc::fraud_flag_not_open;
  // Nobody pays for an entity that is gone.
  if (command.approved && !persistence::hold_entity(in, command.tenant, record->account))
    return errc::fraud_flag_not_open;
  // Nor for what bought by itself and was turned off: that can be rejected only.
  if (command.approved && record->origin == "auto_topup" && !persistence::hold_topup_waiting_for(in, *record))
    return errc::fraud_flag_not_open;
  if (!persistence::release_purchase(in, record->purchase_id, command.approved))
    return errc::fraud_flag_not_open;
  persistence::decide_flags(in, command, record->purchase_id);
  if (!command.approved && record->origin == "auto_topup")
    persistence::end_auto_topup(in, *record, "rejected", "What it bought was rejected when it was reviewed.");
  if (command.approved)
    if (auto released = persistence::hold_payment(in, command.tenant, record->purchase_id))
      next = approve(in, core, std::move(*released));
  auto decided = persistence::find_flag(in, command.tenant, command.flag_id);
  if (!decided) return errc::fraud_flag_unknown;
  return std::move(*decided);
}

} // namespace

result<fraud_rules_view> rules_now(pg::transaction& in, const tenant_id& tenant) {
  const auto said = persistence::fraud_rules_of(in, tenant);
  return fraud_rules_view{with_rules(default_fraud_rules(), said.rules), said.version};
}

result<fraud_rules_view> set_rules(pg::transaction& in, const set_fraud_rules& command) {
  const auto said = persistence::hold_fraud_rules(in, command.tenant);
  if (!has_seen(command.only_versions, said.version)) return errc::precondition_failed;
  const auto all = with_rules(with_rules(default_fraud_rules(), said.rules), command.rules);
  persistence::save_fraud_rules(in, command, all);
  return rules_now(in, command.tenant);
}

void decide(desk_core& core, repeatable<decide_fraud_flag, fraud_flag> call, answer_of<kept_answer> answer) {
  const auto tenant = call.command.tenant;
  const auto next = std::make_shared<approved_purchase>();
  core.in_transaction<kept_answer>(
      tenant,
      [&core, tenant, next, answer = std::move(answer)](result<kept_answer> told) {
        if (told && next->account) core.tell_of_inbox(*next->account);
        if (told && !next->purchase_id.empty())
          pay(core, {tenant, next->purchase_id}, [](const result<payment_state>&) {});
        answer(std::move(told));
      },
      [&core, call = std::move(call), next](pg::transaction& in) {
        *next = {};
        return once(in, call, [&](pg::transaction& now, const decide_fraud_flag& command) {
          return decide_in(now, core, command, *next);
        });
      }
  );
}

} // namespace tessera
