#pragma once

#include "http/routes/credits/consume_fields.hpp"
#include "http/routing/request.hpp"

namespace tessera::http {

inline constexpr std::string_view cloud_event_type = "application/cloudevents+json";
inline constexpr std::string_view cloud_event_batch_type = "application/cloudevents-batch+json";

/// A CloudEvent 1.0 in structured mode as a spend (contract 4 `CloudEvents`): `subject` = `type/id`, `type` →
/// meter, (`source`, `id`) → eventId, `time` → occurredAt, `data` = `{credits? (1), metadata?}`. Extension
/// attributes join the metadata; they do not tell two events apart.
spend_request read_cloud_event(json::object fields, time_point now);

/// Whether the attributes stand in headers (binary mode), which is not taken.
bool is_binary_cloud_event(const request& request);

} // namespace tessera::http
