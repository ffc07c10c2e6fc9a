#include "actors/account/seal.hpp"

#include "actors/domain/ledger_format.hpp"
#include "actors/support/sha256.hpp"

#include <string>
#include <utility>

namespace tessera {

namespace {

digest hash_of(const digest& previous, const account_event& event) {
  thread_local std::string bytes;
  bytes.clear();
  append_canonical(bytes, event);
  return sha256::local()({reinterpret_cast<const char*>(previous.data()), previous.size()}, bytes);
}

} // namespace

void seal(write_set& writes, const digest& previous, const node_incarnation& writer) {
  writes.previous = previous;
  const auto* head = &writes.previous;
  for (auto& event : writes.events) {
    event.booked.writer = writer;
    event.booked.hash = hash_of(*head, event);
    head = &event.booked.hash;
  }
}

entry genesis_entry(
    const account_id& account, const tenant_id& tenant, time_point opened_at, const node_incarnation& writer
) {
  account_event first; // opens no lot
  auto& genesis = first.booked;
  genesis.account = account;
  genesis.tenant = tenant;
  genesis.booked_at = genesis.occurred_at = opened_at;
  genesis.writer = writer;
  genesis.hash = hash_of(digest{}, first);
  return std::move(genesis);
}

} // namespace tessera
