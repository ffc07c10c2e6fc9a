#pragma once

#include "http/gateway.hpp"
#include "messages/auto_topups.hpp"
#include "messages/fraud.hpp"
#include "tests/fuzz/route_world.hpp"
#include "tests/fuzz/target.hpp"

#include <concepts>
#include <string>

/// What must be true of every command that a route sends on, whoever wrote the body.
namespace tessera::fuzz {

inline void claim_amount(credits amount) {
  claim(amount.value() >= 1 && amount.value() <= credits::limit, "an amount is 1 to 2^53-1");
}

inline void claim_json(const std::string& text, std::size_t most) {
  claim(
      text.empty() || (text.front() == '{' && text.back() == '}' && text.size() <= most),
      "JSON that is kept is an object"
  );
  claim(text.find('\0') == text.npos, "nothing that is kept has a NUL");
}

template <class Command> void examine(const Command&) {}

inline void examine(const consume_credits& spend) {
  claim_amount(spend.amount);
  claim_json(spend.metadata, 4'096);
  claim(
      !spend.account.value.is_nil() && (spend.application == "crm" || spend.application == "hr"),
      "a spend is of an application"
  );
  claim(spend.caller_key.size() <= 255 + 6, "a key has at most 255 characters, and the number of its item");
  if (!spend.occurred_at) return;
  const auto ago = time_of_requests - *spend.occurred_at;
  claim(
      ago <= std::chrono::days{7} && ago >= -std::chrono::minutes{5},
      "nothing happened long ago or in the future"
  );
}

inline void examine(const std::vector<consume_credits>& spends) {
  claim(spends.size() <= 10'000, "a batch has at most 10,000 items");
  for (const auto& spend : spends)
    examine(spend);
}

inline void examine(const consume_atomically& batch) {
  claim(!batch.items.empty(), "a batch has an item");
  examine(batch.items);
  for (const auto& spend : batch.items)
    claim(spend.account == batch.account, "what happens together is of one account");
}

inline void examine(const allocate_credits& moved) {
  std::optional<credits> sum = credits{};
  for (const auto& leg : moved.legs) {
    claim_amount(leg.amount);
    claim(leg.to != moved.account, "nothing is allocated to where it is");
    if (sum) sum = credits::checked_add(*sum, leg.amount);
  }
  claim(!moved.legs.empty() && sum, "an allocation can be added up");
}

inline void examine(const purchase_credits& bought) {
  claim(
      is_valid_id(bought.package_id) && !bought.account.value.is_nil(),
      "a purchase names a package and an account"
  );
  claim_json(bought.billing_address, 4'096);
}

inline void examine(const set_auto_topup& set) {
  const auto& terms = set.terms;
  const bool is_capped = terms.max_per_day && terms.max_per_month && terms.max_amount_minor_per_month;
  claim(
      !terms.enabled || (is_capped && is_valid_id(terms.package_id)),
      "nothing is bought by itself without caps"
  );
  claim(terms.threshold.value() >= 0, "no threshold is below zero");
}

inline void examine(const set_fraud_rules& set) {
  claim(!set.rules.empty(), "rules are said");
  for (const auto& rule : set.rules)
    claim(rule.limit >= 0 && rule.action <= fraud_action::block, "a rule has a limit and an action");
}

inline void examine(const hold_credits& held) {
  claim_amount(held.amount);
  claim_json(held.metadata, 4'096);
  claim(held.ttl >= std::chrono::seconds{1} && held.ttl <= most_hold_seconds, "a hold has an end");
}

inline void examine(const capture_hold& captured) {
  claim(
      captured.amount.value() >= 0 && captured.amount.value() <= credits::limit, "a capture is 0 to 2^53-1"
  );
}

inline void examine_terms(const package_terms& terms) {
  if (terms.amount) claim_amount(*terms.amount);
  claim(terms.price_minor.value_or(0) >= 0, "no price is below zero");
}
inline void examine(const create_package& made) {
  examine_terms(made.terms);
}
inline void examine(const edit_package& edited) {
  claim(is_valid_id(edited.package_id), "a package has an id");
  examine_terms(edited.terms);
}

inline void examine(const create_entity& made) {
  claim(made.ref.id.empty() || is_valid_id(made.ref.id), "an entity has an id, or gets one");
  claim(made.name.find('\0') == std::string::npos, "nothing that is kept has a NUL");
}

inline void examine(const edit_tenant& edited) {
  (void)edited.change(tenant_view{});
}

/// What tells one command from another.
template <class Command> std::string mark_of(const Command& command) {
  std::string mark = typeid(Command).name();
  const auto add_key = [&mark](const std::optional<idempotency_key>& key) {
    if (key) mark += to_string(key->key) + to_string(key->fingerprint);
  };
  if constexpr (requires { command.idempotency; }) add_key(command.idempotency);
  if constexpr (requires { command.key; }) add_key(command.key);
  if constexpr (requires {
                  { command.amount } -> std::same_as<const credits&>;
                })
    mark += std::to_string(command.amount.value());
  if constexpr (requires {
                  { command.metadata } -> std::same_as<const std::string&>;
                })
    mark += command.metadata;
  if constexpr (requires { command.limit; }) mark += std::to_string(command.limit);
  return mark + "\n";
}

inline void examine(const grant_credits& given) {
  claim_amount(given.amount);
  claim(given.kind != lot_kind::paid, "nobody pays for a grant");
  claim(given.priority <= 100, "a priority is 0 to 100");
  claim(!given.expires_at || !given.validity_days, "credits end in one way");
}

inline void examine(const reverse_spend& reversed) {
  if (reversed.amount) claim_amount(*reversed.amount);
}

} // namespace tessera::fuzz
