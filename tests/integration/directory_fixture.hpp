#pragma once

#include "actors/database/database.hpp"
#include "actors/support/clock.hpp"
#include "persistence/stores/user_store.hpp"
#include "tests/integration/database_fixture.hpp"
#include "tests/integration/journal_contract.hpp"
#include "tests/support/ledger_author.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <string>
#include <utility>

namespace tessera::test {

inline entity_ref org(const std::string& id) {
  return {entity_type::organization, id};
}
inline entity_ref loc(const std::string& id) {
  return {entity_type::location, id};
}
/// Everything that a tenant has.
inline const visible_part whole_tenant{};

/// The use cases of a tenant's directory against a real PostgreSQL.
class DirectoryTest : public testing::Test {
protected:
  static const std::string& database_name() {
    static const auto name = migrated_database();
    return name;
  }

  /// What a change answers; its words are always "done".
  template <class Made, class Command>
  result<kept_answer> change(Command command, std::optional<idempotency_key> key = {}) {
    return ask<kept_answer>(repeatable<Command, Made>{std::move(command), key, [](const Made&) {
                                                        return kept_answer{200, "done", {}, false};
                                                      }});
  }
  template <class Answer, class Query> result<Answer> ask(Query query) {
    std::promise<result<Answer>> told;
    auto answer = told.get_future();
    rows.run(std::move(query), answer_of<Answer>([&told](result<Answer> got) {
               told.set_value(std::move(got));
             }));
    return answer.get();
  }

  /// A change that finds another one at work is told to come again.
  template <class Change> static errc patiently(const Change& change) {
    for (int more = 50; more > 0; --more)
      if (const auto code = change(); code != errc::database_unavailable) return code;
    return errc::database_unavailable;
  }

  // Short ways to say it
  entity_ref root() const { return {entity_type::tenant, tenant.name}; }
  errc create(const entity_ref& ref, const entity_ref& parent) {
    return change<entity_created>(create_entity{tenant.id, ref, ref.id, parent}).code();
  }
  errc move(const entity_ref& ref, const entity_ref& parent, seen_versions versions = {}) {
    return change<entity_view>(edit_entity{tenant.id, ref, {}, parent, std::move(versions), {}}).code();
  }
  errc remove(const entity_ref& ref, seen_versions versions = {}) {
    return change<entity_deleted>(delete_entity{tenant.id, ref, std::move(versions), {}}).code();
  }
  result<entity_view> find(const entity_ref& ref) { return ask<entity_view>(entity_query{tenant.id, ref}); }
  account_id account_of(const entity_ref& ref) { return find(ref)->account; }
  std::string parent_of(const entity_ref& ref) { return find(ref)->parent.id; }

  std::string user(const std::string& id, user_role role) {
    const auto code = in_transaction(api, tenant.id, [&](auto& in) {
      new_user made;
      made.id = id;
      made.email = made.email_key = id + "@example.com";
      made.role = role;
      return persistence::create_user(in, tenant.id, made);
    });
    EXPECT_EQ(code, errc::ok);
    return id;
  }

  std::int64_t version() {
    return owner
        .execute(
            "SELECT version FROM tenants WHERE tenant_id = $1", pg::parameters().add(tenant.id), patience
        )
        .int8(0, 0);
  }
  std::int64_t count(const char* sql) {
    return owner.execute(sql, pg::parameters().add(tenant.id), patience).int8(0, 0);
  }

  open_session api{api_options(database_name())};
  open_session owner{owner_options(database_name())};
  const made_tenant tenant = make_tenant(database_name());
  database_clock time;
  database rows{{service_url(database_name()), 4}, test_writer, time};
};

} // namespace tessera::test
