#include "http/routes/credits/consume_batch.hpp"

#include "http/json/writer.hpp"
#include "http/routes/credits/cloud_event.hpp"
#include "http/routing/rejections.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace tessera::http {

namespace {

constexpr json::array_rules item_rules{.least = 1, .most = 10'000, .code = "too_many_items"};

template <class Read>
batch_request read_items(json::reader& body, const json::array& items, time_point now, Read read) {
  batch_request asked;
  asked.items.reserve(items.size());
  for (const auto item : items)
    asked.items.push_back(read(item.object(), now));
  asked.wrong = body.refusal();
  return asked;
}

/// The answer of a batch as it comes together. On one loop only.
class batch_answer {
public:
  batch_answer(request& about, std::string application, std::size_t items)
      : request_(about), application_(std::move(application)), refusals_(items), receipts_(items) {}

  void put(std::size_t index, const problem& why) { refusals_[index] = to_response(why, request_).body; }
  void put(std::size_t index, const entity_ref& entity, const result<consume_receipt>& outcome) {
    if (!outcome) return put(index, problem_of(outcome.why(), entity, application_));
    receipts_[index] = *outcome;
    ++accepted_;
    replayed_ += outcome->replayed ? 1 : 0;
  }

  response render() const {
    response answer;
    json::writer out(answer.body);
    const auto refused = receipts_.size() - accepted_;
    out.begin_object().field("success", refused == 0);
    out.field("accepted", accepted_).field("refused", refused).key("results").begin_array();
    for (std::size_t i = 0; i < receipts_.size(); ++i)
      write_item(out, i);
    out.end_array().end_object();
    if (replayed_ == receipts_.size()) answer.headers.emplace_back("Idempotent-Replayed", "true");
    return answer;
  }

private:
  void write_item(json::writer& out, std::size_t i) const {
    if (!receipts_[i]) return void(out.raw(refusals_[i]));
    out.begin_object();
    write_receipt(out, *receipts_[i]);
    out.end_object();
  }

  request& request_;
  std::string application_;
  std::vector<std::string> refusals_; // JSON; of an item without a receipt
  std::vector<std::optional<consume_receipt>> receipts_;
  std::size_t accepted_ = 0;
  std::size_t replayed_ = 0;
};

/// The spends that may be sent on, and where each stands in the batch.
struct admitted_items {
  std::vector<consume_credits> spends;
  std::vector<std::pair<std::size_t, entity_ref>> places;
};

admitted_items admit(
    const caller& who,
    const std::string& request_id,
    deadline until,
    std::string_view header_key,
    std::vector<spend_request> items,
    batch_answer& answer
) {
  admitted_items admitted;
  admitted.spends.reserve(items.size());
  admitted.places.reserve(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto at = find_entity(who, act::spend, items[i].entity);
    if (at.refused) {
      answer.put(i, *at.refused);
      continue;
    }
    const auto key = header_key.empty() ? std::string() : std::string(header_key) + "/" + std::to_string(i);
    admitted.places.emplace_back(i, items[i].entity);
    admitted.spends.push_back(complete(std::move(items[i]), {who, at.found->account, request_id, until}, key)
    );
  }
  return admitted;
}

} // namespace

batch_request read_batch(json::reader& body, time_point now) {
  auto root = body.object();
  const bool atomic = root.optional_boolean("atomic").value_or(false);
  auto asked = read_items(body, root.array("items", item_rules), now, read_spend);
  asked.atomic = atomic;
  return asked;
}

batch_request read_cloud_events(json::reader& body, time_point now) {
  return read_items(body, body.array(item_rules), now, read_cloud_event);
}

void consume_many(
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
  if (wrong) return refuse(*wrong);
  const auto answer = std::make_shared<batch_answer>(request, who.application, asked.items.size());
  const auto until = std::chrono::steady_clock::now() + with.patience;
  auto admitted = admit(who, request.request_id, until, header_key, std::move(asked.items), *answer);
  with.behind.consume(
      std::move(admitted.spends),
      [respond, answer, places = std::move(admitted.places)](std::vector<result<consume_receipt>> outcomes) {
        for (std::size_t i = 0; i < places.size(); ++i)
          answer->put(places[i].first, places[i].second, outcomes[i]);
        respond(answer->render());
      }
  );
}

} // namespace tessera::http
