#pragma once

#include "tests/integration/database_fixture.hpp"
#include "tests/integration/journal_contract.hpp"
#include "tests/support/bulk_ledger.hpp"
#include "tests/support/ledger_author.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace tessera::test {

/// A tenant with org-1, and entries made by SQL.
class LedgerReadingTest : public testing::Test {
protected:
  static const std::string& database() {
    static const auto name = migrated_database();
    return name;
  }

  template <class UseCase> auto in_tenant(UseCase use_case) { return in_tenant(tenant, use_case); }
  template <class UseCase> auto in_tenant(const made_tenant& whose, UseCase use_case) {
    return in_transaction(api, whose.id, use_case);
  }

  void bulk(bulk_entries entries) {
    entries.tenant = to_string(tenant.id);
    owner.run_script(bulk_insert(entries), std::chrono::minutes(5));
  }

  account_id make_location(const std::string& id, const std::string& organization) {
    const persistence::new_account account{
        fresh<account_id>(), start_of_test - std::chrono::hours(1), test_writer, {}};
    in_tenant([&](auto& in) {
      return persistence::create_entity(
          in,
          create_entity{
              tenant.id, {entity_type::location, id}, "Test", {entity_type::organization, organization}},
          account
      );
    });
    return account.account;
  }

  static time_point march(int day) { return start_of_test + std::chrono::days(31 + 28 + day - 1); }

  /// Microseconds, the best of several: a busy machine must not fail a test.
  static long long best_time(const std::function<void()>& what) {
    using clock = std::chrono::steady_clock;
    auto best = clock::duration::max();
    for (int i = 0; i < 7; ++i) {
      const auto begun = clock::now();
      what();
      best = std::min(best, clock::now() - begun);
    }
    return std::chrono::duration_cast<std::chrono::microseconds>(best).count();
  }

  open_session api{api_options(database())};
  open_session owner{owner_options(database())};
  made_tenant tenant = make_tenant(database());
  entry org = make_organization(database(), tenant, "org-1");
};

} // namespace tessera::test
