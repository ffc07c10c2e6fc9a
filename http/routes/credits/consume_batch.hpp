#pragma once

#include "http/routes/credits/consume_fields.hpp"
#include "http/routes/service.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace tessera::http {

/// Many spends as they were asked for, or what is wrong with any of them: a batch is never read in part.
struct batch_request {
  std::vector<spend_request> items;
  bool atomic = false; // all or none
  std::optional<problem> wrong;
};
batch_request read_batch(json::reader& body, time_point now);        // {items: […], atomic?}
batch_request read_cloud_events(json::reader& body, time_point now); // […]

/// Answers 200 with what became of each, in their order: the receipt, or the problem that the item alone
/// would have been refused with. An item without an eventId has the key `<header_key>/<index>`.
void consume_many(
    service& with,
    request& request,
    const responder& respond,
    caller who,
    std::string_view header_key,
    batch_request asked
);

} // namespace tessera::http
