#pragma once

#include "messages/types/result.hpp"
#include "messages/webhooks.hpp"
#include "persistence/pg/connection.hpp"

#include <chrono>
#include <string>
#include <vector>

/// Endpoints of webhooks, and what is delivered to them. Throws pg::error when the database fails.
namespace tessera::persistence {

// Inside a transaction of the tenant.
webhook_endpoint_page webhook_endpoints_of(pg::transaction& in, const list_webhook_endpoints& query);
result<webhook_endpoint> find_webhook_endpoint(pg::transaction& in, const webhook_endpoint_query& query);
result<webhook_endpoint> insert_webhook_endpoint(pg::transaction& in, const create_webhook_endpoint& command);
result<webhook_endpoint> update_webhook_endpoint(pg::transaction& in, const edit_webhook_endpoint& command);
result<webhook_endpoint> rotate_secret(pg::transaction& in, const rotate_webhook_secret& command);
result<webhook_endpoint_deleted>
remove_webhook_endpoint(pg::transaction& in, const delete_webhook_endpoint& command);

/// What waits there is sent again at once.
void end_pause(pg::transaction& in, const tenant_id& tenant, const std::string& endpoint);

// As the writer, across tenants.
/// A delivery for each endpoint that wants to hear of it, with the body as it will be.
std::int64_t notify_webhooks(pg::transaction& in, const outbox_event& event);
/// How many deliveries may be under way, `most` more of this node, the others of all nodes, about.
struct delivery_room {
  int most = 64;
  int of_a_tenant = 16;
  int troubled = 16; // to endpoints that failed or were slow lately
  int troubled_of_a_tenant = 4;
};
/// Takes what is due: of each endpoint that is not paused one at a time, and of an account of it nothing
/// before what happened earlier. `created_at` is since when it is tried: since it was last asked for, if it
/// was.
std::vector<claimed_notification> claim_deliveries(
    pg::connection& session,
    const std::string& node_name,
    const delivery_room& room,
    std::chrono::seconds lease,
    std::chrono::milliseconds limit
);
/// Where it goes, if the endpoint is there and active; the attempt counts from now on.
std::optional<webhook_delivery> begin_delivery(
    pg::connection& session,
    const claimed_notification& one,
    std::chrono::seconds lease,
    std::chrono::milliseconds limit
);
/// One more answer of the endpoint in a row was none, or came late; how many there are now. Zero: the
/// endpoint is gone.
std::int64_t
note_trouble(pg::connection& session, const claimed_notification& one, std::chrono::milliseconds limit);
/// Nothing is sent there for so long.
void pause_endpoint(
    pg::connection& session,
    const claimed_notification& one,
    std::chrono::milliseconds pause,
    std::chrono::milliseconds limit
);
/// What has waited for the endpoint longer than `age`, since it happened or was last asked for, is dead,
/// untried: `most_given_up` of it at most; how much.
inline constexpr int most_given_up = 1'000;
std::int64_t give_up_waiting(
    pg::connection& session,
    const std::string& endpoint,
    std::chrono::hours age,
    std::chrono::milliseconds limit
);
/// It answers as it should.
void end_troubles(pg::connection& session, const claimed_notification& one, std::chrono::milliseconds limit);
void note_answer(
    pg::connection& session, const claimed_notification& one, int http_status, std::chrono::milliseconds limit
);

} // namespace tessera::persistence
