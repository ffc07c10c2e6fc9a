#pragma once

#include "messages/accounts.hpp"
#include "messages/alerts.hpp"
#include "messages/consume_batch.hpp"
#include "messages/freezes.hpp"
#include "messages/holds.hpp"
#include "messages/journal.hpp"
#include "messages/reversals.hpp"
#include "messages/simulations.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include <memory>
#include <vector>

namespace tessera {

// INTERNAL: what an account is told by its neighbours.

/// The account's history, or nothing: it does not exist (`failure` ok) or could not be read.
struct account_loaded {
  std::shared_ptr<account_history> history;
  errc failure = errc::ok;
  std::vector<alert_threshold> thresholds = {};
};

/// A page of the inbox, and the thresholds as they are by now; or why they could not be read.
struct inbox_loaded {
  std::vector<inbox_command> waiting;
  errc failure = errc::ok;
  std::vector<alert_threshold> thresholds = {};
};

/// The journal dropped everything of `attempt` that was not durable. `why`: idempotency_key_reused (keys were
/// in the ledger: `recorded`), entity_closed (of `culprits`: who was to get credits was deleted),
/// database_unavailable (nothing happened), outcome_unknown (give up and start anew).
struct round_refused {
  std::uint32_t attempt = 0;
  errc why = errc::ok;
  std::vector<recorded_spend> recorded;
  std::vector<std::uint64_t>
      culprits; // tickets: `why` is about these, the others are decided again; empty: all
};

/// What the ledger knows of the keys that it was asked for, or why it could not be asked.
struct keys_looked_up {
  std::vector<uuid> keys; // as they were asked for
  std::vector<recorded_spend> found;
  errc failure = errc::ok;
  std::vector<recorded_spend> near = {}; // keys that the account's ledger has around one that was found
};

/// Holds the credits of one entity. Every change of that balance goes through it.
using account_actor = caf::typed_actor<
    // Spends credits; answered when the spend, or what a refusal rests on, is durable.
    caf::replies_to<consume_credits>::with<result<consume_receipt>>,
    // Spends many times; answered once, when that holds for each.
    caf::replies_to<consume_batch>::with<result<consumed_batch>>,
    // Spends many times or not at all.
    caf::replies_to<consume_atomically>::with<result<atomic_receipt>>,
    // Moves credits to other accounts; answered likewise.
    caf::replies_to<allocate_credits>::with<result<allocation_receipt>>,
    // Sets credits aside, uses them, or lets them go; answered likewise.
    caf::replies_to<hold_credits>::with<result<hold_receipt>>,
    caf::replies_to<capture_hold>::with<result<hold_receipt>>,
    caf::replies_to<release_hold>::with<result<hold_receipt>>,
    // Gives back what a spend took; answered likewise.
    caf::replies_to<reverse_spend>::with<result<reversal_receipt>>,
    // Freezes itself, or thaws; answered likewise.
    caf::replies_to<change_freeze>::with<result<freeze_receipt>>,
    // Says what would happen.
    caf::replies_to<simulate_command>::with<result<simulation>>,
    // Reports the durable balance.
    caf::replies_to<balance_query>::with<result<balance_view>>,
    // Takes in what waits in the inbox.
    caf::replies_to<absorb_inbox>::with<result<inbox_absorbed>>,
    // Books what expired.
    caf::replies_to<expire_lots>::with<result<expiry_booked>>,
    // Goes to rest if nobody needs it.
    caf::reacts_to<passivate>,
    // Writes its balance down if it changed.
    caf::reacts_to<save_snapshot>,
    // Lets go of what has become durable.
    caf::reacts_to<catch_up>,
    // INTERNAL
    caf::reacts_to<account_loaded>,
    caf::reacts_to<inbox_loaded>,
    caf::reacts_to<round_refused>,
    caf::reacts_to<keys_looked_up>>;

} // namespace tessera

// Local messages only; what crosses nodes gets an inspect when the cluster is built.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::consume_credits)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::consume_receipt>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::consume_batch)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::consumed_batch>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::consume_atomically)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::atomic_receipt>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::allocate_credits)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::allocation_receipt>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::hold_credits)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::capture_hold)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::release_hold)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::hold_receipt>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::reverse_spend)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::reversal_receipt>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::change_freeze)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::freeze_receipt>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::simulate_command)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::simulation>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::balance_query)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::balance_view>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::absorb_inbox)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::inbox_absorbed>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::expire_lots)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::expiry_booked>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::passivate)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::save_snapshot)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::catch_up)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::account_loaded)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::inbox_loaded)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::round_refused)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::keys_looked_up)
