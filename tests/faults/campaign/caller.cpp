#include "tests/faults/campaign/caller.hpp"

#include "tests/faults/campaign/pause.hpp"
#include "tests/support/json.hpp"

#include <charconv>

namespace tessera::test {

namespace {

std::string entity_members(const bank& with, const order& wish) {
  return R"({"entityType":"organization","entityId":")" + with.entities[wish.account] + "\"";
}

std::string body_of(const bank& with, const order& wish) {
  if (wish.what == action::reverse) return R"({"transactionId":")" + wish.spent + "\"}";
  if (wish.what == action::consume)
    return entity_members(with, wish) + R"(,"credits":)" + std::to_string(wish.amount) + "}";
  const auto* package = wish.amount == bank::small_credits ? bank::small_package : bank::large_package;
  return entity_members(with, wish) + R"(,"packageId":")" + package + R"(","paymentMethod":"test"})";
}

const char* route_of(action what) {
  switch (what) {
  case action::consume: return "/api/credits/consume";
  case action::purchase: return "/api/credits/purchase";
  case action::reverse: return "/api/credits/reversals";
  case action::read: break;
  }
  return "";
}

/// What a refusal of the service promises about the effect.
outcome promise_of(const attempt& a) {
  switch (a.code) {
  case answer_code::insufficient_credits:
  case answer_code::overloaded:
  case answer_code::database_unavailable:
  case answer_code::not_owner: return outcome::refused;
  default: return a.status == 429 ? outcome::refused : outcome::unknown;
  }
}

answer_code code_of(exchange_failure failure) {
  return failure == exchange_failure::timeout ? answer_code::timeout : answer_code::lost;
}

std::int64_t told(const std::string& body, const char* pointer) {
  return integer_at(body, pointer).value_or(not_told);
}

std::int64_t seq_header(const http_response& response) {
  const auto text = response.header("x-balance-seq");
  std::int64_t seq = not_told;
  std::from_chars(text.data(), text.data() + text.size(), seq);
  return seq;
}

} // namespace

std::int64_t seq_in(const std::string& transaction) {
  const auto from = transaction.rfind('-');
  std::int64_t seq = not_told;
  if (from != transaction.npos)
    std::from_chars(transaction.data() + from + 1, transaction.data() + transaction.size(), seq);
  return seq;
}

caller::caller(const bank& with, const std::vector<node*>& nodes, recorder& notes, std::uint16_t worker)
    : bank_(with), nodes_(nodes), notes_(notes), worker_(worker), lines_(nodes.size()) {}

/// A new run of a node has a new port.
http_client* caller::connection(std::size_t node_index) {
  auto& here = lines_[node_index];
  const auto port = nodes_[node_index]->port();
  if (port == 0) return nullptr;
  if (!here.client || here.port != port) {
    here.client.emplace("127.0.0.1", port, timeout_);
    here.client->set_bearer(bank_.key);
    here.client->set_header("X-Application", "crm");
    here.port = port;
  }
  return &*here.client;
}

http_exchange caller::send(http_client& through, const order& wish, std::uint32_t number) {
  header_list headers{{"X-Request-Id", request_of(wish.op, number)}};
  if (wish.what == action::read)
    return through.get("/api/credits/balance/organization/" + bank_.entities[wish.account], headers);
  headers.emplace_back("Idempotency-Key", key_of(wish.op));
  return through.post(route_of(wish.what), body_of(bank_, wish), headers);
}

std::optional<attempt> caller::ask(const order& wish, std::uint32_t number, std::size_t node_index) {
  auto* through = connection(node_index);
  if (!through) return std::nullopt;
  attempt a{.op = wish.op, .number = number, .account = wish.account};
  a.worker = worker_;
  a.node = static_cast<std::uint8_t>(node_index);
  a.what = wish.what;
  a.amount = wish.amount;
  a.invoke_us = now_us();
  last_ = send(*through, wish, number);
  a.complete_us = now_us();
  if (last_.failure == exchange_failure::connect) return std::nullopt;
  std::string reference;
  if (last_.ok())
    read_answer(a, reference);
  else
    a.code = code_of(last_.failure);
  notes_.add(a, reference);
  return a;
}

void caller::read_answer(attempt& a, std::string& reference) const {
  const auto& response = last_.response;
  a.status = static_cast<std::uint16_t>(response.status);
  a.retry_after = !response.header("retry-after").empty();
  if (response.status / 100 != 2) {
    a.code = parse_answer_code(text_at(response.body, "/code"));
    a.available = told(response.body, "/availableCredits");
    a.would_allow = told(response.body, "/wouldAllow");
    a.result = promise_of(a);
    return;
  }
  a.result = outcome::ok;
  switch (a.what) {
  case action::consume:
  case action::reverse:
    a.seq = seq_in(text_at(response.body, "/transactionId"));
    a.amount = told(response.body, "/credits");
    a.available = told(response.body, "/availableCredits");
    a.replayed = boolean_at(response.body, "/replayed").value_or(false);
    break;
  case action::purchase:
    reference = text_at(response.body, "/purchaseId");
    a.replayed = response.header("idempotent-replayed") == "true";
    if (response.status == 202) break; // it will come
    a.amount = told(response.body, "/creditsAdded");
    a.available = told(response.body, "/newBalance");
    break;
  case action::read:
    a.seq = seq_header(response);
    a.available = told(response.body, "/availableCredits");
    a.used = told(response.body, "/usedCredits");
    break;
  }
}

} // namespace tessera::test
