// Tenants as the operator and their administrators manage them, against a real PostgreSQL.
#include "persistence/stores/snapshot_store.hpp"
#include "tests/integration/directory_fixture.hpp"

namespace tessera::test {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

class TenantChangesTest : public DirectoryTest {
protected:
  /// The words of the answer are `TENANT ADMIN`.
  result<kept_answer> make(create_tenant wanted, std::optional<idempotency_key> key = {}) {
    std::promise<result<kept_answer>> told;
    auto answer = told.get_future();
    rows.run(
        repeatable<create_tenant, tenant_created>{
            std::move(wanted),
            key,
            [](const tenant_created& made) {
              return kept_answer{201, made.id + " " + made.admin_user, {}, false};
            }},
        [&told](result<kept_answer> got) { told.set_value(std::move(got)); }
    );
    return answer.get();
  }
  static create_tenant named(const std::string& id) {
    create_tenant wanted;
    wanted.id = id;
    wanted.name = "Name";
    wanted.admin.email = wanted.admin.email_key = "boss@example.com";
    wanted.admin.role = user_role::tenant_admin;
    return wanted;
  }
  static std::string fresh_id() { return "made-" + std::to_string(fresh_number()); }

  result<tenant_view> there() { return ask<tenant_view>(tenant_query{tenant.id}); }
  errc edit(tenant_settings settings, seen_versions seen = {}) {
    return change<tenant_view>(edit_tenant{
                                   tenant.id,
                                   [settings = std::move(settings)](const tenant_view&) {
                                     return result<tenant_settings>(settings);
                                   },
                                   std::move(seen),
                                   {}}
    ).code();
  }
};

TEST_F(TenantChangesTest, IsMadeWithAnAccountAndAnAdministrator) {
  const auto id = fresh_id();
  const auto made = make(named(id));
  ASSERT_TRUE(made.ok()) << to_string(made.code());
  EXPECT_THAT(made->body, testing::StartsWith(id + " usr-"));
  open_session writer(writer_options(database_name()));
  const auto number = persistence::tenant_by_id(writer, id, patience);
  ASSERT_TRUE(number);
  EXPECT_THAT(ask<user_page>(list_users{*number, whole_tenant, {}, {}, 10, {}})->users, SizeIs(1));
  EXPECT_TRUE(persistence::load_tenant(writer, *number, patience)->find({entity_type::tenant, id}));
  EXPECT_EQ(
      owner
          .execute(
              "SELECT count(*) FROM credit_balances WHERE tenant_id = $1",
              pg::parameters().add(*number),
              patience
          )
          .int8(0, 0),
      1
  );
}

TEST_F(TenantChangesTest, IsMadeOncePerKey) {
  const auto id = fresh_id();
  const auto key = a_key(fresh_number());
  const auto first = make(named(id), key);
  const auto again = make(named(id), key);
  EXPECT_EQ(again->body, first->body);
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(make(named(fresh_id()), {{key.key, numbered<uuid>(77)}}).code(), errc::idempotency_key_reused);
  EXPECT_EQ(make(named(id)).code(), errc::id_taken);
  EXPECT_EQ(make(named(id), a_key(fresh_number())).code(), errc::id_taken);
}

/// Whoever gets a key again after its answer was forgotten must not become an administrator of the tenant
/// that was made under it.
TEST_F(TenantChangesTest, AKeyWhoseAnswerIsOverMakesNothingInTheFirstTenant) {
  const auto key = a_key(fresh_number());
  ASSERT_TRUE(make(named(fresh_id()), key).ok());
  const auto people = [&] {
    return owner
        .execute(
            "SELECT count(*) FROM users WHERE tenant_id = $1",
            pg::parameters().add(tenant_id{key.key}),
            patience
        )
        .int8(0, 0);
  };
  const auto of_key = [&](const char* sql) { owner.execute(sql, pg::parameters().add(key.key), patience); };
  auto other = named(fresh_id());
  other.admin.email = other.admin.email_key = "other@example.com";
  const idempotency_key of_other{key.key, numbered<uuid>(78)};

  of_key("UPDATE idempotency_answers SET created_at = clock_timestamp() - interval '31 days' WHERE "
         "idempotency_key = $1");
  EXPECT_EQ(make(other, of_other).code(), errc::idempotency_key_reused);
  of_key("DELETE FROM idempotency_answers WHERE idempotency_key = $1");
  EXPECT_EQ(make(other, of_other).code(), errc::idempotency_key_reused);
  EXPECT_EQ(people(), 1);
  EXPECT_THROW(
      owner.execute(
          "INSERT INTO entities (account_id, tenant_id, entity_type, entity_id, name)"
          " VALUES (gen_random_uuid(), $1, 1, 'second', 'Second')",
          pg::parameters().add(tenant_id{key.key}),
          patience
      ),
      pg::error
  );
}

TEST_F(TenantChangesTest, ManyAtOnceMakeOne) {
  const auto id = fresh_id();
  const auto key = a_key(fresh_number());
  std::vector<std::future<result<kept_answer>>> calls;
  for (int i = 0; i < 6; ++i)
    calls.push_back(std::async(std::launch::async, [&] { return make(named(id), key); }));
  std::string words;
  for (auto& call : calls) {
    const auto told = call.get();
    ASSERT_TRUE(told.ok()) << to_string(told.code());
    if (words.empty()) words = told->body;
    EXPECT_EQ(told->body, words);
  }
}

TEST_F(TenantChangesTest, TimeZonesAreThoseOfTheDatabase) {
  auto wanted = named(fresh_id());
  wanted.timezone = "Mars/Olympus";
  EXPECT_EQ(make(wanted).code(), errc::invalid_timezone);
  wanted.timezone = "Asia/Kolkata";
  EXPECT_TRUE(make(wanted).ok()) << "what was refused took no id";
  tenant_settings settings;
  for (const auto* bad : {"../../etc/localtime", "UTC;", "", "+5"}) {
    settings.timezone = bad;
    EXPECT_EQ(edit(settings), errc::invalid_timezone) << bad;
  }
  settings.timezone = "Europe/Berlin";
  EXPECT_EQ(edit(settings), errc::ok);
  EXPECT_EQ(there()->timezone, "Europe/Berlin");
}

TEST_F(TenantChangesTest, EverySettingIsWrittenAndRead) {
  EXPECT_EQ(there()->policies, policy_settings{}) << "what was never said";
  tenant_settings settings;
  settings.name = "Other";
  settings.currency = "EUR";
  settings.plan = "starter";
  settings.branding = tenant_branding{"Acme", "https://a/logo", "#123456", "Acme Mail", "https://a"};
  settings.policies = policy_settings{
      true,
      true,
      {"example.com", "b.org"},
      12,
      true,
      true,
      "transfer",
      false,
      {"DE"},
      {"20:00", "09:00", true}};
  const auto before = version();
  ASSERT_EQ(edit(settings), errc::ok);
  const auto after = there();
  EXPECT_EQ(after->name, "Other");
  EXPECT_EQ(after->currency, "EUR");
  EXPECT_EQ(after->plan, "starter");
  EXPECT_EQ(after->branding, *settings.branding);
  EXPECT_EQ(after->policies, *settings.policies);
  EXPECT_EQ(after->version, 2);
  EXPECT_EQ(version(), before + 1) << "nodes load it anew";
  EXPECT_EQ(edit(settings), errc::ok);
  EXPECT_EQ(there()->version, 2) << "nothing to do";
  EXPECT_EQ(edit({.name = "Third"}, std::vector<std::int64_t>{1}), errc::precondition_failed);
  settings.policies->seat_limit.reset();
  ASSERT_EQ(edit(settings), errc::ok);
  EXPECT_EQ(there()->policies.seat_limit, std::nullopt);
}

TEST_F(TenantChangesTest, AreListedAcrossTenantsForWhoAsksForThatOnly) {
  for (int i = 0; i < 3; ++i)
    ASSERT_TRUE(make(named(fresh_id())).ok());
  std::vector<std::string> ids;
  std::optional<std::string> after;
  for (bool more = true; more;) {
    const auto page = *ask<tenant_page>(list_tenants{2, after});
    for (const auto& each : page.tenants)
      ids.push_back(each.id);
    after = ids.back();
    more = page.more;
  }
  EXPECT_EQ(
      static_cast<std::int64_t>(ids.size()),
      owner.execute("SELECT count(*) FROM tenants", patience).int8(0, 0)
  );
  pg::transaction in(api, tenant.id, patience);
  EXPECT_EQ(in.execute("SELECT count(*) FROM tenants").int8(0, 0), 1) << "nobody else sees more than one";
}

} // namespace
} // namespace tessera::test
