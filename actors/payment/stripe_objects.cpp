#include "actors/payment/stripe_objects.hpp"

#include "actors/domain/payment_rules.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cctype>
#include <utility>

namespace tessera {

namespace {

using json = simdjson::dom::element;
using kind = payment_news::kind;

/// Parses into a document of its own.
struct parsed {
  explicit parsed(const std::string& text) { good = parser.parse(text).get(root) == simdjson::SUCCESS; }
  simdjson::dom::parser parser;
  json root;
  bool good = false;
};

std::string text(const json& from, const char* pointer) {
  std::string_view found;
  if (from.at_pointer(pointer).get(found) != simdjson::SUCCESS) return {};
  return std::string(found);
}

/// An id, or that of the object which stands in its place.
std::string id_at(const json& from, const std::string& pointer) {
  auto id = text(from, pointer.c_str());
  return id.empty() ? text(from, (pointer + "/id").c_str()) : id;
}

std::int64_t number(const json& from, const char* pointer) {
  std::int64_t found = 0;
  return from.at_pointer(pointer).get(found) == simdjson::SUCCESS ? found : 0;
}

bool truth(const json& from, const char* pointer) {
  bool found = false;
  return from.at_pointer(pointer).get(found) == simdjson::SUCCESS && found;
}

std::string upper(std::string words) {
  std::ranges::transform(words, words.begin(), [](unsigned char c) {
    return static_cast<char>(std::toupper(c));
  });
  return words;
}

/// What every object of a payment says.
payment_news common(const json& object) {
  payment_news news;
  news.purchase_id = text(object, "/metadata/purchaseId");
  news.tenant = text(object, "/metadata/tenantId");
  news.refund_id = text(object, "/metadata/refundId");
  news.currency = upper(text(object, "/currency"));
  news.live = truth(object, "/livemode");
  return news;
}

void set_failure(payment_news& news, const json& from, const std::string& at) {
  news.failure_code = text(from, (at + "/decline_code").c_str());
  if (news.failure_code.empty()) news.failure_code = text(from, (at + "/code").c_str());
  if (news.failure_code.empty()) news.failure_code = "card_declined";
  news.failure_message = words_for_decline(news.failure_code);
}

kind kind_of_intent(std::string_view status, bool has_error) {
  if (status == "succeeded") return kind::succeeded;
  if (status == "canceled") return kind::canceled;
  return status == "requires_payment_method" && has_error ? kind::failed : kind::waiting;
}

payment_news news_of_intent(const json& object) {
  auto news = common(object);
  news.payment_id = text(object, "/id");
  news.charge_id = id_at(object, "/latest_charge");
  news.client_secret = text(object, "/client_secret");
  const auto received = number(object, "/amount_received");
  news.amount_minor = amount_of_provider(received > 0 ? received : number(object, "/amount"), news.currency);
  const bool has_error =
      !text(object, "/last_payment_error/code").empty() || !text(object, "/last_payment_error/type").empty();
  news.what = kind_of_intent(text(object, "/status"), has_error);
  if (news.what == kind::failed) set_failure(news, object, "/last_payment_error");
  if (news.what == kind::canceled) news.failure_code = text(object, "/cancellation_reason");
  return news;
}

payment_news news_of_session(const json& object) {
  auto news = common(object);
  // Not `client_reference_id`: whoever opens a link to pay may choose that.
  news.session_id = text(object, "/id");
  news.payment_id = id_at(object, "/payment_intent");
  news.checkout_url = text(object, "/url");
  news.amount_minor = amount_of_provider(number(object, "/amount_total"), news.currency);
  const auto paid = text(object, "/payment_status");
  if (paid == "paid" || paid == "no_payment_required")
    news.what = kind::succeeded;
  else
    news.what = text(object, "/status") == "expired" ? kind::expired : kind::waiting;
  // A page has no charge and no secret of its own that anybody needs.
  return news;
}

payment_news news_of_charge(const json& object) {
  auto news = common(object);
  news.what = kind::refunded;
  news.charge_id = text(object, "/id");
  news.payment_id = id_at(object, "/payment_intent");
  news.refunded_minor = amount_of_provider(number(object, "/amount_refunded"), news.currency);
  news.amount_minor = amount_of_provider(number(object, "/amount"), news.currency);
  return news;
}

payment_news news_of_part(const json& object, kind what, std::string_view type) {
  auto news = common(object);
  news.what = what;
  news.object_id = text(object, "/id");
  news.charge_id = id_at(object, "/charge");
  news.payment_id = id_at(object, "/payment_intent");
  news.amount_minor = amount_of_provider(number(object, "/amount"), news.currency);
  news.state = text(object, "/status");
  news.event_kind = type.substr(type.rfind('.') + 1);
  return news;
}

/// The type says what has happened, should the object not.
payment_news news_of_typed_intent(const json& object, std::string_view type) {
  auto news = news_of_intent(object);
  if (type.ends_with(".succeeded")) news.what = kind::succeeded;
  if (type.ends_with(".canceled") && news.what != kind::canceled) {
    news.what = kind::canceled;
    news.failure_code = text(object, "/cancellation_reason");
  }
  if (type.ends_with(".payment_failed") && news.what != kind::failed) {
    news.what = kind::failed;
    set_failure(news, object, "/last_payment_error");
  }
  return news;
}

payment_news news_of_typed_session(const json& object, std::string_view type) {
  auto news = news_of_session(object);
  if (type.ends_with(".expired")) news.what = kind::expired;
  if (type.ends_with(".async_payment_succeeded")) news.what = kind::succeeded;
  if (!type.ends_with(".async_payment_failed")) return news;
  news.what = kind::failed;
  news.state = "final";
  news.failure_code = "payment_failed";
  news.failure_message = words_for_decline(news.failure_code);
  return news;
}

struct error_words {
  provider_word word;
  std::string code;
  std::string param;
};

error_words error_of(const outgoing_outcome& outcome, const json* body) {
  const int status = outcome.answer.status;
  if (!outcome.answered() || body == nullptr) return {provider_word::unavailable, {}, {}};
  auto code = text(*body, "/error/code");
  if (status == 402 || text(*body, "/error/type") == "card_error") {
    auto why = text(*body, "/error/decline_code");
    const bool must_be_there = code == "authentication_required" || why == "authentication_required";
    return {
        must_be_there ? provider_word::authenticate : provider_word::declined,
        why.empty() ? std::move(code) : std::move(why),
        {}};
  }
  // The key is of another question: the first one may have been heard, so this one is not refused.
  if (text(*body, "/error/type") == "idempotency_error")
    return {provider_word::unavailable, "idempotency_error", {}};
  // A key that it does not know is the operator's to mend; nothing was done.
  if (status == 400 || status == 404 || status == 422)
    return {provider_word::refused, std::move(code), text(*body, "/error/param")};
  return {provider_word::unavailable, std::move(code), {}};
}

template <class Read> payment_answer read_answer(const outgoing_outcome& outcome, Read read) {
  payment_answer answer;
  const parsed body(outcome.answer.body);
  if (outcome.succeeded() && body.good) {
    answer.word = provider_word::yes;
    answer.news = read(body.root);
    return answer;
  }
  auto [word, code, param] = error_of(outcome, body.good ? &body.root : nullptr);
  answer.word = word;
  answer.code = std::move(code);
  answer.param = std::move(param);
  json intent;
  if (body.good && body.root.at_pointer("/error/payment_intent").get(intent) == simdjson::SUCCESS)
    answer.news = news_of_intent(intent);
  return answer;
}

} // namespace

payment_answer read_payment_answer(const outgoing_outcome& outcome) {
  return read_answer(outcome, news_of_intent);
}

payment_answer read_session_answer(const outgoing_outcome& outcome) {
  return read_answer(outcome, news_of_session);
}

object_answer read_object_answer(const outgoing_outcome& outcome) {
  object_answer answer;
  const parsed body(outcome.answer.body);
  if (outcome.succeeded() && body.good) {
    answer.word = provider_word::yes;
    answer.id = text(body.root, "/id");
    answer.status = text(body.root, "/status");
    return answer;
  }
  auto [word, code, param] = error_of(outcome, body.good ? &body.root : nullptr);
  answer.word = word;
  answer.code = std::move(code);
  if (body.good) answer.message = text(body.root, "/error/message");
  return answer;
}

object_answer read_refund_list(const outgoing_outcome& outcome, std::string_view refund_id) {
  object_answer answer;
  const parsed body(outcome.answer.body);
  simdjson::dom::array data;
  if (!outcome.succeeded() || !body.good || body.root.at_pointer("/data").get(data) != simdjson::SUCCESS)
    return answer;
  for (const json each : data) {
    if (text(each, "/metadata/refundId") != refund_id) continue;
    answer.word = provider_word::yes;
    answer.id = text(each, "/id");
    answer.status = text(each, "/status");
    return answer;
  }
  bool more = true;
  if (body.root.at_pointer("/has_more").get(more) != simdjson::SUCCESS || more) return answer;
  answer.word = provider_word::refused;
  answer.code = "refund_not_made";
  return answer;
}

payment_search read_payment_list(const outgoing_outcome& outcome, std::string_view purchase_id) {
  payment_search found;
  const parsed body(outcome.answer.body);
  simdjson::dom::array data;
  if (!outcome.succeeded() || !body.good || body.root.at_pointer("/data").get(data) != simdjson::SUCCESS)
    return found;
  bool more = false;
  if (body.root.at_pointer("/has_more").get(more) != simdjson::SUCCESS) return found;
  found.good = true;
  for (const json each : data) {
    found.last = text(each, "/id");
    if (text(each, "/metadata/purchaseId") != purchase_id) continue;
    found.news = news_of_intent(each);
    // The one that brought the money counts, whatever came before it.
    if (found.news->what == kind::succeeded) return found;
  }
  found.more = more && !found.last.empty();
  return found;
}

method_answer read_method_answer(const outgoing_outcome& outcome) {
  method_answer answer;
  const parsed body(outcome.answer.body);
  if (!outcome.succeeded() || !body.good) {
    auto error = error_of(outcome, body.good ? &body.root : nullptr);
    answer.word = error.word;
    answer.code = std::move(error.code);
    answer.param = std::move(error.param);
    return answer;
  }
  answer.word = provider_word::yes;
  auto& method = answer.method;
  method.method_id = text(body.root, "/id");
  method.customer_id = id_at(body.root, "/customer");
  method.kind = text(body.root, "/type");
  method.brand = text(body.root, "/card/brand");
  method.last4 = text(body.root, "/card/last4");
  method.exp_month = static_cast<int>(number(body.root, "/card/exp_month"));
  method.exp_year = static_cast<int>(number(body.root, "/card/exp_year"));
  return answer;
}

std::optional<provider_event> read_event(std::string payload) {
  const parsed body(payload);
  if (!body.good) return std::nullopt;
  provider_event event;
  event.event_id = text(body.root, "/id");
  event.type = text(body.root, "/type");
  event.live = truth(body.root, "/livemode");
  if (event.event_id.empty() || event.type.empty()) return std::nullopt;
  event.payload = std::move(payload);
  return event;
}

payment_news news_of(const provider_event& event) {
  const parsed body(event.payload);
  json object;
  if (!body.good || body.root.at_pointer("/data/object").get(object) != simdjson::SUCCESS) return {};
  const std::string_view type = event.type;
  if (type.starts_with("payment_intent.")) return news_of_typed_intent(object, type);
  if (type.starts_with("checkout.session.")) return news_of_typed_session(object, type);
  if (type == "charge.refunded") return news_of_charge(object);
  if (type.starts_with("refund.") || type == "charge.refund.updated")
    return news_of_part(object, kind::refund, type);
  if (type.starts_with("charge.dispute.")) return news_of_part(object, kind::dispute, type);
  return {};
}

event_page read_event_page(const outgoing_outcome& outcome) {
  event_page page;
  const parsed body(outcome.answer.body);
  simdjson::dom::array data;
  if (!outcome.succeeded() || !body.good || body.root.at_pointer("/data").get(data) != simdjson::SUCCESS)
    return page;
  page.good = true;
  page.more = truth(body.root, "/has_more");
  for (const json each : data)
    if (auto event = read_event(simdjson::minify(each))) page.events.push_back(std::move(*event));
  return page;
}

std::string_view words_for_decline(std::string_view code) {
  struct row {
    std::string_view code;
    std::string_view words;
  };
  static constexpr row table[] = {
      {"insufficient_funds", "The card has not enough funds. Use another one, or try again later."},
      {"expired_card", "The card has expired. Use another one."},
      {"incorrect_cvc", "The card's security code is wrong. Check it, or use another card."},
      {"incorrect_number", "The card's number is wrong. Check it, or use another card."},
      {"lost_card", "The bank declined the card. Use another one, or ask the bank."},
      {"stolen_card", "The bank declined the card. Use another one, or ask the bank."},
      {"processing_error", "The bank could not process the payment. Try again in a moment."},
      {"payment_failed", "The payment did not go through. Try again, or pay another way."},
      {"authentication_required", "The bank wants the payer to confirm the payment."},
      {"no_payment_method", "No way to pay is saved. Save one, or buy by hand."},
      {"payment_refused", "The payment provider could not take this payment. Pay another way, or ask us."},
  };
  for (const auto& each : table)
    if (each.code == code) return each.words;
  return "The bank declined the payment. Use another card, or ask the bank.";
}

} // namespace tessera
