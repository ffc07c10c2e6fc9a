#include "http/routes/credits/consume_atomic.hpp"

#include "http/json/writer.hpp"
#include "http/routing/rejections.hpp"

#include <unordered_set>
#include <utility>

namespace tessera::http {

namespace {

problem wrong_item(std::string pointer, std::string_view code, std::string_view title, std::string detail) {
  auto why = simple_problem(422, code, title);
  why.errors.push_back({std::move(pointer), code, std::move(detail)});
  return why;
}

std::string pointer_to(std::size_t item) {
  return "/items/" + std::to_string(item);
}

/// Entities have one name each, so names can be compared.
std::optional<problem> needs_one_entity(const std::vector<spend_request>& items) {
  for (std::size_t i = 1; i < items.size(); ++i)
    if (items[i].entity != items.front().entity)
      return wrong_item(
          pointer_to(i),
          "atomic_needs_one_entity",
          "The items of an atomic batch must name one entity",
          "It names another entity than the first item."
      );
  return std::nullopt;
}

/// A key stands for one spend: two items with it can't both happen.
std::optional<problem> repeats_a_key(const std::vector<consume_credits>& items) {
  std::unordered_set<uuid> keys;
  for (std::size_t i = 0; i < items.size(); ++i)
    if (items[i].idempotency && !keys.insert(items[i].idempotency->key).second)
      return wrong_item(
          pointer_to(i) + (items[i].event_id.empty() ? "" : "/eventId"),
          "duplicate_event_id",
          "Two items of an atomic batch have one key",
          "An item before it has the same key."
      );
  return std::nullopt;
}

consume_atomically
command_of(std::vector<spend_request> items, const spend_origin& from, std::string_view header_key) {
  consume_atomically batch{from.account, {}, from.until};
  batch.items.reserve(items.size());
  for (auto& item : items) {
    const auto key = header_key.empty() ? std::string()
                                        : std::string(header_key) + "/" + std::to_string(batch.items.size());
    batch.items.push_back(complete(std::move(item), from, key));
  }
  return batch;
}

response render(const atomic_receipt& receipt) {
  response answer;
  json::writer out(answer.body);
  out.begin_object().field("success", true);
  out.field("accepted", receipt.items.size()).field("refused", std::size_t{0}).key("results").begin_array();
  for (const auto& item : receipt.items) {
    out.begin_object();
    write_receipt(out, item);
    out.end_object();
  }
  out.end_array().end_object();
  if (receipt.items.front().replayed)
    answer.headers.emplace_back("Idempotent-Replayed", "true"); // so are all
  return answer;
}

} // namespace

void consume_atomic(
    service& with,
    request& request,
    const responder& respond,
    caller who,
    std::string_view header_key,
    batch_request asked
) {
  const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
  const auto& wrong = asked.wrong;
  if (wrong && wrong->status == 400) return refuse(*wrong);
  if (const auto missing = find_application(request, who)) return refuse(*missing);
  if (wrong && (asked.items.empty() || asked.items.front().entity.id.empty())) return refuse(*wrong);
  const auto entity = asked.items.front().entity;
  const auto at = find_entity(who, act::spend, entity);
  if (at.refused) return refuse(*at.refused);
  if (wrong) return refuse(*wrong);
  if (const auto several = needs_one_entity(asked.items)) return refuse(*several);
  const auto until = std::chrono::steady_clock::now() + with.patience;
  auto batch =
      command_of(std::move(asked.items), {who, at.found->account, request.request_id, until}, header_key);
  if (const auto repeated = repeats_a_key(batch.items)) return refuse(*repeated);
  with.behind.consume(
      std::move(batch),
      [respond, refuse, entity, application = who.application](const result<atomic_receipt>& receipt) {
        receipt ? respond(render(*receipt)) : refuse(problem_of(receipt.why(), entity, application));
      }
  );
}

} // namespace tessera::http
