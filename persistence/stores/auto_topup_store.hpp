#pragma once

#include "messages/auto_topups.hpp"
#include "messages/payments.hpp"
#include "persistence/pg/connection.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What is bought by itself. Inside a transaction of the tenant; throws pg::error when the database fails.
namespace tessera::persistence {

/// precondition_failed when it has another version than the caller has seen. A pause for what the terms are
/// about is over then, and so is waiting for a payment that people look at; not for one that a rule against
/// fraud holds.
errc save_auto_topup(pg::transaction& in, const set_auto_topup& command);
/// What nobody set is off.
auto_topup_view find_auto_topup(pg::transaction& in, const auto_topup_query& query);

/// Where something may have to be bought, as it is now.
struct due_auto_topup {
  auto_topup_situation now;
  bool is_for_sale = false; // the package is
  principal buyer;
  std::string request_id;
  std::string network; // of who said the terms
};
/// Holds it until the transaction ends. Nothing: it is off, paused, deleted, or the last purchase is not
/// over.
std::optional<due_auto_topup>
hold_due_auto_topup(pg::transaction& in, const tenant_id& tenant, const account_id& account);
/// Whether it is turned on, and waits for this purchase; it stays so until the transaction ends.
bool hold_topup_waiting_for(pg::transaction& in, const payment_record& purchase);
/// No other while this one is not over.
void note_auto_topup(pg::transaction& in, const account_id& account, const std::string& purchase_id);

/// Nothing is bought until a cap's window is over; of a package that is not sold, and of what a rule against
/// fraud refuses, for an hour. Administrators are told when it begins.
void pause_auto_topup(pg::transaction& in, const account_id& account, std::string_view cap);
/// What was bought by itself was paid.
void auto_topup_paid(pg::transaction& in, const payment_record& purchase, std::chrono::seconds cool_down);
/// It was not: again after `back_off`, and not at all after so many times in a row.
void auto_topup_failed(
    pg::transaction& in, const payment_record& purchase, std::chrono::seconds back_off, int most
);
/// Nothing is charged any more until somebody turns it on again: `purchase`, the last one, is for people to
/// look at. `why`: review, rejected; `reason`: for people.
void end_auto_topup(
    pg::transaction& in, const payment_record& purchase, std::string_view why, std::string_view reason
);
/// Money of the entity is disputed: nothing is charged any more until somebody turns it on again.
void end_auto_topup_of_disputed(pg::transaction& in, const account_id& account);

// Across tenants: in a transaction of no tenant.

struct account_place {
  tenant_id tenant;
  account_id account;
};
/// Where a balance has fallen and something may have to be bought.
std::vector<account_place> accounts_to_top_up(pg::transaction& in, std::int64_t most);

} // namespace tessera::persistence
