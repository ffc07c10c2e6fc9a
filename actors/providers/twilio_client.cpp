#include "actors/providers/twilio_client.hpp"

#include "actors/providers/sms_codes.hpp"
#include "actors/support/base64.hpp"
#include "actors/support/form.hpp"

#include <simdjson.h>

#include <charconv>
#include <future>
#include <memory>
#include <optional>
#include <utility>

namespace tessera {

namespace {

constexpr std::chrono::milliseconds between_looks{100};
constexpr std::size_t most_answer_bytes = 64 * 1024;

/// What of an answer concerns us.
struct twilio_answer {
  std::string sid;
  std::int64_t code = 0;
};

twilio_answer read(const std::string& body) {
  twilio_answer told;
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(body).get(root) != simdjson::SUCCESS) return told;
  std::string_view sid;
  if (root.at_pointer("/sid").get(sid) == simdjson::SUCCESS) told.sid = sid;
  for (const auto* name : {"/code", "/error_code"}) {
    std::int64_t code = 0;
    if (root.at_pointer(name).get(code) == simdjson::SUCCESS) told.code = code;
  }
  return told;
}

std::optional<std::chrono::seconds> retry_after(const outgoing_answer& answer) {
  const auto text = answer.header("retry-after");
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() || seconds < 0)
    return std::nullopt;
  return std::chrono::seconds(seconds);
}

/// Where an answer waits for whoever asked, and may come when nobody waits any more.
struct mailbox {
  std::promise<outgoing_outcome> promise;
};

} // namespace

twilio_client::twilio_client(twilio_options options, http_client& over, const std::atomic<bool>& stopping)
    : options_(std::move(options)), over_(over), stopping_(stopping) {}

delivery_outcome twilio_client::send(const outgoing_sms& message) {
  const auto box = std::make_shared<mailbox>();
  auto answer = box->promise.get_future();
  over_.send(twilio_request(message, options_), [box](outgoing_outcome outcome) {
    box->promise.set_value(std::move(outcome));
  });
  while (answer.wait_for(between_looks) != std::future_status::ready)
    if (stopping_) return {delivery_failure::ambiguous, "the service stops", {}, {}};
  return outcome_of_twilio(answer.get());
}

outgoing_request twilio_request(const outgoing_sms& message, const twilio_options& options) {
  form body;
  body.add("To", std::string_view(message.to));
  const bool is_service = options.from.starts_with("MG") && options.from.size() == 34;
  body.add(is_service ? "MessagingServiceSid" : "From", std::string_view(options.from));
  body.add("Body", std::string_view(message.text));
  if (!options.callback_url.empty())
    body.add("StatusCallback", std::string_view(options.callback_url + "?notification=" + message.id));
  outgoing_request request;
  request.method = "POST";
  request.url = options.api_base + "/2010-04-01/Accounts/" + options.account_sid + "/Messages.json";
  request.headers = {
      {"Authorization", "Basic " + base64(options.account_sid + ":" + options.auth_token)},
      {"Content-Type", "application/x-www-form-urlencoded"},
      {"Accept", "application/json"},
      {"Idempotency-Key", message.id}};
  request.body = body.text();
  request.attempt_limit = request.whole_limit = options.limit;
  request.most_bytes = most_answer_bytes;
  return request;
}

delivery_outcome outcome_of_twilio(const outgoing_outcome& outcome) {
  delivery_outcome told;
  if (!outcome.answered()) {
    const bool was_sent =
        outcome.failure == outgoing_failure::lost || outcome.failure == outgoing_failure::timed_out;
    told.failure = was_sent ? delivery_failure::ambiguous : delivery_failure::transient;
    if (outcome.failure == outgoing_failure::too_long) told.failure = delivery_failure::ambiguous;
    if (outcome.failure == outgoing_failure::refused_address)
      told.failure = delivery_failure::permanent_config;
    told.detail = outcome.why;
    told.provider_failed = outcome.failure == outgoing_failure::not_connected;
    return told;
  }
  const auto said = read(outcome.answer.body);
  if (outcome.succeeded() && !said.sid.empty()) {
    told.provider_id = said.sid;
    return told;
  }
  const int status = outcome.answer.status;
  if (outcome.succeeded()) {
    told.failure = delivery_failure::ambiguous;
    told.detail = "the provider's answer names no message";
    return told;
  }
  // In our words: the provider's repeat the number.
  const auto why = failure_of_refusal(static_cast<int>(said.code), status);
  told.failure = why.failure;
  told.opted_out = why.opted_out;
  told.detail = "the provider answered " + std::to_string(status);
  if (said.code != 0) told.detail += ", code " + std::to_string(said.code);
  told.retry_after = retry_after(outcome.answer);
  told.provider_failed = status == 401 || status == 403 || status >= 500;
  return told;
}

} // namespace tessera
