// The second wall (contract 2 `tenancy`; reliability 5, rows 83 and 84): whatever a store function is told,
// in a transaction of one tenant it sees and changes nothing of another; and the roles can do nothing beyond.
#include "actors/domain/fraud_rules.hpp"
#include "persistence/stores/access_layer_store.hpp"
#include "persistence/stores/account_token_store.hpp"
#include "persistence/stores/alert_store.hpp"
#include "persistence/stores/allocation_store.hpp"
#include "persistence/stores/answer_store.hpp"
#include "persistence/stores/application_store.hpp"
#include "persistence/stores/authority_store.hpp"
#include "persistence/stores/auto_topup_store.hpp"
#include "persistence/stores/call_keys.hpp"
#include "persistence/stores/change_store.hpp"
#include "persistence/stores/directory_upsert_store.hpp"
#include "persistence/stores/entity_store.hpp"
#include "persistence/stores/entry_streams.hpp"
#include "persistence/stores/fraud_store.hpp"
#include "persistence/stores/grant_store.hpp"
#include "persistence/stores/history_store.hpp"
#include "persistence/stores/hold_store.hpp"
#include "persistence/stores/inbox_store.hpp"
#include "persistence/stores/invitation_figures_store.hpp"
#include "persistence/stores/invitation_job_store.hpp"
#include "persistence/stores/invitation_list_store.hpp"
#include "persistence/stores/invitation_rows.hpp"
#include "persistence/stores/invitation_sends_store.hpp"
#include "persistence/stores/invitation_store.hpp"
#include "persistence/stores/invitee_store.hpp"
#include "persistence/stores/key_store.hpp"
#include "persistence/stores/ledger_applications.hpp"
#include "persistence/stores/link_store.hpp"
#include "persistence/stores/migrator.hpp"
#include "persistence/stores/new_users.hpp"
#include "persistence/stores/notification_view_store.hpp"
#include "persistence/stores/outbox_store.hpp"
#include "persistence/stores/package_store.hpp"
#include "persistence/stores/payment_method_store.hpp"
#include "persistence/stores/payment_store.hpp"
#include "persistence/stores/pg_account_store.hpp"
#include "persistence/stores/pg_journal_store.hpp"
#include "persistence/stores/plan_store.hpp"
#include "persistence/stores/privacy_store.hpp"
#include "persistence/stores/provider_event_store.hpp"
#include "persistence/stores/purchase_store.hpp"
#include "persistence/stores/purchase_view_store.hpp"
#include "persistence/stores/reversal_facts_store.hpp"
#include "persistence/stores/reversal_store.hpp"
#include "persistence/stores/rollup_store.hpp"
#include "persistence/stores/session_store.hpp"
#include "persistence/stores/sms_store.hpp"
#include "persistence/stores/starter_credits_store.hpp"
#include "persistence/stores/suppression_store.hpp"
#include "persistence/stores/tenant_store.hpp"
#include "persistence/stores/transaction_store.hpp"
#include "persistence/stores/transactions_of_type.hpp"
#include "persistence/stores/usage_store.hpp"
#include "persistence/stores/validity_store.hpp"
#include "persistence/stores/webhook_store.hpp"
#include "persistence/stores/wording_store.hpp"
#include "tests/integration/directory_fixture.hpp"

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <regex>
#include <set>
#include <sstream>

namespace tessera::test {
namespace {

using persistence::append_status;

/// What a function has seen of the other tenant; nothing, and all is well.
using attempt = std::function<std::string(pg::transaction&)>;

std::string seen(bool anything) {
  return anything ? "something" : "";
}
std::string seen(errc answer) {
  return answer == errc::ok ? "ok" : "";
}
template <class T> std::string seen(const std::optional<T>& found) {
  return seen(found.has_value());
}
template <class T> std::string seen(const result<T>& found) {
  return seen(found.ok());
}

class RowSecurityTest : public DirectoryTest {
protected:
  RowSecurityTest() {
    make_directory();
    make_people();
    make_credits();
    make_invitations();
    make_wordings();
  }

  void make_directory() {
    EXPECT_EQ(create(org("a"), root()), errc::ok);
    EXPECT_EQ(create(loc("l"), org("a")), errc::ok);
    account = account_of(org("a"));
    place = account_of(loc("l"));
    change<application_created>(create_application{tenant.id, "crm", "CRM"}, key);
    change<api_key_created>(create_api_key{tenant.id, "key", {"credits:read"}, {}, "crm", {}, {}});
    key_id = ask<api_key_page>(list_api_keys{tenant.id, whole_tenant, 10, {}})->keys.at(0).id;
  }
  void make_people() {
    user("boss", user_role::tenant_admin);
    edit_user command;
    command.tenant = tenant.id;
    command.id = user("usr-1", user_role::user);
    command.assignments = {{place, loc("l"), entity_role::viewer}};
    command.applications = {"crm"};
    EXPECT_EQ(change<user_view>(command).code(), errc::ok);
  }
  /// A purchase that waits in the inbox, a spend, a hold, and an allocation.
  void make_credits() {
    package.id = "small";
    package.name = "Small";
    package.amount = credits{10};
    package.currency = "EUR";
    package.validity_days = 30;
    in_transaction(api, tenant.id, [&](auto& in) {
      return persistence::create_package(in, tenant.id, package);
    });
    order.tenant = tenant.id;
    order.account = account;
    order.package_id = package.id;
    order.payment_method = "test";
    purchase_id = ask<purchase_accepted>(order)->purchase_id;

    persistence::pg_account_store accounts(service_url(database_name()), "test-accounts", patience);
    const account_id wanted[] = {account};
    ledger_author author(accounts.load(wanted).at(0));
    persistence::pg_journal_store store(service_url(database_name()), test_writer, patience);
    const auto append = [&](const write_set& writes) {
      const write_set* round[] = {&writes};
      EXPECT_EQ(store.append(round).status, append_status::committed);
    };
    append(author.receive(a_lot(fresh_number(), 100)));
    append(author.spend(7));
    spent = {account, author.account().seq};
    append(author.reverse(spent.seq, 2));
    append(author.hold(3, std::chrono::hours(1)));
    hold = {account, author.account().seq};
    const auto allocated = author.allocate({{place, credits{5}, fresh<inbox_id>()}});
    append(allocated);
    allocation_id = allocated.sent.front().reference;
    gift.tenant = tenant.id;
    gift.account = account;
    gift.amount = credits{4};
    grant_id = ask<grant_accepted>(gift)->grant_id;
    in_transaction(api, tenant.id, [&](auto& in) {
      persistence::keep_customer(in, tenant.id, account, customer, "");
      saved_method method;
      method.method_id = method_id;
      method.is_default = true;
      persistence::keep_method(in, tenant.id, account, method);
      own_refund refund;
      refund.refund_id = refund_id;
      refund.units = credits{1};
      refund.state = "recalling";
      persistence::insert_refund(in, payment(tenant.id), refund, {});
      persistence::save_auto_topup(in, topup(tenant.id));
      persistence::save_fraud_rules(in, rules(tenant.id), rules(tenant.id).rules);
      persistence::insert_flag(in, order, package, flag_id, purchase_id, {}, "open");
      return true;
    });
  }
  /// Wherever the balance is.
  set_auto_topup topup(const tenant_id& of) const {
    set_auto_topup set;
    set.tenant = of;
    set.account = account;
    set.terms = {true, credits{credits::limit}, package.id, 1, 1, 1};
    return set;
  }
  static set_fraud_rules rules(const tenant_id& of) {
    return {of, {{fraud_rule_kind::chargebacks, fraud_action::hold, 1}}, {}, {}};
  }
  persistence::due_period month() const {
    return {"starter", account, start_of_test, start_of_test + std::chrono::hours(24), start_of_test, false};
  }

