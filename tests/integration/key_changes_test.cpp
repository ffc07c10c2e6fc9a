// API keys as people manage them, against a real PostgreSQL.
#include "actors/support/sha256.hpp"
#include "persistence/stores/key_store.hpp"
#include "persistence/stores/snapshot_store.hpp"
#include "tests/integration/directory_fixture.hpp"

namespace tessera::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

class KeyChangesTest : public DirectoryTest {
protected:
  /// The words of the answer are `ID KEY`.
  result<kept_answer> make(create_api_key wanted, std::optional<idempotency_key> key = {}) {
    wanted.tenant = tenant.id;
    std::promise<result<kept_answer>> told;
    auto answer = told.get_future();
    rows.run(
        repeatable<create_api_key, api_key_created>{
            std::move(wanted),
            key,
            [](const api_key_created& made) {
              return kept_answer{201, made.id + " " + made.key, {}, false};
            }},
        [&told](result<kept_answer> got) { told.set_value(std::move(got)); }
    );
    return answer.get();
  }
  static std::string id_in(const result<kept_answer>& told) {
    return told->body.substr(0, told->body.find(' '));
  }
  static std::string key_in(const result<kept_answer>& told) {
    return told->body.substr(told->body.find(' ') + 1);
  }

  api_key_page list(const visible_part& part = whole_tenant, std::optional<std::string> after = {}) {
    return *ask<api_key_page>(list_api_keys{tenant.id, part, 2, std::move(after)});
  }
  edit_api_key edit(const std::string& id) {
    edit_api_key command;
    command.tenant = tenant.id;
    command.id = id;
    return command;
  }
  errc run(edit_api_key command) { return change<api_key_view>(std::move(command)).code(); }
  result<api_key_view> find(const std::string& id, const visible_part& part = whole_tenant) {
    return ask<api_key_view>(api_key_query{tenant.id, part, id});
  }
};

TEST_F(KeyChangesTest, IsShownOnceAndKeptAsAHash) {
  const auto once = a_key(fresh_number());
  const auto first = make({.name = "one", .scopes = {"credits:read"}}, once);
  const auto again = make({.name = "one", .scopes = {"credits:read"}}, once);

  EXPECT_THAT(key_in(first), StartsWith("tsk_"));
  EXPECT_EQ(id_in(again), id_in(first));
  EXPECT_EQ(key_in(again), "");
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(count("SELECT count(*) FROM api_keys WHERE tenant_id = $1"), 1);
  const auto stored = owner.execute(
      "SELECT key_sha256, (SELECT count(*) FROM idempotency_answers a WHERE a.body LIKE '%tsk\\_%')"
      " FROM api_keys WHERE tenant_id = $1",
      pg::parameters().add(tenant.id),
      patience
  );
  EXPECT_EQ(stored.digest_at(0, 0), sha256::local()(key_in(first)));
  EXPECT_EQ(stored.int8(0, 1), 0) << "no answer that is kept has a key in it";
}

TEST_F(KeyChangesTest, BelongsToAnEntityAndAnApplicationThatAreThere) {
  ASSERT_EQ(create(org("a"), root()), errc::ok);
  change<application_created>(create_application{tenant.id, "crm", "CRM"});
  const auto account = account_of(org("a"));
  const auto made = make(
      {.name = "bound",
       .scopes = {"credits:read"},
       .bound_to = account,
       .application = "crm",
       .expires_at = start_of_test}
  );
  const auto found = find(id_in(made));
  EXPECT_EQ(found->bound_to, account);
  EXPECT_EQ(found->bound_ref, org("a"));
  EXPECT_EQ(found->application, "crm");
  EXPECT_EQ(found->expires_at, start_of_test);
  EXPECT_FALSE(found->last_used_at);

  EXPECT_EQ(make({.name = "x", .application = "hr"}).code(), errc::application_unknown);
  change<application_deleted>(delete_application{tenant.id, "crm", {}, {}});
  EXPECT_EQ(make({.name = "x", .application = "crm"}).code(), errc::application_unknown);
  ASSERT_EQ(remove(org("a")), errc::ok);
  EXPECT_EQ(make({.name = "x", .bound_to = account}).code(), errc::entity_unknown);
}

