#pragma once

#include "actors/domain/message_templates.hpp"
#include "actors/support/token_secret.hpp"
#include "messages/message_wordings.hpp"
#include "messages/notifications.hpp"
#include "persistence/pg/connection.hpp"

#include <chrono>
#include <string>

namespace tessera {

/// What messages are written with.
struct drafting_options {
  const token_secret& secret; // of links
  std::string base_url;       // likewise
};

/// What a message says, before it is rendered: the tenant's wording in the nearest language, else what is
/// built in, and the values of its variables, links included.
struct message_draft {
  message_template wording;
  template_variables values;
  std::string from_name;
  mail_look look;
};
/// Throws std::runtime_error when there is no such template any more, pg::error when the database fails.
message_draft draft_of(
    pg::connection& session,
    const claimed_notification& one,
    notification_channel channel,
    const drafting_options& with,
    std::chrono::milliseconds limit
);

} // namespace tessera