  create_invitation invitation_to(const tenant_id& of, const std::string& email) const {
    create_invitation asked;
    asked.tenant = of;
    asked.email = asked.email_key = email;
    asked.origin.by.by = {principal_kind::user, "boss", ""};
    return asked;
  }
  /// One that is looked at with a link, and one that is over.
  void make_invitations() {
    in_transaction(api, tenant.id, [&](auto& in) {
      const auto& of = tenant.id;
      const auto asked = invitation_to(of, address);
      persistence::insert_invitation(in, asked, address, address, "inv-1", in_a_day());
      persistence::write_grants(in, of, "inv-1", address, offered());
      persistence::keep_token(in, of, "inv-1", link, invitation_channel::direct_link, 1);
      persistence::note_activity(in, of, "inv-1", "created", asked.origin);
      const auto late = invitation_to(of, "late@example.com");
      persistence::insert_invitation(
          in, late, late.email_key, late.email_key, "inv-2", time.now() - std::chrono::hours(1)
      );
      persistence::write_profile(in, of, "usr-1", "", "", "", true); // the address is theirs
      persistence::note_terms(in, of, "usr-1", terms_version, {}, "inv-1");
      const auto attached = fresh<inbox_id>();
      persistence::reserve(in, of, starting("inv-1", attached), {});
      persistence::reservation held;
      held.id = attached;
      held.invitation = "inv-1";
      persistence::attach(in, of, "inv-1", held);
      auto asked_for = starting("inv-8", reserved);
      asked_for.key = key;
      persistence::reserve(in, of, asked_for, {});
      persistence::insert_job(in, of, job_of(of));
      invitation_link for_many;
      for_many.id = "lnk-1";
      for_many.grants = offered();
      for_many.most_uses = 9;
      for_many.expires_at = in_a_day();
      persistence::insert_link(in, of, for_many, joined_by);
      persistence::write_link(in, of, "inv-1", "lnk-1");
      persistence::note_layers(in, of, "usr-1", offered(), "inv-1", true);
      return true;
    });
  }
  word_template worded(const tenant_id& of) const {
    return {
        of, {"creditLow", notification_channel::email, "en"}, wording{"Low", "<p>Low</p>", "Low"}, {}, {}};
  }
  /// What the tenant says in its own words, when it hears of balances, and to whom it sends nothing.
  void make_wordings() {
    suppressed = in_transaction(api, tenant.id, [&](auto& in) {
      persistence::set_alert_settings(in, {tenant.id, account, {{{credits{5}, 0}}, {3}, 0}, {}, {}});
      persistence::insert_wording(in, worded(tenant.id), 1);
      add_suppression nobody;
      nobody.tenant = tenant.id;
      nobody.recipient_masked = "n***";
      return persistence::insert_suppression(in, nobody).id;
    });
  }
  /// Of one row, to the location.
  submit_invitations job_of(const tenant_id& of) const {
    submit_invitations job;
    job.id = "job-1";
    job.rows.resize(1);
    job.rows.front().email = address;
    job.rows.front().wanted = invitation_to(of, address);
    job.rows.front().wanted.grants = offered();
    return job;
  }
  persistence::new_reservation starting(const std::string& invitation, const inbox_id& id) const {
    return {id, invitation, {account, org("a"), place, loc("l"), credits{1}}, in_a_day(), in_a_day(), {}};
  }
  time_point in_a_day() const { return time.now() + std::chrono::hours(24); }
  invitation_grant offered() const {
    return {user_role::user, {{place, loc("l"), entity_role::viewer}}, {"crm"}};
  }
  static digest fresh_digest() {
    const auto number = fresh_number();
    digest made{};
    for (std::size_t i = 0; i < sizeof(number); ++i)
      made[i] = static_cast<std::uint8_t>(number >> (8 * i));
    return made;
  }

  payment_record payment(const tenant_id& ours) const {
    payment_record record;
    record.purchase_id = purchase_id;
    record.tenant = ours;
    record.account = account;
    record.status = "pending";
    record.bought = credits{10};
    record.currency = "EUR";
    record.validity_days = 30;
    return record;
  }

  /// Every row of the tenant, in every table that has tenants; in one question, for it is asked after each
  /// attempt.
  std::string rows_of_tenant() {
    const auto tables = owner.execute(
        "SELECT table_name::text FROM information_schema.columns WHERE column_name = 'tenant_id'"
        " AND table_schema = 'public' ORDER BY table_name",
        patience
    );
    std::string each;
    for (int i = 0; i < tables.size(); ++i) {
      const auto table = tables.text(i, 0);
      each += (i > 0 ? " UNION ALL SELECT '" : "SELECT '") + table +
              " ' || coalesce(md5(string_agg(t::text, ' ' ORDER BY t::text)), '') AS x FROM " + table +
              " t WHERE tenant_id = '" + to_string(tenant.id) + "'";
    }
    return postgres_cluster::shared().query(
        database_name(), "SELECT string_agg(x, E'\\n' ORDER BY x) FROM (" + each + ") AS tables"
    );
  }

  /// Rows of one tenant that name an entity, an application or a user of another.
  std::int64_t mixed_rows() {
    return owner
        .execute(
            "SELECT (SELECT count(*) FROM entities e JOIN ("
            " SELECT tenant_id, parent_account AS account_id FROM entities"
            " UNION ALL SELECT tenant_id, account_id FROM memberships"
            " UNION ALL SELECT tenant_id, bound_account FROM api_keys"
            " UNION ALL SELECT tenant_id, account_id FROM invitation_assignments"
            " UNION ALL SELECT tenant_id, account_id FROM invitation_job_assignments"
            " UNION ALL SELECT tenant_id, account_id FROM invitation_link_assignments"
            " UNION ALL SELECT tenant_id, from_account_id FROM invitation_starter_credits"
            " UNION ALL SELECT tenant_id, to_account_id FROM invitation_starter_credits"
            " UNION ALL SELECT tenant_id, account_id FROM credit_inbox"
            " UNION ALL SELECT tenant_id, to_account_id FROM credit_inbox"
            " UNION ALL SELECT tenant_id, sender_account_id FROM credit_inbox"
            " UNION ALL SELECT tenant_id, account_id FROM credit_reversals"
            " UNION ALL SELECT tenant_id, account_id FROM credit_purchases"
            " UNION ALL SELECT tenant_id, account_id FROM auto_topups"
            " UNION ALL SELECT tenant_id, account_id FROM fraud_flags"
            " UNION ALL SELECT tenant_id, account_id FROM credit_balances"
            " UNION ALL SELECT tenant_id, account_id FROM credit_entries) x USING (account_id)"
            " WHERE x.tenant_id <> e.tenant_id)"
            " + (SELECT count(*) FROM invitation_applications x WHERE NOT EXISTS (SELECT FROM applications a"
            "  WHERE a.tenant_id = x.tenant_id AND a.application_id = x.application_id))"
            " + (SELECT count(*) FROM invitation_link_applications x WHERE NOT EXISTS (SELECT FROM "
            "applications a"
            "  WHERE a.tenant_id = x.tenant_id AND a.application_id = x.application_id))"
            " + (SELECT count(*) FROM terms_acceptances x WHERE NOT EXISTS (SELECT FROM users u"
            "  WHERE u.tenant_id = x.tenant_id AND u.user_id = x.user_id))",
            patience
        )
        .int8(0, 0);
  }

  list_transactions ledger(const tenant_id& of) const {
    list_transactions query;
    query.of = {of, {{account, true}}};
    query.applications = {{"crm"}, true};
    return query;
  }

  std::map<std::string, attempt> attempts(const tenant_id& ours);
  std::map<std::string, attempt> attempts_at_invitations(const tenant_id& ours);

