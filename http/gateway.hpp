#pragma once

#include "http/consume_batches.hpp"
#include "messages/accounts.hpp"
#include "messages/allocations.hpp"
#include "messages/balances.hpp"
#include "messages/directory.hpp"
#include "messages/directory_upsert.hpp"
#include "messages/entities.hpp"
#include "messages/freezes.hpp"
#include "messages/grants.hpp"
#include "messages/holds.hpp"
#include "messages/key_management.hpp"
#include "messages/password_verdict.hpp"
#include "messages/payments.hpp"
#include "messages/purchases.hpp"
#include "messages/reversals.hpp"
#include "messages/sessions.hpp"
#include "messages/simulations.hpp"
#include "messages/tenants.hpp"
#include "messages/transactions.hpp"
#include "messages/usage.hpp"
#include "messages/users.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace caf {
class actor_system;
}

namespace tessera {
class clock;
class database;
class directory;
class password_hasher;
class payment_desk;
class placement;
// messages/invitations.hpp
struct activity_page;
struct invitation_answer;
struct invitation_call;
struct invitation_figures;
struct invitation_figures_query;
struct invitation_page;
struct invitation_preview;
struct invitation_query;
struct invitation_view;
struct list_activities;
struct list_invitations;
struct list_own_invitations;
struct preview_invitation;
} // namespace tessera

namespace tessera::http {

class io_loop;

/// Called on the io loop that asked.
template <class Answer> using callback = std::function<void(result<Answer>)>;

/// The one way from a route to everything behind it. Every call is answered within the patience: afterwards
/// with outcome_unknown where something may have happened, database_unavailable where nothing can have.
class gateway {
public:
  struct neighbours {
    caf::actor_system& actors;
    placement& accounts;
    database& rows;
    directory& tenants;
    const clock& time;
    password_hasher& passwords;
    payment_desk& payments;
  };

  gateway(neighbours behind, std::chrono::milliseconds patience);
  ~gateway();

  /// Once for each loop, before the server starts.
  void attach(io_loop& loop);

  void consume(consume_credits command, callback<consume_receipt> done);
  /// Each for itself; of one account in their order. What is not answered in time is outcome_unknown.
  void consume(std::vector<consume_credits> spends, batch_callback done);
  /// All of them or none.
  void consume(consume_atomically batch, callback<atomic_receipt> done);
  void balance(balance_query query, callback<balance_view> done);
  void balance(past_balance_query query, callback<balance_view> done);
  /// Answers sooner than the others: whoever asks for it has a live balance that should not wait.
  void rollup(rollup_query query, callback<balance_rollup> done);
  /// Buys, has it paid as far as that goes without the payer, has the account take the credits in, and reads
  /// the receipt. Has more patience where a provider is asked.
  void purchase(purchase_credits command, callback<purchase_receipt> done);
  /// Likewise what nobody pays for.
  void grant(grant_credits command, callback<grant_receipt> done);
  /// The same for an invoice that was paid.
  void mark(mark_paid command, callback<purchase_receipt> done);
  /// Sets the credits aside, has the provider give the money back, and takes the credits out for good; where
  /// it takes longer the answer is that it goes on.
  void refund(refund_purchase command, callback<refund_view> done);
  /// Keeps what a provider told. What comes of it comes later.
  void receive(provider_event event, callback<event_kept> done);
  /// Ways to pay that the provider keeps.
  void attach(attach_method command, callback<saved_method> done);
  void find(method_query query, callback<saved_method> done);
  void list(list_methods query, callback<method_list> done);
  /// Reads what `which` names and what of it can be reversed, and has the account decide; reads again where
  /// another reversal came first. Gives the command its account, what was read, and the id of a lot.
  void reverse(reverse_spend command, reversible_query which, callback<reversal_receipt> done);
  /// What would happen: nothing does. Of a hold that is not open the ledger says why.
  void simulate(simulated_command command, tenant_id tenant, callback<simulation> done);
  void simulate(reverse_spend command, reversible_query which, callback<simulation> done);
  void find(validity_query query, callback<validity> done);
  /// Allocates, has the receivers take their legs in, a second at most, and reads what became of it. Gives
  /// the command its ids.
  void allocate(allocate_credits command, tenant_id tenant, callback<allocation_outcome> done);
  void freeze(change_freeze command, callback<freeze_receipt> done);
  /// Sets credits aside, uses them, lets them go. Where the account knows only that the hold is not open, the
  /// ledger says what became of it; so it does what a repeated call was told.
  void hold(hold_credits command, tenant_id tenant, callback<hold_view> done);
  void capture(capture_hold command, tenant_id tenant, callback<hold_view> done);
  void release(release_hold command, tenant_id tenant, callback<hold_view> done);
  void find(hold_query query, callback<hold_view> done);
  void list(list_holds query, callback<hold_page> done);
  void find(allocation_query query, callback<allocation> done);
  void list(list_allocations query, callback<allocation_page> done);
  void list(list_packages query, callback<package_list> done);
  void list(list_purchases query, callback<purchase_page> done);
  void list(list_transactions query, callback<transaction_page> done);
  /// A report: has more patience than the other calls.
  void add_up(usage_query query, callback<usage_report> done);
  void find(package_query query, callback<credit_package> done);
  void find(find_purchase query, callback<purchase_view> done);
  /// A change without a money effect: its first answer is kept under its key.
  void change(repeatable<create_entity, entity_created> call, callback<kept_answer> done);
  void change(repeatable<create_application, application_created> call, callback<kept_answer> done);
  void change(repeatable<create_package, credit_package> call, callback<kept_answer> done);
  void change(repeatable<edit_package, credit_package> call, callback<kept_answer> done);