TEST_F(KeyChangesTest, IsListedInPagesForWhoMaySeeIt) {
  ASSERT_EQ(create(org("a"), root()), errc::ok);
  ASSERT_EQ(create(loc("l"), org("a")), errc::ok);
  const auto bound = id_in(make({.name = "bound", .bound_to = account_of(loc("l"))}));
  for (const auto* name : {"b", "c"})
    make({.name = name});
  const auto first = list();
  ASSERT_THAT(first.keys, SizeIs(2));
  EXPECT_TRUE(first.more);
  EXPECT_THAT(list(whole_tenant, first.keys[1].id).keys, SizeIs(1));
  const visible_part below_a{false, {{account_of(org("a")), true}}};
  ASSERT_THAT(list(below_a).keys, SizeIs(1));
  EXPECT_EQ(list(below_a).keys[0].id, bound);
  EXPECT_EQ(find(first.keys[1].id, below_a).code(), errc::api_key_unknown);
  EXPECT_EQ(find(bound, {false, {{account_of(org("a")), false}}}).code(), errc::api_key_unknown);
}

TEST_F(KeyChangesTest, AnEditIsJudgedAsItWillBe) {
  const auto id = id_in(make({.name = "one", .scopes = {"credits:read"}, .expires_at = start_of_test}));
  auto command = edit(id);
  command.scopes = {"credits:read", "credits:consume"};
  command.judge = [](const api_key_view& after) {
    return after.scopes.size() > 1 ? rejection(errc::precondition_failed) : rejection();
  };
  EXPECT_EQ(run(command), errc::precondition_failed);
  EXPECT_THAT(find(id)->scopes, SizeIs(1));
  command.judge = nullptr;
  command.name = "other";
  command.expires_at = std::optional<time_point>();
  EXPECT_EQ(run(command), errc::ok);
  const auto after = find(id);
  EXPECT_THAT(after->scopes, SizeIs(2));
  EXPECT_EQ(after->name, "other");
  EXPECT_FALSE(after->expires_at);
  EXPECT_EQ(after->version, 2);
  command.only_versions = std::vector<std::int64_t>{1};
  EXPECT_EQ(run(command), errc::precondition_failed);
  EXPECT_EQ(run(edit("key-nobody")), errc::api_key_unknown);
}

TEST_F(KeyChangesTest, ARevokedOneIsGoneFromTheDirectory) {
  const auto made = make({.name = "one", .scopes = {"credits:read"}});
  const auto revoke = [&] {
    return change<api_key_revoked>(revoke_api_key{tenant.id, whole_tenant, id_in(made), {}, {}}).code();
  };
  const auto before = version();
  EXPECT_EQ(revoke(), errc::ok);
  EXPECT_EQ(revoke(), errc::api_key_unknown);
  EXPECT_GT(version(), before);
  open_session writer(writer_options(database_name()));
  EXPECT_THAT(persistence::load_tenant(writer, tenant.id, patience)->keys, IsEmpty());
}

TEST_F(KeyChangesTest, ItsLastUseIsWrittenOnceAMinuteAndIsNobodysNews) {
  const auto id = id_in(make({.name = "one"}));
  const auto note = [&] {
    in_transaction(api, tenant.id, [&](auto& in) {
      return persistence::note_key_use(in, {tenant.id, id}), 0;
    });
    return find(id)->last_used_at;
  };
  const auto before = version();
  const auto first = note();
  ASSERT_TRUE(first);
  EXPECT_EQ(note(), first);
  owner.execute(
      "UPDATE api_keys SET last_used_at = last_used_at - interval '61 s' WHERE tenant_id = $1",
      pg::parameters().add(tenant.id),
      patience
  );
  EXPECT_GT(note(), first);
  EXPECT_EQ(version(), before);
  EXPECT_EQ(find(id)->version, 1);
}

} // namespace
} // namespace tessera::test
