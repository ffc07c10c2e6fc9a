#pragma once

#include "http/routes/credits/call.hpp"
#include "messages/accounts.hpp"
#include "messages/freezes.hpp"
#include "messages/grants.hpp"
#include "messages/holds.hpp"
#include "messages/purchases.hpp"
#include "messages/reversals.hpp"

#include <string>

/// Reading commands, each in the file of its route. A simulation reads them, too.
namespace tessera::http {

permitted<consume_credits> read_consume(call& from);
permitted<hold_credits> read_hold(call& from);
/// Of the hold that `from.id` names.
permitted<capture_hold> read_capture(call& from);
permitted<release_hold> read_release(call& from);
permitted<allocate_credits> read_allocate(call& from);
permitted<allocate_credits> read_give_back(call& from);
permitted<allocate_credits> read_reclaim(call& from);
permitted<change_freeze> read_freeze(call& from);
permitted<change_freeze> read_unfreeze(call& from);
permitted<purchase_credits> read_purchase(call& from);
/// Whether it would be over already is not looked at: a repeated call gets its first answer.
permitted<grant_credits> read_grant(call& from);
problem end_has_passed(std::string pointer);

/// The command without its account and what the ledger says of the spend.
struct reversal_call {
  reverse_spend command;
  reversible_query which;
};
permitted<reversal_call> read_reversal(call& from);

} // namespace tessera::http
