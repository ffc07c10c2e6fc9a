// POST /api/credits/consume: the metering call. One spend here, many in consume_batch.cpp and
// consume_atomic.cpp.
#include "http/json/writer.hpp"
#include "http/routes/credits/cloud_event.hpp"
#include "http/routes/credits/commands.hpp"
#include "http/routes/credits/consume_atomic.hpp"
#include "http/routes/credits/consume_batch.hpp"
#include "http/routes/credits/credits.hpp"
#include "http/routing/characters.hpp"
#include "http/routing/query.hpp"
#include "http/routing/rejections.hpp"

#include <algorithm>
#include <utility>

namespace tessera::http {

namespace {

constexpr std::size_t most_bytes_of_one = 64 * 1024; // the route's own limit is that of a batch

/// What the body is said to hold. `json` may be one spend or many.
enum class form { json, cloud_event, cloud_events };

form form_of(const request& request) {
  const auto type = request.header("Content-Type").value_or("");
  const auto named = type.substr(0, std::min(type.find_first_of("; \t"), type.size()));
  if (equal_ignoring_case(named, cloud_event_type)) return form::cloud_event;
  return equal_ignoring_case(named, cloud_event_batch_type) ? form::cloud_events : form::json;
}

response render(const consume_receipt& receipt) {
  response answer;
  json::writer out(answer.body);
  out.begin_object();
  write_receipt(out, receipt);
  out.end_object();
  answer.headers.emplace_back("X-Balance-Seq", std::to_string(receipt.seq));
  if (receipt.replayed) answer.headers.emplace_back("Idempotent-Replayed", "true");
  return answer;
}

problem too_large_for_one() {
  return simple_problem(
      413, "body_too_large", "The body is too large.", "The limit of one spend is 65536 bytes."
  );
}

problem binary_mode() {
  return simple_problem(
      415,
      "unsupported_media_type",
      "CloudEvents are taken in structured mode only",
      "Send application/cloudevents+json or application/cloudevents-batch+json."
  );
}

permitted<consume_credits> permit(call& from, spend_request asked) {
  const auto at = from.place(act::spend, asked.entity);
  if (at.refused) return {at.refused, {}, nullptr};
  const auto until = std::chrono::steady_clock::now() + from.with.patience;
  const spend_origin origin{from.who, at.found->account, from.from.request_id, until};
  return {{}, complete(std::move(asked), origin, from.key), at.found};
}

void consume_one(call& from, const responder& respond, form as) {
  const auto& request = from.from;
  const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
  if (request.body.size() > most_bytes_of_one) return refuse(too_large_for_one());
  const auto now = from.with.now();
  auto asked = permit(
      from, as == form::cloud_event ? read_cloud_event(from.fields, now) : read_spend(from.fields, now)
  );
  if (asked.refused) return refuse(*asked.refused);
  from.with.behind.consume(
      std::move(asked.command),
      [respond, refuse, entity = asked.at->ref(), application = from.who.application](
          const result<consume_receipt>& receipt
      ) { receipt ? respond(render(*receipt)) : refuse(problem_of(receipt.why(), entity, application)); }
  );
}

} // namespace

permitted<consume_credits> read_consume(call& from) {
  return permit(from, read_spend(from.fields, from.with.now()));
}

caller_handler consume(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    if (is_binary_cloud_event(request)) return refuse(binary_mode());
    std::string_view header_key;
    if (const auto wrong = read_idempotency_key(request, header_key)) return refuse(*wrong);
    json::reader reader(request.body);
    const auto as = form_of(request);
    const bool has_items = as == form::json && reader.root().is_object() && reader.object().has("items");
    if (as == form::cloud_events || has_items) {
      auto batch = has_items ? read_batch(reader, with.now()) : read_cloud_events(reader, with.now());
      batch.wrong = or_of_query(std::move(batch.wrong), request.query);
      const auto spend = batch.atomic ? consume_atomic : consume_many;
      return spend(with, request, respond, std::move(who), header_key, std::move(batch));
    }
    call from{with, request, who, reader, reader.object(), {}, header_key};
    consume_one(from, respond, as);
  };
}

} // namespace tessera::http
