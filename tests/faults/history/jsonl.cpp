#include "http/json/writer.hpp"
#include "tests/faults/history/attempt.hpp"

#include <simdjson.h>

#include <istream>
#include <map>
#include <ostream>
#include <stdexcept>

namespace tessera::test {

namespace {

void write_line(std::string& line, const history& done, const attempt& a) {
  http::json::writer out{line};
  out.begin_object()
      .field("worker", std::uint64_t{a.worker})
      .field("node", std::uint64_t{a.node})
      .field("op", a.op);
  out.field("attempt", std::uint64_t{a.number}).field("action", to_string(a.what));
  out.field("account", to_string(done.accounts.at(a.account))).field("key", key_of(a.op));
  out.field("amount", a.amount).field("invoke_us", a.invoke_us).field("complete_us", a.complete_us);
  out.field("outcome", to_string(a.result)).field("status", std::uint64_t{a.status});
  out.field("code", to_string(a.code)).field("seq", a.seq).field("availableCredits", a.available);
  out.field("usedCredits", a.used).field("wouldAllow", a.would_allow).field("replayed", a.replayed);
  out.field("retryAfter", a.retry_after).field("reference", done.references.at(a.reference)).end_object();
}

using object = simdjson::dom::object;

std::int64_t number(const object& line, std::string_view name) {
  return std::int64_t{line.at_key(name)};
}
std::string_view text(const object& line, std::string_view name) {
  return std::string_view{line.at_key(name)};
}

template <class Enum> Enum choice(std::string_view wanted, std::initializer_list<Enum> all) {
  for (const auto value : all)
    if (to_string(value) == wanted) return value;
  throw std::runtime_error("no such value in a history: " + std::string(wanted));
}

attempt read_line(const object& line) {
  attempt a;
  a.worker = static_cast<std::uint16_t>(number(line, "worker"));
  a.node = static_cast<std::uint8_t>(number(line, "node"));
  a.op = static_cast<std::uint64_t>(number(line, "op"));
  a.number = static_cast<std::uint32_t>(number(line, "attempt"));
  a.what = choice(text(line, "action"), {action::consume, action::purchase, action::read, action::reverse});
  a.amount = number(line, "amount");
  a.invoke_us = number(line, "invoke_us");
  a.complete_us = number(line, "complete_us");
  a.result = choice(text(line, "outcome"), {outcome::ok, outcome::refused, outcome::unknown});
  a.status = static_cast<std::uint16_t>(number(line, "status"));
  a.code = parse_answer_code(text(line, "code"));
  a.seq = number(line, "seq");
  a.available = number(line, "availableCredits");
  a.used = number(line, "usedCredits");
  a.would_allow = number(line, "wouldAllow");
  a.replayed = bool{line.at_key("replayed")};
  a.retry_after = bool{line.at_key("retryAfter")};
  return a;
}

/// The position of the value in the list, to which it is added when it is new.
template <class Value> std::uint32_t
position_of(const Value& value, std::vector<Value>& list, std::map<Value, std::uint32_t>& known) {
  const auto [here, is_new] = known.try_emplace(value, static_cast<std::uint32_t>(list.size()));
  if (is_new) list.push_back(value);
  return here->second;
}

account_id account_in(const object& line) {
  const auto id = uuid::parse(text(line, "account"));
  if (!id) throw std::runtime_error("an account in a history is no uuid");
  return account_id{*id};
}

} // namespace

void write_jsonl(std::ostream& out, const history& done) {
  std::string line;
  for (const auto& each : done.attempts) {
    line.clear();
    write_line(line, done, each);
    out << line << '\n';
  }
}

history read_jsonl(std::istream& in) {
  history done;
  std::map<account_id, std::uint32_t> accounts;
  std::map<std::string, std::uint32_t> references{{"", 0}};
  simdjson::dom::parser parser;
  for (std::string line; std::getline(in, line);) {
    const object parsed = parser.parse(line);
    auto a = read_line(parsed);
    a.account = position_of(account_in(parsed), done.accounts, accounts);
    a.reference = position_of(std::string(text(parsed, "reference")), done.references, references);
    done.attempts.push_back(a);
  }
  return done;
}

} // namespace tessera::test
