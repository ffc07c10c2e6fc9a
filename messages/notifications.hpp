#pragma once

#include "messages/types/ids.hpp"
#include "messages/types/time.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Messages to people and systems about what happened (contract 6, R-I 4; decision 0050). The words are those
/// of the database and the API.
namespace tessera {

enum class notification_channel : std::uint8_t { email, sms, webhook };
std::string_view to_string(notification_channel channel);
std::optional<notification_channel> parse_notification_channel(std::string_view text);

enum class notification_status : std::uint8_t { queued, claimed, sent, delivered, skipped, suppressed, dead };
std::string_view to_string(notification_status status);
std::optional<notification_status> parse_notification_status(std::string_view text);

/// Why an attempt failed (R-I 4.2).
enum class delivery_failure : std::uint8_t {
  none,
  transient,           // the same may work later
  ambiguous,           // nobody knows whether it was taken: again by the same provider only
  permanent_recipient, // this recipient will never get anything
  permanent_config,    // nobody will until somebody changes something here
};
std::string_view to_string(delivery_failure failure); // empty: none

/// Who gets to know.
enum class audience : std::uint8_t {
  buyer_and_admins, // of a purchase
  admins,           // of the event's entity, else of the nearest one above that has some
  account_holder,   // the user that the event is about
  forgetful,        // whoever has the address for which a new password was asked
  invitee,          // whom the event's invitation is for
  inviter,          // who made it, if a user did
  nobody,           // the notification is there without an event
};

/// What must still be so when it is sent.
enum class still_wanted : std::uint8_t {
  by_the_user, // who is active and has this address
  token,       // that it brings is good
  invitation,  // is pending, with the tokens of that time
  lot,         // has something left, and is not over; and the user as above
  always,
};

/// Texts of a message by the names in its template.
using template_variables = std::map<std::string, std::string>;

/// What happened, with everything that may be said of it.
struct outbox_event {
  uuid id;
  tenant_id tenant;
  std::optional<account_id> account;
  std::string kind;
  std::optional<std::int64_t> seq; // of the account's entry
  template_variables facts;
  time_point created_at;
};

/// A notification that somebody has claimed to send.
struct claimed_notification {
  uuid id;
  tenant_id tenant;
  std::int64_t claim = 0; // proves it
  std::string kind;
  std::string recipient;
  std::string user; // empty: nobody of the tenant
  std::string template_key;
  std::string locale;
  template_variables variables;
  std::string ref_type;
  std::string ref_id;
  std::int64_t ref_generation = 0;
  int attempts = 0; // before this one
  time_point created_at;
};

/// What a provider said.
struct delivery_outcome {
  delivery_failure failure = delivery_failure::none;
  std::string detail;      // for operators; never with a secret
  std::string provider_id; // its number for what it took
  std::optional<std::chrono::seconds> retry_after;
  bool opted_out = false;       // the recipient's own wish: permanent_recipient
  bool provider_failed = false; // it was away, or would not have us: nothing was handed over
};

/// What became of an attempt.
struct delivery_report {
  notification_status status = notification_status::sent; // queued: again, after `delay`
  std::chrono::milliseconds delay{};
  delivery_outcome outcome;
  std::string provider;
};

/// A mail, before it has the form in which it travels.
struct mail_address {
  std::string name; // may be empty
  std::string address;
};
struct mail {
  std::string id; // unique: makes Message-ID
  mail_address from;
  mail_address to;
  std::string subject;
  std::string text;
  std::string html;
  time_point date; // the same at each attempt, so that the bytes are
};

} // namespace tessera
