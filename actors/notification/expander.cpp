#include "actors/notification/expander.hpp"

#include "actors/domain/message_templates.hpp"
#include "actors/domain/notification_rules.hpp"
#include "actors/notification/links.hpp"
#include "actors/support/identifiers.hpp"
#include "actors/support/sha256.hpp"
#include "messages/types/money.hpp"
#include "messages/webhooks.hpp"
#include "persistence/stores/account_token_store.hpp"
#include "persistence/stores/outbox_store.hpp"
#include "persistence/stores/webhook_store.hpp"

#include <spdlog/spdlog.h>

#include <charconv>
#include <utility>

namespace tessera {

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds expanding_limit = 2'000ms;
constexpr int page = 100;
constexpr int most_tokens_an_hour = 5; // of one user and purpose: nobody is bombed with mail (W-33)

std::string fact(const outbox_event& event, const char* name) {
  const auto found = event.facts.find(name);
  return found == event.facts.end() ? std::string() : found->second;
}

/// What the template can say; the rest of what is known is not kept once more.
template_variables variables_of(const outbox_event& event, const notification_rule& rule) {
  template_variables chosen;
  const auto* kind = find_template_kind(rule.template_key, rule.channel);
  if (!kind) return chosen;
  for (const auto& name : kind->variables)
    if (const auto found = event.facts.find(std::string(name)); found != event.facts.end())
      chosen.insert(*found);
  return chosen;
}

/// What it says is at fault, not how it is asked.
bool is_about_data(const pg::error& why) {
  return why.sqlstate().starts_with("22") || why.sqlstate().starts_with("23");
}

/// What was paid, for people.
void add_amount(outbox_event& event) {
  const auto minor = fact(event, "amountMinor");
  std::int64_t units = 0;
  const auto [end, error] = std::from_chars(minor.data(), minor.data() + minor.size(), units);
  if (minor.empty() || error != std::errc{} || end != minor.data() + minor.size()) return;
  const auto currency = fact(event, "currency");
  event.facts["amount"] = amount_text(units, currency) + " " + currency;
}

/// An invitation's event names the channel that it is for.
bool goes_by_another(const outbox_event& event, const notification_rule& rule) {
  return rule.to == audience::invitee && fact(event, "channel") != to_string(rule.channel);
}

/// What was bought by itself is told as that.
bool is_receipt_of_nobody(const outbox_event& event, const notification_rule& rule) {
  return rule.template_key == "creditPurchase" && fact(event, "origin") == "auto_topup";
}

std::int64_t generation_of(const outbox_event& event) {
  const auto text = fact(event, "generation");
  std::int64_t generation = 0;
  std::from_chars(text.data(), text.data() + text.size(), generation);
  return generation;
}

/// What the notification is about.
std::pair<std::string, std::string> reference_of(const outbox_event& event) {
  for (const auto& [type, name] :
       {std::pair{"token", "tokenId"},
        {"lot", "lotId"},
        {"invitation", "invitationId"},
        {"purchase", "purchaseId"},
        {"allocation", "allocationId"},
        {"transaction", "transactionId"}})
    if (auto id = fact(event, name); !id.empty()) return {type, std::move(id)};
  return {};
}

} // namespace

expander::expander(pg::session_options session, expander_neighbours around)
    : session_(std::move(session)), around_(std::move(around)) {}

bool expander::step() {
  around_.begins();
  if (!session_.is_open()) session_.open();
  try {
    const int done = expand(alone_ ? 1 : page);
    if (done == 0 || !alone_) alone_ = false;
    if (done > 0) around_.made();
    return done > 0;
  } catch (const pg::error& why) {
    if (!why.rolled_back() || why.is_transient()) throw;
    if (!alone_) {
      spdlog::warn("notifications: {}: one by one", why.what());
      alone_ = true;
    } else if (is_about_data(why)) {
      give_up_first(why.what());
    } else {
      throw;
    }
    return true;
  }
}

/// It would keep the others waiting for good.
void expander::give_up_first(const std::string& why) {
  pg::transaction in(session_, tenant_id{}, expanding_limit);
  if (!persistence::take_outbox(in)) return;
  const auto events = persistence::waiting_events(in, 1);
  if (events.empty()) return;
  persistence::finish_events(in, {events.front().id});
  if (!fact(events.front(), "emailKey").empty()) persistence::forget_payload(in, events.front().id);
  in.commit();
  spdlog::error("event {} ({}) leads to nothing: {}", to_string(events.front().id), events.front().kind, why);
}

int expander::expand(int most) {
  pg::transaction in(session_, tenant_id{}, expanding_limit);
  if (!persistence::take_outbox(in)) return 0;
  const auto events = persistence::waiting_events(in, most);
  std::vector<uuid> done;
  for (const auto& event : events) {
    expand(in, event);
    done.push_back(event.id);
  }
  if (!done.empty()) persistence::finish_events(in, done);
  in.commit();
  return static_cast<int>(done.size());
}

void expander::expand(pg::transaction& in, const outbox_event& given) {
  for (auto rule : rules_of(given.kind)) {
    if (is_receipt_of_nobody(given, rule)) rule.template_key = "autoTopUpReceipt";
    if (goes_by_another(given, rule)) continue;
    auto event = given;
    add_amount(event);
    const bool invites = !fact(event, "invitationId").empty();
    if (invites && !persistence::add_invitation_facts(in, event)) continue;
    if (rule.while_so == still_wanted::token && !add_token(in, event, rule)) continue;
    const auto [type, id] = reference_of(event);
    persistence::notify(
        in,
        event,
        rule.to,
        {rule.channel,
         std::string(rule.template_key),
         rule.priority,
         variables_of(event, rule),
         type,
         id,
         generation_of(event)}
    );
  }
  if (is_webhook_event(given.kind)) persistence::notify_webhooks(in, given);
  // Whose the address is, or nobody's: it need not stand here as well.
  if (!fact(given, "emailKey").empty()) persistence::forget_payload(in, given.id);
}

/// The token is made, but of it only the hash is kept: it is derived again when it is sent. False: nobody
/// gets one.
bool expander::add_token(pg::transaction& in, outbox_event& event, const notification_rule& rule) {
  if (rule.to == audience::forgetful) {
    const auto who = persistence::holder_of_address(in, fact(event, "emailKey"), fact(event, "tenant"));
    if (!who) return false;
    event.tenant = who->tenant;
    event.facts["userId"] = who->user;
  }
  const auto purpose = purpose_of(rule.kind);
  persistence::new_account_token token;
  token.id = make_uuid(around_.time.now());
  token.tenant = event.tenant;
  token.user = fact(event, "userId");
  token.purpose = purpose;
  token.sha256 = sha256::local()(token_of(around_.secret, purpose, to_string(token.id)));
  token.life = life_of(purpose);
  event.facts["tokenId"] = to_string(token.id);
  event.facts["expiryHours"] =
      std::to_string(std::chrono::duration_cast<std::chrono::hours>(token.life).count());
  return persistence::keep_token(in, token, most_tokens_an_hour);
}

} // namespace tessera
