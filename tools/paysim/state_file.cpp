#include "tools/paysim/state_file.hpp"

#include "tools/paysim/checkout/sessions.hpp"
#include "tools/paysim/payments/intents.hpp"
#include "tools/paysim/payments/refunds.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace tessera::paysim {

namespace {

json::array keys_of(const idempotency& keys) {
  json::array all;
  for (const auto& [key, answer] : keys.all())
    if (!answer.is_running)
      all.push_back(
          {{"key", key},
           {"fingerprint", answer.fingerprint},
           {"request", answer.request},
           {"made_at", answer.made_at},
           {"status", answer.status},
           {"body", answer.body}}
      );
  return all;
}

void restore_key(idempotency& keys, const document& from) {
  keys.restore(
      std::string{text_of(from, "key")},
      {std::string{text_of(from, "fingerprint")},
       std::string{text_of(from, "request")},
       number_of(from, "made_at"),
       false,
       static_cast<unsigned>(number_of(from, "status")),
       std::string{text_of(from, "body")}}
  );
}

void go_on(sandbox& account) {
  for (const auto& each : account.documents.all("payment_intent"))
    await_outcome(account, *each);
  for (const auto& each : account.documents.all("refund"))
    await_outcome_of_refund(account, *each);
  for (const auto& each : account.documents.all("checkout.session"))
    if (text_of(*each, "status") == "open") await_expiry(account, *each);
  for (const auto& each : account.documents.all("event"))
    if (number_of(*each, "pending_webhooks") > 0) account.hooks.publish(*each);
}

} // namespace

void save(const std::string& file, const sandbox& account, const idempotency& keys) {
  const document state{
      {"ahead_ms", account.clock.ahead_ms()},
      {"documents", account.documents.everything()},
      {"keys", keys_of(keys)},
  };
  const auto temporary = file + ".new";
  std::ofstream(temporary) << to_json(state);
  std::filesystem::rename(temporary, file);
}

void load(const std::string& file, sandbox& account, idempotency& keys) {
  std::ifstream from(file);
  if (!from) return;
  const std::string text{std::istreambuf_iterator<char>(from), {}};
  json::error_code wrong;
  const auto parsed = json::parse(text, wrong);
  if (wrong || !parsed.is_object() || !parsed.get_object().contains("documents"))
    throw std::runtime_error(file + " is no state of a sandbox");
  const auto& state = parsed.get_object();
  account.clock.set_ahead_ms(number_of(state, "ahead_ms"));
  for (const auto& each : state.at("documents").as_array())
    if (text_of(each.as_object(), "object") != "webhook_endpoint") account.documents.add(each.as_object());
  for (const auto& each : state.at("keys").as_array())
    restore_key(keys, each.as_object());
  // The ids that the seed gave have been used.
  account.luck = dice(account.options.seed + account.documents.size());
  go_on(account);
}

} // namespace tessera::paysim
