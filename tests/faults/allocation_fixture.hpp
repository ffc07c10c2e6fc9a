#pragma once

#include "tests/faults/campaign/node.hpp"
#include "tests/faults/history/chain.hpp"
#include "tests/faults/history/checker.hpp"
#include "tests/faults/history/ledger_rows.hpp"
#include "tests/support/json.hpp"
#include "tests/support/wait.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace tessera::test {

/// One service on a PostgreSQL of its own that means it when it says durable, and trees to allocate in.
class AllocationFaultTest : public testing::Test {
protected:
  AllocationFaultTest() {
    node_.start();
    auto& service = node_.service();
    service.create_tenant("acme");
    service.create_package("acme", "thousand", 1'000, 5'000);
    key_ = service.create_api_key(
        "acme", {"credits:read", "credits:consume", "credits:purchase", "credits:allocate", "directory:write"}
    );
    service.create_application(key_, "crm");
  }

  http_client client() {
    http_client made("127.0.0.1", node_.port());
    made.set_bearer(key_);
    made.set_header("X-Application", "crm");
    return made;
  }

  void make(const std::string& id, const std::string& parent = {}, int thousands = 0) {
    node_.service().create_organization(key_, id, parent);
    auto buyer = client();
    for (int i = 0; i < thousands; ++i)
      ASSERT_EQ(
          201,
          buyer
              .post(
                  "/api/credits/purchase",
                  R"({"entityType":"organization","packageId":"thousand","paymentMethod":"test","entityId":")" +
                      id + "\"}"
              )
              .status()
      );
  }

  static std::string move(const std::string& from, const std::vector<std::pair<std::string, int>>& legs) {
    std::string list;
    for (const auto& [to, credits] : legs)
      list += (list.empty() ? "" : ",") + (R"({"toEntityType":"organization","toEntityId":")" + to) +
              R"(","credits":)" + std::to_string(credits) + "}";
    return R"({"fromEntityType":"organization","fromEntityId":")" + from + R"(","allocations":[)" + list +
           "]}";
  }

  static http_exchange allocate(http_client& line, const std::string& body, const std::string& key) {
    return line.post("/api/credits/allocate", body, {{"Idempotency-Key", key}});
  }

  std::string sql(const std::string& query) { return cluster_.query(node_.database(), query); }

  /// What was bought less what is there, spent, expired or on its way, in one instant of the database.
  std::string missing() {
    return sql(
        "SELECT coalesce((SELECT sum(units) FROM credit_entries WHERE entry_type = 1), 0)"
        " - coalesce((SELECT sum(units) FROM credit_entries WHERE entry_type = 14), 0)"
        " - (SELECT sum(used_after + reserved_after + available_after) FROM (SELECT DISTINCT ON (account_id) "
        "*"
        "    FROM credit_entries ORDER BY account_id, seq DESC) AS last)"
        " - coalesce((SELECT sum(credits) FROM credit_inbox WHERE kind IN (2, 3, 5, 6) AND absorbed_seq IS "
        "NULL"
        "    AND refused_code IS NULL), 0)"
    );
  }

  /// `tessera verify` recomputes every account and every transfer.
  void expect_verified() {
    const auto done = node_.service().command({"verify"});
    EXPECT_TRUE(done.ok()) << done.output;
  }

  void wait_until_everything_arrived() {
    EXPECT_TRUE(wait_until(milliseconds{30'000}, [&] {
      return waiting_in_inbox(cluster_, node_.database()) == 0;
    }));
  }

  /// Every chain, every lot, every inbox, and the sum over all accounts.
  void expect_sound_ledger() {
    wait_until_everything_arrived();
    EXPECT_EQ("0", missing());
    violations found;
    transfers moved;
    const auto source = ledger_of(cluster_, node_.database());
    for (std::size_t i = 0; i < source.accounts; ++i) {
      const auto rows = source.load(i);
      walk_chain(rows, found, &moved);
      check_inbox(rows, found);
    }
    moved.check(found);
    // Whoever made the entries is not the recorder's concern here.
    EXPECT_EQ(found.total(), found.count(violation_kind::phantom_entry)) << found;
  }

  postgres_cluster cluster_{{.fsync = true}};
  node node_{cluster_, {}, {}};
  std::string key_;
};

/// Runs `work(index)` on so many threads and waits for all.
template <class Work> void in_parallel(std::size_t threads, Work work) {
  std::vector<std::jthread> all;
  for (std::size_t i = 0; i < threads; ++i)
    all.emplace_back([&work, i] { work(i); });
}

} // namespace tessera::test
