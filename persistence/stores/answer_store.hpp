#pragma once

#include "messages/idempotency.hpp"
#include "persistence/pg/connection.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

/// First answers of calls without a money effect. Inside the transaction of the effect; throws pg::error when
/// the database fails.
namespace tessera::persistence {

/// Takes the key for this call. Nothing: it is new, or was forgotten after 30 days, and `keep_answer` must
/// follow. Otherwise the first answer, or idempotency_key_reused when it stands for another command. A
/// duplicate that runs at the same time waits here until the first has committed or given up.
std::optional<result<kept_answer>>
take_key(pg::transaction& in, const tenant_id& tenant, const idempotency_key& key);

/// What `take_key` would answer for a key that is not new, without taking it. Nothing: it is.
std::optional<result<kept_answer>> find_answer(pg::transaction& in, const idempotency_key& key);

void keep_answer(pg::transaction& in, const idempotency_key& key, const kept_answer& answer);

/// Gives back a key that was taken in this transaction: the call is refused, and its retry is a fresh
/// attempt.
void drop_key(pg::transaction& in, const idempotency_key& key);

/// Of all tenants, as the writer: at most so many of those that are over; how many.
std::int64_t forget_old_answers(pg::connection& session, std::int64_t most, std::chrono::milliseconds limit);

} // namespace tessera::persistence
