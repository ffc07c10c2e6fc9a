#pragma once

#include "messages/instructions.hpp"
#include "messages/reversed_payments.hpp"
#include "persistence/pg/connection.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Money that went back, and what accounts were told to do about it. Inside a transaction of the tenant that
/// holds the purchase (`hold_payment`); throws pg::error when the database fails.
namespace tessera::persistence {

/// Of the payment that `purchase` names, or that nobody named; where it names none, of all.
reversal_facts reversal_facts_of(pg::transaction& in, payment_record purchase);

/// The lot that the credits came in.
std::optional<lot_id> root_lot_of(pg::transaction& in, const std::string& purchase_id);

/// Who has free units of the purchase: the buyer first, then those that got some last.
struct unit_holder {
  account_id account;
  credits free;
  bool is_buyer = false;
};
std::vector<unit_holder> holders_of(pg::transaction& in, const payment_record& purchase);

/// The holds that an instruction opened and that are open still: entries of its account, the last one at
/// `seq`, of `units` in all when they were opened.
struct opened_hold {
  std::uint64_t seq = 0;
  credits units;
};
std::vector<opened_hold>
holds_opened(pg::transaction& in, const account_id& account, std::uint64_t seq, credits units);

void insert_refund(
    pg::transaction& in,
    const payment_record& purchase,
    const own_refund& refund,
    const refund_purchase& asked
);
void save_refund(pg::transaction& in, const own_refund& refund, std::string_view provider_refund_id = {});
/// The refund with what its buyer has now. Nothing: the tenant has no such refund.
std::optional<refund_view> find_refund(pg::transaction& in, const refund_query& query);

/// As of the payment that `purchase` names.
void save_seen(pg::transaction& in, const payment_record& purchase, const seen_refund& refund);
void save_seen(pg::transaction& in, const payment_record& purchase, const seen_dispute& dispute);

/// Leaves it in the account's inbox, and remembers on whose behalf.
void instruct(
    pg::transaction& in,
    const payment_record& purchase,
    std::string_view subject,
    std::string_view kind,
    const instruction& row
);
/// The same for credits that come back.
void give_back(
    pg::transaction& in, const payment_record& purchase, std::string_view subject, const receive_credits& row
);
/// When the lot of the purchase ends; nothing: never.
std::optional<time_point> end_of_purchase(pg::transaction& in, const std::string& purchase_id);

void set_status(pg::transaction& in, const std::string& purchase_id, std::string_view status);

} // namespace tessera::persistence
