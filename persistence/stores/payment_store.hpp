#pragma once

#include "messages/payments.hpp"
#include "persistence/pg/connection.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// Purchases on their way to being paid. Inside a transaction of the tenant; throws pg::error when the
/// database fails.
namespace tessera::persistence {

/// Holds the purchase until the transaction ends: whatever comes about it meanwhile waits. Nothing: the
/// tenant has no such purchase.
std::optional<payment_record>
hold_payment(pg::transaction& in, const tenant_id& tenant, const std::string& purchase_id);

/// Writes what may change of a record.
void save_payment(pg::transaction& in, const payment_record& record);
/// With what the provider is asked for the money: the key of a question is good for the same question only.
struct payment_terms {
  std::string method_id; // empty: none is saved
  std::string method_customer;
  std::string customer;
  std::string return_base;
  time_point asked_at{}; // the first time
};
/// Keeps the terms with the purchase the first time; returns those of the first time.
payment_terms keep_terms(pg::transaction& in, const std::string& purchase_id, const payment_terms& now);

/// The money is there: leaves the credits at the account, good from now on for as long as was bought.
void settle_payment(
    pg::transaction& in, const payment_record& record, const inbox_id& row, const lot_id& lot
);

/// Who said that it was paid, and by what.
void note_settler(pg::transaction& in, const mark_paid& command);

/// Somebody looks after it again after that time; nothing: nobody has to.
void check_payment_again(
    pg::transaction& in, const std::string& purchase_id, std::optional<std::chrono::milliseconds> after
);

/// Nobody can pay on its page any more.
void forget_page(pg::transaction& in, const std::string& purchase_id);

/// The tenant's own name for itself, which the provider is told.
std::string name_of_tenant(pg::transaction& in, const tenant_id& tenant);

// Across tenants: in a transaction of no tenant.

struct payment_place {
  tenant_id tenant;
  std::string purchase_id;
};
/// Where somebody has to look after a purchase; nobody else gets the same before `again`.
std::vector<payment_place>
claim_payments(pg::transaction& in, std::int64_t most, std::chrono::milliseconds again);

/// All purchases that the ids name: two of them contradict each other.
std::vector<payment_place> payment_home(pg::transaction& in, const payment_news& news);

} // namespace tessera::persistence