  // Signing in (decision 0026).
  void find(find_candidate query, callback<sign_in_candidate> done);
  /// `hash` empty: nobody's; takes as long. What is not compared in time is overloaded.
  void compare(std::string hash, std::string password, callback<password_verdict> done);
  /// The hash of a password that is to be set.
  void hash(std::string password, callback<std::string> done);
  void open(open_session command, callback<session_opened> done);
  void renew(renew_session command, callback<session_opened> done);
  void end(end_session command, callback<session_ended> done);
  void link(link_identity command, callback<identity_linked> done);
  void find(profile_query query, callback<user_profile> done);
  // The directory, people and keys.
  void change(repeatable<edit_entity, entity_view> call, callback<kept_answer> done);
  void change(repeatable<delete_entity, entity_deleted> call, callback<kept_answer> done);
  /// The same, but where credits alone are in the way all of them go up first. Whatever happens meanwhile,
  /// the entity is deleted with nothing left, or it is there and a repeated call goes on.
  struct way_up {
    account_id from;
    account_id to;
  };
  void remove(repeatable<delete_entity, entity_deleted> call, const way_up& way, callback<kept_answer> done);
  void change(repeatable<edit_application, application_view> call, callback<kept_answer> done);
  void change(repeatable<delete_application, application_deleted> call, callback<kept_answer> done);
  /// Has as much patience as a report.
  void change(repeatable<upsert_directory, directory_upserted> call, callback<kept_answer> done);
  void change(repeatable<create_api_key, api_key_created> call, callback<kept_answer> done);
  void change(repeatable<edit_api_key, api_key_view> call, callback<kept_answer> done);
  void change(repeatable<revoke_api_key, api_key_revoked> call, callback<kept_answer> done);
  void change(repeatable<edit_user, user_view> call, callback<kept_answer> done);
  void change(repeatable<remove_user, user_removed> call, callback<kept_answer> done);
  void change(repeatable<create_tenant, tenant_created> call, callback<kept_answer> done);
  void change(repeatable<edit_tenant, tenant_view> call, callback<kept_answer> done);
  void find(entity_query query, callback<entity_view> done);
  void find(application_query query, callback<application_view> done);
  void find(api_key_query query, callback<api_key_view> done);
  void find(user_query query, callback<user_view> done);
  void find(tenant_query query, callback<tenant_view> done);
  /// For what is not there any more, and may have been.
  void find(kept_answer_query query, callback<kept_answer> done);
  void list(list_entities query, callback<entity_page> done);
  void list(list_applications query, callback<application_page> done);
  void list(read_directory query, callback<directory_page> done);
  void list(list_api_keys query, callback<api_key_page> done);
  void list(list_users query, callback<user_page> done);
  void list(list_tenants query, callback<tenant_page> done);
  // Invitations.
  void change(invitation_call call, callback<invitation_answer> done);
  void find(preview_invitation query, callback<invitation_preview> done);
  void find(invitation_query query, callback<invitation_view> done);
  void find(invitation_figures_query query, callback<invitation_figures> done);
  void list(list_invitations query, callback<invitation_page> done);
  void list(list_own_invitations query, callback<invitation_page> done);
  void list(list_activities query, callback<activity_page> done);
  /// Nobody waits for it.
  void note(api_key_used used);

  const directory_view& tenants() const;
  /// Brings the directory up to date, and with it the tenant in question. False: the database could not be
  /// asked.
  void refresh_directory(directory_question question, std::function<void(bool)> done);

private:
  friend class notification_gateway;
  friend class payments_gateway;
  class implementation;
  class allocating;
  class buying;
  class holding;
  class refunding;
  class removing;
  template <class Command, class Accepted, class Receipt> class bringing;
  std::unique_ptr<implementation> implementation_;
};

} // namespace tessera::http
