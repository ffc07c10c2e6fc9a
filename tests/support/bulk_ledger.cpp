#include "tests/support/bulk_ledger.hpp"

namespace tessera::test {

std::string bulk_insert(const bulk_entries& b) {
  const auto last = std::to_string(b.first_seq + b.count - 1);
  return "INSERT INTO credit_entries (account_id, seq, tenant_id, entry_type, units, slices, available_after,"
         " reserved_after, used_after, debt_after, usable_after, occurred_at, booked_at, idempotency_key,"
         " fingerprint, writer, principal_kind, application, meter, reference, principal_id,"
         " principal_application, request_id, event_id, caller_key, metadata, hash)"
         " SELECT '" +
         b.account + "', n, '" + b.tenant + "', " + b.type +
         ", 1 + n % 7, decode(repeat('ab', 16), 'hex') || int8send(1 + n % 7), 5, 0, 5, 0, 5, at, at,"
         " gen_random_uuid(),"
         " gen_random_uuid(), gen_random_uuid(), 1, " +
         b.application +
         ", 'meter-' || n % 3, '', 'key-0198f1c2', 'crm', gen_random_uuid()::text, 'event-' || n, '', '',"
         " sha256(int8send(n))"
         " FROM generate_series(" +
         std::to_string(b.first_seq) + ", " + last + ") AS n, LATERAL (SELECT '" + b.begun +
         "'::timestamptz + n * interval '" + b.apart + "') AS t (at)";
}

} // namespace tessera::test
