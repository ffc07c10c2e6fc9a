#pragma once

#include "messages/notifications.hpp"
#include "messages/sms.hpp"
#include "messages/types/digest.hpp"
#include "persistence/pg/connection.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

/// What there is to know and to keep of SMS. Throws pg::error when the database fails.
namespace tessera::persistence {

/// Before one is sent: what the tenant may, and has sent lately, this one not counted.
struct sms_history {
  std::vector<std::string> countries;
  bool tenant_is_new = false;
  std::int64_t to_number_today = 0;
  std::int64_t to_prefix_today = 0;
  bool wants_none = false; // answered STOP
};
/// As the writer, across tenants.
sms_history sms_lately(
    pg::connection& session,
    const claimed_notification& one,
    const digest& number_sha256,
    const std::string& prefix,
    std::chrono::milliseconds limit
);

/// A message that the provider speaks of, held until the transaction ends. Nothing: we know of none.
struct sms_at_provider {
  uuid id;
  notification_status status = notification_status::sent;
  int attempts = 0;
  bool is_last = true; // the attempt that it speaks of
};
std::optional<sms_at_provider> find_sms(pg::transaction& in, const sms_told& told);

/// What became of it after all.
void conclude_sms(
    pg::transaction& in, const uuid& notification, const std::string& provider_id, const delivery_report& told
);
/// Nothing more goes to its recipient by that tenant; `reason` is bounce or optout.
void suppress_recipient_of_sms(pg::transaction& in, const uuid& notification, std::string_view reason);

/// By all tenants.
void keep_wish(pg::transaction& in, const sms_wish& wish, const std::string& masked);

} // namespace tessera::persistence