  account_id account; // of the organisation
  account_id place;   // of the location below it
  std::string key_id;
  credit_package package;
  purchase_credits order;
  std::string purchase_id;
  std::string allocation_id;
  uuid suppressed;
  entry_place hold;
  entry_place spent;
  grant_credits gift;
  std::string grant_id;
  const idempotency_key key = a_key(fresh_number());
  // Each is unique in the whole database.
  const std::string external = std::to_string(fresh_number());
  const std::string customer = "cus_" + external;
  const std::string method_id = "pm_" + external;
  const std::string event_id = "evt_" + external;
  const std::string refund_id = "ref-" + external;
  const std::string flag_id = "flag-" + external;
  const digest link = fresh_digest();              // of inv-1
  const digest joined_by = fresh_digest();         // of the link for many
  const inbox_id reserved = fresh<inbox_id>();     // for inv-8
  const std::string address = "usr-1@example.com"; // whom inv-1 is to
};

/// Each store function, told to work on what this test has made, as if it were that tenant's.
std::map<std::string, attempt> RowSecurityTest::attempts(const tenant_id& ours) {
  auto bought = order;
  bought.tenant = ours;
  auto given = gift;
  given.tenant = ours;
  instruction asked;
  asked.id = fresh<inbox_id>();
  asked.account = account;
  asked.kind = inbox_kind::recall;
  asked.wanted = credits{5};
  asked.to = place;
  asked.carrier = fresh<inbox_id>();
  outbox_event told;
  told.id = fresh<inbox_id>().value;
  told.tenant = ours;
  told.account = account;
  told.kind = "credits.purchased";
  told.facts = {{"requestedBy", "usr-1"}, {"userId", "usr-1"}, {"invitationId", "inv-1"}};
  persistence::new_account_token token;
  token.id = fresh<inbox_id>().value;
  token.tenant = ours;
  token.user = "usr-1";
  create_webhook_endpoint hook;
  hook.tenant = ours;
  hook.endpoint.id = "whe-1";
  hook.endpoint.url = "https://example.com/";
  hook.endpoint.events = {"*"};
  edit_webhook_endpoint changed_hook;
  changed_hook.tenant = ours;
  changed_hook.id = "whe-1";
  list_notifications all_told;
  all_told.tenant = ours;
  const auto nothing = [](auto&&...) { return std::string(); };
  entity_view entity;
  entity.account = account;
  entity.name = "stolen";
  user_view person;
  person.id = "usr-1";
  person.role = user_role::tenant_admin;
  tenant_view settings;
  settings.tenant = ours;
  settings.name = "stolen";
  api_key_view stolen_key;
  stolen_key.id = key_id;
  tessera::create_tenant fresh_tenant;
  fresh_tenant.tenant = ours;
  fresh_tenant.id = "stolen";
  new_user intruder;
  intruder.id = "usr-9";
  intruder.email = intruder.email_key = "intruder@example.com";
  const persistence::new_account opened{fresh<account_id>(), start_of_test, test_writer, {}};
  namespace p = persistence;
  auto every = attempts_at_invitations(ours);
  every.merge(std::map<std::string, attempt>{
      {"allocation_of",
       [=, this](auto& in) {
         return seen(p::allocation_of(in, {ours, allocation_id, {}, {}}));
       }},
      {"allocations_of",
       [=, this](auto& in) {
         list_allocations query;
         query.tenant = ours;
         return seen(!p::allocations_of(in, query).allocations.empty());
       }},
      {"take_key",
       [=, this](auto& in) {
         const auto first = p::take_key(in, ours, key);
         return seen(first && first->ok());
       }},
      {"drop_key",
       [=, this](auto& in) {
         p::drop_key(in, key);
         return std::string();
       }},
      {"find_answer", [=, this](auto& in) { return seen(p::find_answer(in, key)); }},
      {"keep_answer",
       [=, this](auto& in) {
         return p::keep_answer(in, key, {200, "stolen", {}, false}), "";
       }},
      {"find_application",
       [=, this](auto& in) {
         return seen(p::find_application(in, {ours, "crm"}));
       }},
      {"applications_of",
       [=, this](auto& in) {
         return seen(!p::applications_of(in, {ours, {}, 10, {}}).applications.empty());
       }},
      {"update_application",
       [=, this](auto& in) {
         return p::update_application(in, ours, {"crm", "stolen", {}, 1}), "";
       }},
      {"delete_application", [=, this](auto& in) { return p::delete_application(in, ours, "crm"), ""; }},
      {"lock_directory", [=, this](auto& in) { return p::lock_directory(in, ours), ""; }},
      {"await_directory", [=, this](auto& in) { return p::await_directory(in, ours), ""; }},
      {"note_change", [=, this](auto& in) { return p::note_change(in, ours, {}, "steal", "all"), ""; }},
      {"open_account", [=, this](auto& in) { return p::open_account(in, ours, opened), ""; }},
      {"create_entity",
       [=, this](auto& in) {
         return seen(p::create_entity(in, {ours, org("new"), "x", org("a")}, opened));
       }},
      {"create_application",
       [=, this](auto& in) {
         return seen(p::create_application(in, {ours, "new", "x"}));
       }},
      {"create_api_key",
       [=, this](auto& in) {
         return seen(p::create_api_key(in, ours, {"key-new", "x", {9, 8, 7}, {"credits:read"}, {}, {}, {}}));
       }},
      {"whole_directory",
       [=, this](auto& in) {
         const auto all = p::whole_directory(in, ours);
         return seen(!all.entities.empty() || !all.applications.empty());
       }},
      {"directory_of",
       [=, this](auto& in) {
         const auto page = p::directory_of(in, {ours, whole_tenant, {}, 10, {}});
         return seen(page.version != 0 || !page.entities.empty() || !page.applications.empty());
       }},
      {"insert_entities",
       [=, this](auto& in) {
         return p::insert_entities(in, ours, {{opened.account, org("new"), "x", account}}, {opened}), "";
       }},
      {"update_entities",
       [=, this](auto& in) {
         return p::update_entities(in, ours, {{account, org("a"), "stolen", tenant.genesis.account}}), "";
       }},
      {"insert_applications",
       [=, this](auto& in) {
         return p::insert_applications(in, ours, {{"new", "x"}}), "";
       }},
      {"rename_applications",
       [=, this](auto& in) {
         return p::rename_applications(in, ours, {{"crm", "x"}}), "";
       }},
      {"find_entity",
       [=, this](auto& in) {
         return seen(p::find_entity(in, {ours, org("a")}));
       }},
      {"entities_of",
       [=, this](auto& in) {
         return seen(
             !p::entities_of(in, {ours, entity_type::organization, whole_tenant, {}, 10, {}}).entities.empty()
         );
       }},
      {"path_to_root", [=, this](auto& in) { return seen(!p::path_to_root(in, ours, place).empty()); }},
      {"update_entity",
       [=, this](auto& in) { return p::update_entity(in, ours, entity, tenant.genesis.account), ""; }},
      {"why_not_deletable",
       [=, this](auto& in) { return seen(p::why_not_deletable(in, ours, place) != errc::entity_unknown); }},
      {"delete_entity", [=, this](auto& in) { return p::delete_entity(in, ours, place), ""; }},
      {"hold_entity", [=, this](auto& in) { return seen(p::hold_entity(in, ours, place)); }},
      {"open_streams",
       [=, this](auto& in) { return seen(!p::open_streams(in, ledger(ours)).streams.empty()); }},
      {"scan",
       [=, this](auto& in) {
         return seen(!p::scan(in, ledger(ours), {{account, 0, 10}}).empty());
       }},
      {"kept_snapshot_at",
       [=, this](auto& in) { return seen(p::kept_snapshot_at(in, account, time.now())); }},
      {"events_after", [=, this](auto& in) { return seen(!p::events_after(in, account, {}, 10).empty()); }},
      {"find_hold",
       [=, this](auto& in) {
         return seen(p::find_hold(in, {ours, hold, {}, {}}, time.now()));
       }},
      {"holds_of",
       [=, this](auto& in) { return seen(!p::holds_of(in, {ledger(ours)}, time.now()).holds.empty()); }},
      {"find_api_key",
       [=, this](auto& in) {
         return seen(p::find_api_key(in, {ours, whole_tenant, key_id}));
       }},
      {"api_keys_of",
       [=, this](auto& in) {
         return seen(!p::api_keys_of(in, {ours, whole_tenant, 10, {}}).keys.empty());
       }},
      {"update_api_key", [=, this](auto& in) { return p::update_api_key(in, ours, stolen_key), ""; }},
      {"revoke_api_key", [=, this](auto& in) { return p::revoke_api_key(in, ours, key_id), ""; }},
      {"note_key_use",
       [=, this](auto& in) {
         return p::note_key_use(in, {ours, key_id}), "";
       }},
      {"packages_of",
       [=, this](auto& in) {
         return seen(!p::packages_of(in, {ours, package_filter::all}).packages.empty());
       }},
      {"find_package",
       [=, this](auto& in) { return seen(p::find_package(in, ours, "small", p::row_lock::for_update)); }},
      {"create_package",
       [=, this](auto& in) {
         auto another = package;
         another.id = "new";
         return seen(p::create_package(in, ours, another));
       }},
      {"update_package",
       [=, this](auto& in) {
         auto cheaper = package;
         cheaper.price_minor = 0;
         cheaper.name = "stolen";
         return p::update_package(in, ours, cheaper), "";
       }},
      {"purchase",
       [=, this](auto& in) {
         return seen(p::purchase(in, bought, {"pur-new", fresh<inbox_id>(), fresh<lot_id>()}));
       }},
      {"receipt_of",
       [=, this](auto& in) {
         return seen(p::receipt_of(in, {ours, purchase_id}));
       }},
      {"purchase_of",
       [=, this](auto& in) {
         find_purchase query;
         query.tenant = ours;
         query.purchase_id = purchase_id;
         return seen(p::purchase_of(in, query));
       }},
      {"purchases_of",
       [=, this](auto& in) {
         list_purchases query;
         query.tenant = ours;
         query.limit = 10;
         return seen(!p::purchases_of(in, query).purchases.empty());
       }},
      {"begin_call",
       [=, this](auto& in) {
         const auto first = p::begin_call(in, ours, a_key(fresh_number()));
         return seen(first && !*first);
       }},
      {"finish_call", [=, this](auto& in) { return p::finish_call(in, key, "stolen"), ""; }},
      {"leave", [=, this](auto& in) { return p::leave(in, ours, asked), "left"; }},
      {"outcome_of",
       [=, this](auto& in) {
         return seen(p::outcome_of(in, ours, inbox_id{*uuid::parse(grant_id.substr(6))}));
       }},
      {"grant",
       [=, this](auto& in) {
         return seen(p::grant(in, given, {fresh<inbox_id>(), fresh<lot_id>()}));
       }},
      {"receipt_of_grant",
       [=, this](auto& in) {
         return seen(p::receipt_of_grant(in, {ours, grant_id}));
       }},
      {"find_reversible",
       [=, this](auto& in) {
         return seen(p::find_reversible(in, {ours, spent, {}, {}}));
       }},
      {"find_validity",
       [=, this](auto& in) {
         return seen(p::find_validity(in, {ours, 30}));
       }},
      {"rollup_of",
       [=, this](auto& in) {
         const auto sums = p::rollup_of(in, {ours, account}, time.now());
         return seen(!(sums.own == balances{}) || sums.descendant_count > 0);
       }},
      {"insert_tenant", [=, this](auto& in) { return seen(p::insert_tenant(in, fresh_tenant)); }},
      {"insert_tenant_entity",
       [=, this](auto& in) { return p::insert_tenant_entity(in, fresh_tenant, opened.account), ""; }},
      {"find_tenant", [=, this](auto& in) { return seen(p::find_tenant(in, ours)); }},
      {"tenants_of", nothing}, // the operator's: the one read across tenants, see TenantChangesTest
      {"update_tenant", [=, this](auto& in) { return p::update_tenant(in, settings), ""; }},
      {"is_timezone", nothing}, // asks about no tenant
      {"transactions_of",
       [=, this](auto& in) { return seen(!p::transactions_of(in, ledger(ours)).transactions.empty()); }},
      {"transactions_of_type",
       [=, this](auto& in) {
         auto query = ledger(ours);
         query.type = entry_type::allocate_out;
         return seen(!p::transactions_of_type(in, query).transactions.empty());
       }},
      {"usage_of",
       [=, this](auto& in) {
         usage_query query;
         query.of = {ours, {{account, true}}};
         query.applications = {{"crm"}, true};
         query.by_application = true;
         return seen(!p::usage_of(in, query).buckets.empty());
       }},
      {"create_user", [=, this](auto& in) { return seen(p::create_user(in, ours, intruder)); }},
      {"find_user",
       [=, this](auto& in) {
         return seen(p::find_user(in, {ours, whole_tenant, "usr-1"}));
       }},
      {"users_of",
       [=, this](auto& in) {
         return seen(!p::users_of(in, {ours, whole_tenant, {}, {}, 10, {}}).users.empty());
       }},
      {"update_user", [=, this](auto& in) { return p::update_user(in, ours, person, true), ""; }},
      {"remove_user", [=, this](auto& in) { return p::remove_user(in, ours, "usr-1"), ""; }},
      {"has_tenant_admin", [=, this](auto& in) { return seen(p::has_tenant_admin(in, ours)); }},
      {"candidate", nothing},     // whoever signs in is of no tenant yet, see SessionStoreTest
      {"renew_session", nothing}, // likewise: the token says which
      {"open_session",
       [=, this](auto& in) {
         const tessera::open_session begin{ours, "usr-1", {{1}, std::chrono::hours(1)}, "", ""};
         return seen(
             p::open_session(in, begin, fresh<account_id>().value).what == session_opened::outcome::open
         );
       }},
      {"end_session",
       [=, this](auto& in) {
         return seen(p::end_session(in, {ours, fresh<account_id>().value, {}}).ended);
       }},
      {"profile_of", [=, this](auto& in) { return seen(!p::profile_of(in, ours, "usr-1").user.empty()); }},
      {"link_identity",
       [=, this](auto& in) {
         return seen(!p::link_identity(in, {ours, "issuer", "subject", "usr-1@example.com"}).user.empty());
       }},
      {"create_user_with_access",
       [=, this](auto& in) {
         return seen(p::create_user_with_access(in, ours, {intruder, {}, {"crm"}}));
       }},
      {"set_password",
       [=, this](auto& in) {
         return seen(!p::set_password(in, ours, "usr-1@example.com", "stolen").empty());
       }},
      {"names_of",
       [=, this](auto& in) {
         return seen(!p::names_of(in, ours, {{}, true}).empty());
       }},
      {"hold_payment",
       [=, this](auto& in) { return seen(p::hold_payment(in, ours, purchase_id).has_value()); }},
      {"save_payment",
       [=, this](auto& in) {
         p::save_payment(in, payment(ours));
         return std::string();
       }},
      {"settle_payment",
       [=, this](auto& in) {
         p::settle_payment(in, payment(ours), fresh<inbox_id>(), fresh<lot_id>());
         return std::string();
       }},
      {"check_payment_again",
       [=, this](auto& in) {
         p::check_payment_again(in, purchase_id, std::chrono::milliseconds(1));
         return std::string();
       }},
      {"name_of_tenant", [=](auto& in) { return seen(!p::name_of_tenant(in, ours).empty()); }},
      {"claim_payments",
       [=](auto& in) { return seen(!p::claim_payments(in, 10, std::chrono::milliseconds(1)).empty()); }},
      {"payment_home",
       [=, this](auto& in) {
         payment_news news;
         news.purchase_id = purchase_id;
         return seen(!p::payment_home(in, news).empty());
       }},
      {"save_auto_topup",
       [=, this](auto& in) {
         p::save_auto_topup(in, topup(ours));
         return std::string();
       }},
      {"find_auto_topup",
       [=, this](auto& in) {
         return seen(p::find_auto_topup(in, {ours, account, org("a")}).version != 0);
       }},
      {"hold_due_auto_topup",
       [=, this](auto& in) { return seen(p::hold_due_auto_topup(in, ours, account).has_value()); }},
      {"note_auto_topup",
       [=, this](auto& in) {
         p::note_auto_topup(in, account, purchase_id);
         return std::string();
       }},
      {"hold_topup_waiting_for",
       [=, this](auto& in) {
         p::note_auto_topup(in, account, purchase_id);
         return seen(p::hold_topup_waiting_for(in, payment(ours)));
       }},
      {"pause_auto_topup",
       [=, this](auto& in) {
         p::pause_auto_topup(in, account, "day");
         return std::string();
       }},
      {"auto_topup_paid",
       [=, this](auto& in) {
         p::auto_topup_paid(in, payment(ours), std::chrono::seconds(1));
         return std::string();
       }},
      {"auto_topup_failed",
       [=, this](auto& in) {
         p::auto_topup_failed(in, payment(ours), std::chrono::seconds(1), 1);
         return std::string();
       }},
      {"end_auto_topup",
       [=, this](auto& in) {
         p::end_auto_topup(in, payment(ours), "review", "looked at");
         return std::string();
       }},
      {"end_auto_topup_of_disputed",
       [=, this](auto& in) {
         p::end_auto_topup_of_disputed(in, account);
         return std::string();
       }},
      {"accounts_to_top_up", [=](auto& in) { return seen(!p::accounts_to_top_up(in, 10).empty()); }},
      {"fraud_rules_of", [=](auto& in) { return seen(p::fraud_rules_of(in, ours).version != 0); }},
      {"hold_fraud_rules", [=](auto& in) { return seen(p::hold_fraud_rules(in, ours).version != 0); }},
      {"save_fraud_rules",
       [=](auto& in) {
         p::save_fraud_rules(in, rules(ours), {});
         return std::string();
       }},
      {"take_turns_buying",
       [=, this](auto& in) {
         auto asked = order;
         asked.tenant = ours;
         p::take_turns_buying(in, asked, rules(ours).rules);
         return std::string();
       }},
      {"history_of",
       [=, this](auto& in) {
         auto asked = order;
         asked.tenant = ours;
         return seen(p::history_of(in, asked, package, default_fraud_rules()).purchases_last_hour != 0);
       }},
      {"insert_flag",
       [=, this](auto& in) {
         auto asked = order;
         asked.tenant = ours;
         p::insert_flag(in, asked, package, flag_id + "x", purchase_id, {}, "open");
         return std::string();
       }},
      {"find_flag", [=, this](auto& in) { return seen(p::find_flag(in, ours, flag_id).has_value()); }},
      {"hold_flag", [=, this](auto& in) { return seen(p::hold_flag(in, ours, flag_id).has_value()); }},
      {"flags_of",
       [=](auto& in) {
         list_fraud_flags all;
         all.tenant = ours;
         return seen(!p::flags_of(in, all).flags.empty());
       }},
      {"decide_flags",
       [=, this](auto& in) {
         p::decide_flags(in, {ours, flag_id, true, "", {}}, purchase_id);
         return std::string();
       }},
      {"release_purchase",
       [=, this](auto& in) { return seen(p::release_purchase(in, purchase_id, true)); }},
      {"forget_page",
       [=, this](auto& in) {
         p::forget_page(in, purchase_id);
         return std::string();
       }},
      {"order",
       [=, this](auto& in) {
         auto asked = order;
         asked.tenant = ours;
         return seen(p::order(in, asked, "pur-of-nobody", package, "plan") == p::order_outcome::ordered);
       }},
      {"plan_usage_of", [=](auto& in) { return seen(!p::plan_usage_of(in, ours).plan.empty()); }},
      {"plan_standing_of", [=](auto& in) { return seen(!p::plan_standing_of(in, ours).plan.empty()); }},
      {"hold_due_period", [=](auto& in) { return seen(p::hold_due_period(in, ours).has_value()); }},
      {"take_up_period",
       [=, this](auto& in) {
         p::take_up_period(in, ours, month());
         return std::string();
       }},
      {"grant_period",
       [=, this](auto& in) {
         p::grant_period(in, ours, month(), fresh<inbox_id>());
         return std::string();
       }},
      {"charge_period",
       [=, this](auto& in) {
         p::charge_period(in, ours, month(), purchase_id);
         return std::string();
       }},
      {"end_of_period", [=, this](auto& in) { return seen(p::end_of_period(in, payment(ours)).has_value()); }},
      {"period_paid",
       [=, this](auto& in) {
         p::period_paid(in, payment(ours));
         return std::string();
       }},
      {"period_unpaid",
       [=, this](auto& in) {
         p::period_unpaid(in, payment(ours), std::chrono::seconds(1), 1);
         return std::string();
       }},
      {"tenants_with_due_plans", [=](auto& in) { return seen(!p::tenants_with_due_plans(in, 10).empty()); }},
      {"paying_method",
       [=, this](auto& in) { return seen(p::paying_method(in, ours, account).has_value()); }},
      {"customer_of", [=, this](auto& in) { return seen(!p::customer_of(in, ours, account).empty()); }},
      {"keep_customer",
       [=, this](auto& in) {
         return seen(p::keep_customer(in, ours, account, customer, customer) == customer);
       }},
      {"keep_method",
       [=, this](auto& in) {
         p::keep_method(in, ours, account, {method_id + "x", customer, {}, "card", "visa", "4242", 1, 2030, false, {}});
         return std::string();
       }},
      {"keep_terms",
       [=, this](auto& in) {
         p::keep_terms(in, purchase_id, {method_id, customer, customer, "http://localhost"});
         return std::string();
       }},
      {"note_settler",
       [=, this](auto& in) {
         p::note_settler(in, {ours, purchase_id, "transfer", {}});
         return std::string();
       }},
      {"methods_of",
       [=, this](auto& in) {
         return seen(!p::methods_of(in, {ours, account}).methods.empty());
       }},
      {"find_method",
       [=, this](auto& in) {
         return seen(p::find_method(in, {ours, method_id}).has_value());
       }},
      {"forget_method",
       [=, this](auto& in) {
         p::forget_method(in, ours, method_id);
         return std::string();
       }},
      {"keep_event",
       [=, this](auto& in) {
         return seen(p::keep_event(in, {event_id + "x", "x", "{}", false}));
       }},
      {"find_waiting_event", [=, this](auto& in) { return seen(p::find_waiting_event(in, event_id).has_value()); }},
      {"claim_events",
       [=](auto& in) { return seen(!p::claim_events(in, 10, std::chrono::milliseconds(1)).empty()); }},
      {"give_event",
       [=, this](auto& in) {
         p::give_event(in, event_id, ours, purchase_id);
         return std::string();
       }},
      {"put_event_off",
       [=, this](auto& in) {
         p::put_event_off(in, event_id, std::chrono::milliseconds(1));
         return std::string();
       }},
      {"finish_event",
       [=, this](auto& in) {
         p::finish_event(in, event_id, "ignored");
         return std::string();
       }},
      {"events_read_until", [=](auto& in) { return seen(p::events_read_until(in).has_value()); }},
      {"keep_events_read_until",
       [=](auto& in) {
         p::keep_events_read_until(in, 1);
         return std::string();
       }},
      {"forget_old_events", [=](auto& in) { return seen(p::forget_old_events(in, 10) != 0); }},
      {"reversal_facts_of",
       [=, this](auto& in) { return seen(!p::reversal_facts_of(in, payment(ours)).refunds.empty()); }},
      {"root_lot_of", [=, this](auto& in) { return seen(p::root_lot_of(in, purchase_id).has_value()); }},
      {"holders_of", [=, this](auto& in) { return seen(!p::holders_of(in, payment(ours)).empty()); }},
      {"holds_opened",
       [=, this](auto& in) { return seen(!p::holds_opened(in, account, 1'000, credits{1}).empty()); }},
      {"insert_refund",
       [=, this](auto& in) {
         own_refund made;
         made.refund_id = refund_id + "x";
         made.units = credits{1};
         made.state = "recalling";
         p::insert_refund(in, payment(ours), made, {});
         return std::string();
       }},
      {"save_refund",
       [=, this](auto& in) {
         own_refund made;
         made.refund_id = refund_id;
         made.state = "failed";
         p::save_refund(in, made);
         return std::string();
       }},
      {"find_refund",
       [=, this](auto& in) {
         return seen(p::find_refund(in, {ours, refund_id}).has_value());
       }},
      {"save_seen",
       [=, this](auto& in) {
         p::save_seen(in, payment(ours), seen_refund{"re_" + external, "", 1, false});
         p::save_seen(in, payment(ours), seen_dispute{"dp_" + external, 1, dispute_phase::open});
         return std::string();
       }},
      {"instruct",
       [=, this](auto& in) {
         instruction asked;
         asked.id = fresh<inbox_id>();
         asked.account = account;
         asked.kind = inbox_kind::claw_back;
         asked.wanted = credits{1};
         p::instruct(in, payment(ours), "", "claw", asked);
         return std::string();
       }},
      {"give_back",
       [=, this](auto& in) {
         receive_credits asked;
         asked.id = fresh<inbox_id>();
         asked.account = account;
         asked.kind = inbox_kind::reinstatement;
         asked.lots = {a_lot(fresh_number(), 1)};
         p::give_back(in, payment(ours), "", asked);
         return std::string();
       }},
      {"end_of_purchase",
       [=, this](auto& in) { return seen(p::end_of_purchase(in, purchase_id).has_value()); }},
      {"set_status",
       [=, this](auto& in) {
         p::set_status(in, purchase_id, "refunded");
         return std::string();
       }},
      {"find_alert_settings",
       [=, this](auto& in) {
         return seen(p::find_alert_settings(in, {ours, account}).version != 0);
       }},
      {"set_alert_settings",
       [=, this](auto& in) {
         return seen(p::set_alert_settings(in, {ours, account, {}, {}, {}}));
       }},
      {"wordings_of", [=](auto& in) { return seen(!p::wordings_of(in, ours).empty()); }},
      {"last_wording", [=, this](auto& in) { return seen(p::last_wording(in, ours, worded(ours).place)); }},
      {"wording_versions",
       [=, this](auto& in) { return seen(!p::wording_versions(in, ours, worded(ours).place).empty()); }},
      {"nearest_wording",
       [=, this](auto& in) {
         const auto place = worded(ours).place;
         return seen(p::nearest_wording(in, ours, place, {place.locale}).has_value());
       }},
      {"end_pause", [=](auto& in) { return p::end_pause(in, ours, "whe-1"), ""; }},
      {"lock_wording", [=, this](auto& in) { return p::lock_wording(in, ours, worded(ours).place), ""; }},
      {"insert_wording",
       [=, this](auto& in) { return seen(p::insert_wording(in, worded(ours), 2).version != 0); }},
      {"insert_test_message", // of whichever tenant is in
       [=, this](auto& in) {
         p::insert_test_message(in, worded(ours).place, "nobody@example.com", {});
         return std::string();
       }},
      {"look_of", [=](auto& in) { return seen(!p::look_of(in, ours).organization.empty()); }},
      {"suppressions_of",
       [=](auto& in) {
         list_suppressions query;
         query.tenant = ours;
         return seen(!p::suppressions_of(in, query).suppressions.empty());
       }},
      {"insert_suppression",
       [=](auto& in) {
         add_suppression another;
         another.tenant = ours;
         another.recipient_sha256 = fresh_digest();
         return seen(!p::insert_suppression(in, another).channel.empty());
       }},
      {"delete_suppression",
       [=, this](auto& in) {
         return seen(p::delete_suppression(in, {ours, suppressed, {}}));
       }},
      // What the node does for all tenants needs another role: here the database says no.
      {"take_outbox",
       [=](auto& in) {
         p::take_outbox(in);
         return std::string();
       }},
      {"waiting_events", [=](auto& in) { return seen(!p::waiting_events(in, 10).empty()); }},
      {"notify", [=](auto& in) { return seen(p::notify(in, told, audience::account_holder, {}) != 0); }},
      {"add_invitation_facts",
       [=](auto& in) {
         auto about = told;
         return seen(p::add_invitation_facts(in, about));
       }},
      {"finish_events",
       [=](auto& in) {
         p::finish_events(in, {told.id});
         return std::string();
       }},
      {"forget_payload",
       [=](auto& in) {
         p::forget_payload(in, told.id);
         return std::string();
       }},
      {"notify_webhooks", [=](auto& in) { return seen(p::notify_webhooks(in, told) != 0); }},
      {"keep_token", // one of an account, and one of an invitation
       [=](auto& in) {
         if (const auto kept = seen(p::keep_token(in, token, 5)); !kept.empty()) return kept;
         p::keep_token(in, ours, "inv-1", fresh_digest(), invitation_channel::sms, 1);
         return std::string();
       }},
      {"holder_of_address",
       [=](auto& in) { return seen(p::holder_of_address(in, "nobody@example.com", "").has_value()); }},
      // What the provider of SMS tells is of no tenant: by ids that nothing has.
      {"find_sms", [=](auto& in) { return seen(p::find_sms(in, {uuid{}, "SM-nothing"})); }},
      {"conclude_sms",
       [=](auto& in) {
         p::conclude_sms(in, uuid{}, "SM-nothing", {});
         return std::string();
       }},
      {"suppress_recipient_of_sms",
       [=](auto& in) {
         p::suppress_recipient_of_sms(in, uuid{}, "bounce");
         return std::string();
       }},
      {"keep_wish",
       [=](auto& in) {
         p::keep_wish(in, {"+12025550123"}, "+12*******23");
         return std::string();
       }},
      {"tell_forgotten",
       [=](auto& in) {
         p::tell_forgotten(in, "nobody@example.com", "");
         return std::string();
       }},
      {"find_token",
       [=](auto& in) { return seen(p::find_token(in, {}).standing != token_standing::unknown); }},
      {"reset_password",
       [=](auto& in) { return seen(p::reset_password(in, {}).standing != token_standing::unknown); }},
      {"verify_email",
       [=](auto& in) { return seen(p::verify_email(in, {}).standing != token_standing::unknown); }},
      {"notifications_of",
       [=](auto& in) { return seen(!p::notifications_of(in, all_told).notifications.empty()); }},
      {"retry",
       [=](auto& in) {
         return seen(p::retry(in, {ours, told.id, {}, {}}).ok());
       }},
      {"webhook_endpoints_of",
       [=](auto& in) {
         return seen(!p::webhook_endpoints_of(in, {ours, 50, {}}).endpoints.empty());
       }},
      {"find_webhook_endpoint",
       [=](auto& in) {
         return seen(p::find_webhook_endpoint(in, {ours, "whe-1"}).ok());
       }},
      {"insert_webhook_endpoint", [=](auto& in) { return seen(p::insert_webhook_endpoint(in, hook).ok()); }},
      {"update_webhook_endpoint",
       [=](auto& in) { return seen(p::update_webhook_endpoint(in, changed_hook).ok()); }},
      {"rotate_secret",
       [=](auto& in) {
         return seen(p::rotate_secret(in, {ours, "whe-1", {}}).ok());
       }},
      {"remove_webhook_endpoint",
       [=](auto& in) {
         return seen(p::remove_webhook_endpoint(in, {ours, "whe-1", {}, {}}).ok());
       }},
      {"count_all_entities", [=, this](auto& in) { return seen(p::count_all_entities(in, ours) != 0); }},
      {"count_all_applications",
       [=, this](auto& in) { return seen(p::count_all_applications(in, ours) != 0); }},
      {"count_seats", [=, this](auto& in) { return seen(p::count_seats(in, ours) != 0); }},
      {"count_applications",
       [=, this](auto& in) { return seen(p::count_applications(in, ours, {"crm"}) != 0); }},
      {"count_entities", [=, this](auto& in) { return seen(p::count_entities(in, ours, {account}) != 0); }},
  });
  return every;
}

/// The same for those of invitations, and for what they ask of the directory and of people.
std::map<std::string, attempt> RowSecurityTest::attempts_at_invitations(const tenant_id& ours) {
  list_invitations all_invitations;
  all_invitations.tenant = ours;
  const auto invited = invitation_to(ours, "thief@example.com");
  const std::string id = "inv-1";
  const auto end = in_a_day();
  const send_limit often{"often", 10, std::chrono::seconds(86'400)};
  namespace p = persistence;
  return {
      {"authority_rows",
       [=, this](auto& in) {
         const auto found =
             p::authority_rows(in, ours, {principal_kind::user, "usr-1", ""}, {account, place});
         return seen(
             !found.id.empty() || !found.applications.empty() || !found.users.empty() || found.tree.root() ||
             found.tree.find(place)
         );
       }},
      {"keep_directory",
       [=](auto& in) {
         p::keep_directory(in, ours);
         return std::string();
       }},
      {"figures_of",
       [=](auto& in) {
         const auto figures = p::figures_of(in, {all_invitations});
         return seen(figures.created != 0 || !figures.parts.empty());
       }},
      {"invitations_of",
       [=](auto& in) {
         const auto page = p::invitations_of(in, all_invitations);
         const auto counted = [](std::int64_t some) { return some != 0; };
         return seen(!page.invitations.empty() || std::ranges::any_of(page.counts, counted));
       }},
      {"invitations_to",
       [=](auto& in) {
         return seen(!p::invitations_to(in, {ours, "usr-1"}).invitations.empty());
       }},
      {"activities_of",
       [=](auto& in) {
         return seen(!p::activities_of(in, {ours, id, 50, {}}).activities.empty());
       }},
      {"read_invitation_assignments",
       [=](auto& in) {
         std::vector<invitation_view> invitations(1);
         invitations.front().id = id;
         p::read_invitation_assignments(in, ours, invitations);
         return seen(!invitations.front().grants.assignments.empty());
       }},
      {"lock_person", // a name that all tenants could lock; no row
       [=, this](auto& in) {
         p::lock_person(in, ours, address);
         return std::string();
       }},
      {"insert_invitation",
       [=](auto& in) {
         p::insert_invitation(in, invited, invited.email_key, invited.email_key, "inv-9", end);
         return std::string();
       }},
      {"write_grants",
       [=, this](auto& in) {
         p::write_grants(in, ours, id, invited.email_key, offered());
         return std::string();
       }},
      {"lock_invitation", [=](auto& in) { return seen(p::lock_invitation(in, ours, id)); }},
      {"find_invitation", [=](auto& in) { return seen(p::find_invitation(in, ours, id)); }},
      {"address_of", [=](auto& in) { return seen(!p::address_of(in, ours, id).empty()); }},
      {"pending_for",
       [=, this](auto& in) { return seen(!p::pending_for(in, ours, address, {place}).empty()); }},
      {"count_pending", [=, this](auto& in) { return seen(p::count_pending(in, ours, address, "") != 0); }},
      {"count_all_pending", [=](auto& in) { return seen(p::count_all_pending(in, ours) != 0); }},
      {"sends_by",
       [=](auto& in) {
         return seen(p::sends_by(in, ours, {principal_kind::user, "boss", ""}, often).count != 0);
       }},
      {"sends_of", [=](auto& in) { return seen(p::sends_of(in, ours, often).count != 0); }},
      {"invitations_sent_to",
       [=, this](auto& in) {
         return seen(p::invitations_sent_to(in, ours, address, digest{}, often).count != 0);
       }},
      {"sends_to", // how many all tenants have sent is what it is for: of no tenant
       [=, this](auto& in) {
         p::sends_to(in, address, digest{}, often);
         return std::string();
       }},
      {"lock_inviter", // names that all tenants could lock; no row
       [=](auto& in) {
         p::lock_inviter(in, ours, {principal_kind::user, "boss", ""});
         return std::string();
       }},
      {"lock_recipient",
       [=, this](auto& in) {
         p::lock_recipient(in, address);
         return std::string();
       }},
      {"lock_jobs_of",
       [=, this](auto& in) {
         p::lock_jobs_of(in, ours, address);
         return std::string();
       }},
      {"lock_sends",
       [=](auto& in) {
         p::lock_sends(in, ours);
         return std::string();
       }},
      {"is_younger", [=](auto& in) { return seen(p::is_younger(in, ours, often.window)); }},
      {"write_names",
       [=](auto& in) {
         p::write_names(in, ours, id, "stolen", "stolen");
         return std::string();
       }},
      {"write_role",
       [=](auto& in) {
         p::write_role(in, ours, id, user_role::tenant_admin);
         return std::string();
       }},
      {"write_end",
       [=](auto& in) {
         p::write_end(in, ours, id, end + std::chrono::hours(1), 1'000);
         return std::string();
       }},
      {"raise_version",
       [=](auto& in) {
         p::raise_version(in, ours, id, true);
         return std::string();
       }},
      {"write_status",
       [=](auto& in) {
         p::write_status(in, ours, id, invitation_status::cancelled, "stolen");
         return std::string();
       }},
      {"expire_if_over", [=](auto& in) { return seen(p::expire_if_over(in, ours, "inv-2")); }},
      {"note_approval",
       [=](auto& in) {
         p::note_approval(in, ours, id, "operator");
         return std::string();
       }},
      {"write_inviter",
       [=](auto& in) {
         p::write_inviter(in, ours, id, {principal_kind::user, "thief", ""});
         return std::string();
       }},
      {"write_acceptance",
       [=](auto& in) {
         p::write_acceptance(in, ours, id, "usr-1", "direct_link");
         return std::string();
       }},
      {"renew",
       [=](auto& in) {
         p::renew(in, ours, id, 2, end, 1);
         return std::string();
       }},
      {"write_delivery",
       [=](auto& in) {
         p::write_delivery(in, ours, id, true, "queued");
         return std::string();
       }},
      {"now_of", // asks about no tenant
       [=](auto& in) {
         p::now_of(in);
         return std::string();
       }},
      {"enter_by_token", [=, this](auto& in) { return seen(p::enter_by_token(in, link)); }},
      {"enter_tenant",
       [=](auto& in) {
         p::enter_tenant(in, ours);
         return seen(p::find_invitation(in, ours, id));
       }},
      {"revoke_tokens",
       [=](auto& in) {
         p::revoke_tokens(in, ours, id, nullptr);
         return std::string();
       }},
      {"note_view",
       [=, this](auto& in) {
         return seen(p::note_view(in, ours, link, {"192.0.2.0/24", "stolen"}));
       }},
      {"note_activity",
       [=](auto& in) {
         p::note_activity(in, ours, id, "stolen", {});
         return std::string();
       }},
      {"has_activity", [=](auto& in) { return seen(p::has_activity(in, ours, id, "created")); }},
      {"tell",
       [=](auto& in) {
         p::tell(in, ours, id, "invitation.created", {"email"}, 1);
         return std::string();
       }},
      {"find_invitee", [=, this](auto& in) { return seen(p::find_invitee(in, ours, address)); }},
      {"find_invitee_by_id", [=](auto& in) { return seen(p::find_invitee_by_id(in, ours, "usr-1")); }},
      {"write_profile",
       [=](auto& in) {
         p::write_profile(in, ours, "usr-1", "Europe/Paris", "fr", "", true);
         return std::string();
       }},
      {"await_approval",
       [=](auto& in) {
         p::await_approval(in, ours, id, time_point{});
         return std::string();
       }},
      {"write_approval",
       [=](auto& in) {
         p::write_approval(in, ours, id, "usr-1", time_point{});
         return std::string();
       }},
      {"note_layers",
       [=, this](auto& in) {
         p::note_layers(in, ours, "usr-1", offered(), id, false);
         return std::string();
       }},
      {"take_access", [=](auto& in) { return seen(!p::take_access(in, ours, "usr-1", id).changes.empty()); }},
      {"write_access_revoked",
       [=](auto& in) {
         p::write_access_revoked(in, ours, id);
         return std::string();
       }},
      {"insert_link",
       [=, this](auto& in) {
         invitation_link one;
         one.id = "lnk-stolen";
         one.most_uses = 1;
         one.grants = offered();
         p::insert_link(in, ours, one, link);
         return std::string();
       }},
      {"find_link", [=](auto& in) { return seen(p::find_link(in, ours, "lnk-1").has_value()); }},
      {"links_of", [=](auto& in) { return seen(!p::links_of(in, ours, std::nullopt, 9).empty()); }},
      {"lock_link", [=](auto& in) { return seen(p::lock_link(in, ours, "lnk-1")); }},
      {"revoke_link",
       [=](auto& in) {
         p::revoke_link(in, ours, "lnk-1", "stolen");
         return std::string();
       }},
      {"cancel_invitations_by",
       [=](auto& in) { return seen(p::cancel_invitations_by(in, ours, "lnk-1", {}) > 0); }},
      {"enter_by_link", [=, this](auto& in) { return seen(p::enter_by_link(in, joined_by).has_value()); }},
      {"write_link",
       [=](auto& in) {
         p::write_link(in, ours, id, "lnk-1");
         return std::string();
       }},
      {"open_invitations_to",
       [=, this](auto& in) { return seen(!p::open_invitations_to(in, ours, address).empty()); }},
      {"erase_invitee", [=, this](auto& in) { return seen(p::erase_invitee(in, ours, address, link) > 0); }},
      {"known_of", [=, this](auto& in) { return seen(!p::known_of(in, ours, address).invitations.empty()); }},
      {"add_access",
       [=, this](auto& in) {
         auto more = offered();
         more.role = user_role::tenant_admin;
         more.assignments.front().role = entity_role::editor;
         p::add_access(in, ours, "usr-1", more, id);
         return std::string();
       }},
      {"has_accepted_terms",
       [=](auto& in) { return seen(p::has_accepted_terms(in, ours, "usr-1", terms_version)); }},
      {"note_terms",
       [=](auto& in) {
         p::note_terms(in, ours, "usr-1", "2", {}, id);
         return std::string();
       }},
      {"read_names",
       [=, this](auto& in) {
         invitation_preview preview;
         preview.invitation.inviter = {principal_kind::user, "boss", ""};
         preview.invitation.grants = offered();
         p::read_names(in, ours, preview);
         return seen(
             !preview.organization.empty() || !preview.inviter.empty() || !preview.entity_names.empty() ||
             !preview.application_names.empty()
         );
       }},
      {"some_tenant_admin", [=](auto& in) { return seen(p::some_tenant_admin(in, ours)); }},
      {"insert_job",
       [=, this](auto& in) {
         auto more = job_of(ours);
         more.id = "job-9";
         p::insert_job(in, ours, more);
         return std::string();
       }},
      {"hold_job", [=](auto& in) { return seen(p::hold_job(in, ours, "job-1")); }},
      {"claim_job", [=](auto& in) { return seen(p::claim_job(in, ours, "job-1")); }},
      {"find_job", [=](auto& in) { return seen(p::find_job(in, ours, "job-1")); }},
      {"count_job_rows",
       [=](auto& in) {
         invitation_job job;
         job.id = "job-1";
         p::count_job_rows(in, ours, job);
         return seen(job.rows[1] != 0);
       }},
      {"job_page",
       [=](auto& in) {
         invitation_job job;
         job.id = "job-1";
         return seen(!p::job_page(in, ours, job, {}).rows.empty());
       }},
      {"write_job_state",
       [=](auto& in) {
         p::write_job_state(in, ours, "job-1", job_state::cancelled);
         return std::string();
       }},
      {"write_job_pause",
       [=](auto& in) {
         p::write_job_pause(in, ours, "job-1", end);
         return std::string();
       }},
      {"waiting_rows", [=](auto& in) { return seen(!p::waiting_rows(in, ours, "job-1", 10).empty()); }},
      {"write_row_outcome",
       [=](auto& in) {
         p::write_row_outcome(in, ours, "job-1", 1, {job_row_state::invited, "inv-1", {}});
         return std::string();
       }},
      {"write_row_reservation",
       [=, this](auto& in) {
         p::write_row_reservation(in, ours, "job-1", 1, reserved);
         return std::string();
       }},
      {"skip_job_rows",
       [=](auto& in) {
         p::skip_job_rows(in, ours, "job-1");
         return std::string();
       }},
      {"reserve",
       [=, this](auto& in) {
         p::reserve(in, ours, starting("inv-9", fresh<inbox_id>()), {});
         return std::string();
       }},
      {"hold_reservation", [=, this](auto& in) { return seen(p::hold_reservation(in, ours, reserved)); }},
      {"reservations_of", [=, this](auto& in) { return seen(!p::reservations_of(in, ours, key).empty()); }},
      {"attach",
       [=, this](auto& in) {
         p::reservation held;
         held.id = reserved;
         held.invitation = "inv-8";
         p::attach(in, ours, "inv-8", held);
         return std::string();
       }},
      {"lots_until", [=](auto& in) { return seen(p::lots_until(in, ours, id).has_value()); }},
      {"return_starter_credits",
       [=](auto& in) {
         p::return_starter_credits(in, ours, id);
         return std::string();
       }},
      {"read_starter_credits",
       [=](auto& in) {
         std::vector<invitation_view> invitations(1);
         invitations.front().id = id;
         p::read_starter_credits(in, ours, invitations);
         return seen(invitations.front().starter);
       }},
  };
}

/// The functions that work in a transaction of a tenant, by the stores' headers.
std::set<std::string> store_functions() {
  std::set<std::string> names;
  const auto root = std::filesystem::path(__FILE__).parent_path().parent_path().parent_path();
  for (const auto& file : std::filesystem::directory_iterator(root / "persistence" / "stores")) {
    if (file.path().extension() != ".hpp") continue;
    std::ostringstream text;
    text << std::ifstream(file.path()).rdbuf();
    const auto header = text.str();
    static const std::regex function(R"((\w+)\(\s*pg::transaction& )");
    for (std::sregex_iterator each(header.begin(), header.end(), function), end; each != end; ++each)
      names.insert((*each)[1]);
  }
  return names;
}

TEST_F(RowSecurityTest, EveryStoreFunctionIsTriedHere) {
  std::set<std::string> tried;
  for (const auto& [name, run] : attempts(tenant.id))
    tried.insert(name);
  EXPECT_THAT(store_functions(), testing::IsSubsetOf(tried)) << "add to the table what is missing in it";
  EXPECT_THAT(tried, testing::IsSubsetOf(store_functions())) << "is gone";
}

/// So that the next test means something.
TEST_F(RowSecurityTest, TheirOwnTenantSeesAll) {
  std::set<std::string> blind;
  for (const auto& [name, run] : attempts(tenant.id)) {
    pg::transaction in(api, tenant.id, patience);
    std::string what;
    try {
      what = run(in);
    } catch (const pg::error&) {
    }
    if (what.empty()) blind.insert(name);
  }
  const std::set<std::string> tells_nothing{
      "accounts_to_top_up",
      "add_access",
      "auto_topup_failed",
      "auto_topup_paid",
      "charge_period",
      "decide_flags",
      "end_auto_topup",
      "end_auto_topup_of_disputed",
      "end_of_period",
      "end_pause",
      "take_up_period",
      "grant_period",
      "pause_auto_topup",
      "period_paid",
      "period_unpaid",
      "release_purchase",
      "take_turns_buying",
      "tenants_with_due_plans",
      "candidate",
      "conclude_sms",
      "find_sms",
      "suppress_recipient_of_sms",
      "await_approval",
      "erase_invitee",
      "open_invitations_to",
      "revoke_link",
      "drop_key",
      "find_token",
      "find_webhook_endpoint",
      "finish_events",
      "holder_of_address",
      "notifications_of",
      "notify",
      "notify_webhooks",
      "now_of",
      "lock_inviter",
      "lock_jobs_of",
      "lock_recipient",
      "lock_person",
      "lock_wording",
      "lock_sends",
      "lots_until", // no account has set anything aside here
      "raise_version",
      "attach",
      "renew",
      "reserve",
      "return_starter_credits",
      "skip_job_rows",
      "revoke_tokens",
      "remove_webhook_endpoint",
      "reset_password",
      "retry",
      "sends_to",
      "rotate_secret",
      "take_outbox",
      "tell",
      "tell_forgotten",
      "verify_email",
      "waiting_events",
      "webhook_endpoints_of",
      "check_payment_again",
      "finish_event",
      "find_waiting_event",
      "holders_of",
      "instruct",
      "events_read_until",
      "payment_home",
      "set_status",
      "settle_payment",
      "end_session",
      "insert_tenant",
      "is_timezone",
      "kept_snapshot_at",
      "open_session",
      "renew_session",
      "tenants_of"};
  for (const auto& name : blind)
    EXPECT_TRUE(
        tells_nothing.contains(name) || name.starts_with("update_") || name.starts_with("insert_") ||
        name.starts_with("delete_") || name.starts_with("save_") || name.starts_with("put_") ||
        name.starts_with("give_") || name.starts_with("keep_") || name.starts_with("forget_") ||
        name.starts_with("claim_") || name.starts_with("note_") || name.starts_with("rename_") ||
        name.starts_with("write_") || name == "finish_call" || name == "keep_answer" ||
        name == "lock_directory" || name == "await_directory" || name == "open_account" ||
        name == "remove_user" || name == "revoke_api_key"
    ) << name
      << " sees nothing of its own tenant either";
}

TEST_F(RowSecurityTest, AnotherTenantSeesAndChangesNothing) {
  const auto stranger = make_tenant(database_name());
  const auto before = rows_of_tenant();
  // These enter the tenant they are told, that of a token or of whoever is signed in: it is what they are
  // for, before anybody is known to be of a tenant. They may see it, and still change nothing.
  const std::set<std::string> goes_over{"enter_by_token", "enter_by_link", "enter_tenant"};
  for (const auto& [name, run] : attempts(tenant.id)) {
    try {
      pg::transaction in(api, stranger.id, patience);
      const auto what = run(in);
      EXPECT_EQ(goes_over.contains(name) ? "" : what, "") << name;
      in.commit();
    } catch (const pg::error&) {
      // The database said no.
    }
    ASSERT_EQ(rows_of_tenant(), before) << name;
  }
}

/// Whoever calls themselves what they are, and names what is another's.
TEST_F(RowSecurityTest, WhatIsOfATenantNamesNothingOfAnother) {
  const auto stranger = make_tenant(database_name());
  in_transaction(api, stranger.id, [&](auto& in) { // of the same name, so that there is something to write
    const auto asked = invitation_to(stranger.id, address);
    persistence::insert_invitation(in, asked, address, address, "inv-1", in_a_day());
    return true;
  });
  const auto before = rows_of_tenant();
  for (const auto& [name, run] : attempts(stranger.id)) {
    try {
      pg::transaction in(api, stranger.id, patience);
      run(in);
      in.commit();
    } catch (const pg::error&) {
      // The database said no.
    }
    ASSERT_EQ(rows_of_tenant(), before) << name;
    ASSERT_EQ(mixed_rows(), 0) << name;
  }
  const char* const table[] = {
      "INSERT INTO entities (account_id, tenant_id, entity_type, entity_id, name, parent_account)"
      " VALUES (gen_random_uuid(), $1, 2, 'mine', 'x', $2)",
      "INSERT INTO memberships (tenant_id, user_id, account_id, entity_role) SELECT $1, user_id, $2, 1 FROM "
      "users"
      " LIMIT 1",
      "INSERT INTO api_keys (tenant_id, key_id, name, key_sha256, scopes, bound_account)"
      " VALUES ($1, 'mine', 'x', '\\x00', '{}', $2)",
      "INSERT INTO credit_inbox (inbox_id, account_id, tenant_id, kind, credits, principal_kind, "
      "principal_id,"
      " principal_application, request_id) VALUES (gen_random_uuid(), $2, $1, 2, 5, 0, '', '', '')",
      "INSERT INTO invitation_assignments (tenant_id, invitation_id, position, account_id, entity_role,"
      " email_canonical) VALUES ($1, 'inv-1', 9, $2, 1, 'mine')",
  };
  for (const auto* sql : table) {
    const auto write = [&](const account_id& at) {
      pg::transaction in(api, stranger.id, patience);
      in.execute(sql, pg::parameters().add(stranger.id).add(at));
    };
    EXPECT_NO_THROW(write(stranger.genesis.account)) << sql;
    EXPECT_THROW(write(account), pg::error) << sql;
  }
}

TEST_F(RowSecurityTest, EveryTableWithTenantsIsBehindTheWall) {
  const auto open = owner.execute(
      "SELECT string_agg(c.relname, ' ') FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
      " WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attname = 'tenant_id'"
      " AND NOT (c.relrowsecurity AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid"
      "  AND p.polname = 'own_tenant'))",
      patience
  );
  EXPECT_TRUE(open.is_null(0, 0)) << open.text(0, 0);
}

TEST_F(RowSecurityTest, WithoutATenantThereIsNothing) {
  const auto tables = owner.execute(
      "SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
      " WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attname = 'tenant_id'"
      " AND has_table_privilege('tessera_api', c.oid, 'SELECT')",
      patience
  );
  ASSERT_GT(tables.size(), 15);
  in_transaction(api, tenant.id, [](auto& in) { return in.execute("SELECT 1").size(); });
  for (int i = 0; i < tables.size(); ++i) // what the session was before does not count
    EXPECT_NO_THROW(api.run_script(
        "DO $$ BEGIN IF EXISTS (SELECT FROM " + tables.text(i, 0) +
            ") THEN RAISE EXCEPTION 'seen'; END IF; END $$",
        patience
    )) << tables.text(i, 0);
  EXPECT_EQ(api.execute("SELECT count(*) FROM entities", patience).int8(0, 0), 0);
}

TEST_F(RowSecurityTest, TheRolesOfTheServiceCanDoNothingBeyond) {
  const char* const forbidden[] = {
      "CREATE TABLE mine (x int)",
      "DROP TABLE entities",
      "ALTER TABLE entities DISABLE ROW LEVEL SECURITY",
      "ALTER TABLE entities ADD COLUMN mine int",
      "DROP POLICY own_tenant ON entities",
      "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
      "TRUNCATE credit_entries",
      "TRUNCATE entities CASCADE",
      "UPDATE credit_entries SET units = 1",
      "DELETE FROM credit_entries",
      "INSERT INTO credit_entries (account_id) SELECT account_id FROM credit_entries LIMIT 0",
      "UPDATE credit_balances SET available_credits = 1",
      "UPDATE credit_lots SET free = 1",
      "DELETE FROM entities",
      "DELETE FROM tenants",
      "DELETE FROM directory_changes",
      "UPDATE directory_changes SET act = 'x'",
      "UPDATE tenants SET version = 1",
      "UPDATE entities SET tenant_id = gen_random_uuid()",
      "UPDATE entities SET account_id = gen_random_uuid()",
      "UPDATE api_keys SET key_sha256 = '\\x00'",
      "ALTER TABLE credit_entries DISABLE TRIGGER ALL",
      "SET ROLE tessera_owner",
      "SET ROLE tessera_migrate",
      "SET SESSION AUTHORIZATION postgres",
      "ALTER ROLE tessera_api BYPASSRLS",
      "COPY entities TO PROGRAM 'true'",
      "SELECT pg_read_file('/etc/hostname')",
  };
  for (const auto& options : {api_options(database_name()), writer_options(database_name())})
    for (const auto* sql : forbidden) {
      open_session session(options);
      EXPECT_THROW(session.execute(sql, patience), pg::error) << options.role << ": " << sql;
    }
}

TEST_F(RowSecurityTest, WhatRunsAsTheOwnerLooksForNamesInTheSchemaFirst) {
  const auto others = owner.execute(
      "SELECT string_agg(proname, ' ') FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
      " AND (prosecdef OR 'search_path=public' = ANY (proconfig))"
      " AND 'search_path=public, pg_temp' <> ALL (coalesce(proconfig, '{}'))",
      patience
  );
  EXPECT_TRUE(others.is_null(0, 0)) << "SET search_path = public, pg_temp is missing: " << others.text(0, 0);
  const auto all = owner.execute(
      "SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef", patience
  );
  EXPECT_GT(all.int8(0, 0), 10);
}

TEST_F(RowSecurityTest, ATemporaryTableTakesNobodysPlace) {
  open_session intruder(api_options(database_name())); // in a copy of a database everybody may make one
  intruder.run_script(
      "CREATE TEMP TABLE refresh_tokens (token_sha256 bytea, tenant_id uuid);"
      "INSERT INTO refresh_tokens VALUES ('\\x01', gen_random_uuid());"
      "GRANT SELECT ON refresh_tokens TO PUBLIC",
      patience
  );
  EXPECT_TRUE(intruder.execute("SELECT tenant_of_refresh_token('\\x01')", patience).is_null(0, 0));
}

TEST_F(RowSecurityTest, TheServiceMakesNoTemporaryTables) {
  const auto fresh_one = postgres_cluster::shared().create_database();
  open_session migrating(owner_options(fresh_one));
  persistence::migrate(migrating);
  for (const auto& options : {api_options(fresh_one), writer_options(fresh_one)}) {
    open_session session(options);
    EXPECT_THROW(session.execute("CREATE TEMP TABLE mine (x int)", patience), pg::error) << options.role;
  }
}

} // namespace
} // namespace tessera::test
