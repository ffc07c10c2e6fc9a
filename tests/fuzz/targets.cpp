#include "tests/fuzz/target.hpp"

#include <algorithm>

namespace tessera::fuzz {

void run_framing(std::string_view bytes);
void run_json(std::string_view bytes);
void run_requests(std::string_view bytes);
void run_queries(std::string_view bytes);
void run_headers(std::string_view bytes);
void run_tokens(std::string_view bytes);
void run_key_sets(std::string_view bytes);
void run_cursors(std::string_view bytes);
void run_idempotency_keys(std::string_view bytes);
void run_configuration(std::string_view bytes);
void run_email_addresses(std::string_view bytes);
void run_entries(std::string_view bytes);
void run_ledgers(std::string_view bytes);
void run_timestamps(std::string_view bytes);
void run_names(std::string_view bytes);
void run_payment_events(std::string_view bytes);
void run_templates(std::string_view bytes);
void run_csv(std::string_view bytes);

namespace {

constexpr target all[] = {
    {"framing", run_framing},                   // gate and decoder: where a request ends
    {"json", run_json},                         // a body that is not believed, and what we write
    {"requests", run_requests},                 // every route, up to the command that it asks for
    {"queries", run_queries},                   // what stands behind `?`
    {"headers", run_headers},                   // cookies, Accept, If-Match, X-Forwarded-For, …
    {"tokens", run_tokens, 4},                  // JWT: form, claims, signature
    {"key_sets", run_key_sets, 40},             // JWK sets of other issuers
    {"cursors", run_cursors},                   //
    {"idempotency_keys", run_idempotency_keys}, //
    {"configuration", run_configuration, 10},   // file, variables, flags
    {"email_addresses", run_email_addresses},   //
    {"entries", run_entries},                   // rows of the ledger as PostgreSQL sends them
    {"ledgers", run_ledgers},                   // a ledger that is not believed
    {"timestamps", run_timestamps},             // RFC 3339, dates
    {"names", run_names},                       // ids of entities, holds, UUIDs, money
    {"payment_events", run_payment_events, 2},  // what a payment provider signs and answers
    {"templates", run_templates},               // wordings of messages, and what people are called
    {"csv", run_csv},                           // lines of exports
};

} // namespace

std::span<const target> targets() {
  return all;
}

const target* find_target(std::string_view name) {
  const auto* found = std::ranges::find(all, name, &target::name);
  return found == std::end(all) ? nullptr : found;
}

std::string_view take_until(std::string_view& bytes, char separator) {
  const auto end = std::min(bytes.find(separator), bytes.size());
  const auto taken = bytes.substr(0, end);
  bytes.remove_prefix(std::min(end + 1, bytes.size()));
  return taken;
}

unsigned char take_byte(std::string_view& bytes) {
  if (bytes.empty()) return 0;
  const auto first = static_cast<unsigned char>(bytes.front());
  bytes.remove_prefix(1);
  return first;
}

} // namespace tessera::fuzz
