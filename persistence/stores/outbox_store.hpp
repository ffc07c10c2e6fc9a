#pragma once

#include "messages/notifications.hpp"
#include "persistence/pg/connection.hpp"

#include <chrono>
#include <string>
#include <vector>

/// Events become notifications, once. As the writer, across tenants, inside one transaction; throws pg::error
/// when the database fails.
namespace tessera::persistence {

/// Only one node does it at a time, so that an entity's notifications are made in the order of its entries.
/// False: another one is at it.
bool take_outbox(pg::transaction& in);

/// The oldest events that wait, with what there is to say of them.
std::vector<outbox_event> waiting_events(pg::transaction& in, int most);

/// A notification to be, without its recipients.
struct new_notification {
  notification_channel channel = notification_channel::email;
  std::string template_key;
  std::int16_t priority = 5;
  template_variables variables;
  std::string ref_type;
  std::string ref_id;
  std::int64_t ref_generation = 0;
};
/// One for each person of the audience; those that are there already stay as they are. How many were made.
std::int64_t
notify(pg::transaction& in, const outbox_event& event, audience to, const new_notification& wanted);

/// Adds what an invitation's messages say. False: there is no such invitation.
bool add_invitation_facts(pg::transaction& in, outbox_event& event);

/// They are done with, whatever came of them. What they say of people is forgotten where `forget` says so.
void finish_events(pg::transaction& in, const std::vector<uuid>& events);
void forget_payload(pg::transaction& in, const uuid& event);

} // namespace tessera::persistence
