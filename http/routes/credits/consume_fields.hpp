#pragma once

#include "http/auth/caller.hpp"
#include "http/json/reader.hpp"
#include "http/json/writer.hpp"
#include "messages/accounts.hpp"
#include "messages/types/entity.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace tessera::http {

/// One spend as it was asked for, whatever the form it came in.
struct spend_request {
  entity_ref entity;       // the id is empty when it can't be read
  consume_credits command; // without account, caller and key
  /// What of the metadata tells two requests apart, where that is not all: a courier of events may add
  /// attributes of its own, and other ones when it sends again (decision 0017).
  std::optional<std::string> own_metadata;
};

/// Our own form: `{entityType, entityId, credits, eventId?, occurredAt?, meter?, metadata?}`.
spend_request read_spend(json::object fields, time_point now);

/// When it happened, where the field is there: at most 7 days back and 5 minutes ahead (R-C 3.9).
void read_occurred_at(
    json::object& fields,
    std::string_view name,
    const json::time_rules& rules,
    time_point now,
    consume_credits& into
);

/// Who asks, for which entity, and until when it is worth deciding. A spend's key is its eventId; without one
/// it is `otherwise`, and empty means none.
struct spend_origin {
  const caller& who;
  const account_id& account;
  const std::string& request_id;
  deadline until;
};
consume_credits complete(spend_request asked, const spend_origin& from, std::string_view otherwise);

/// The members of a receipt.
void write_receipt(json::writer& out, const consume_receipt& receipt);

} // namespace tessera::http
