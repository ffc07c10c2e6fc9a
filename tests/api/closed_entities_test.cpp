// What is asked of an entity that was deleted a moment ago: the node does not know it yet, the ledger does.
#include "tests/api/api_world.hpp"
#include "tests/api/unheard.hpp"

namespace tessera::test {

namespace {

/// An organisation with 1500 credits above one with 500.
class ClosedEntitiesTest : public testing::Test {
protected:
  ClosedEntitiesTest() {
    const auto moved = client.post("/api/credits/allocate", allocation(500));
    EXPECT_EQ(200, moved.status()) << moved.response.body;
  }
  void TearDown() override { set_status("active"); }

  void close(const std::string& id) {
    closed_ = id;
    set_status("deleted");
  }
  std::string allocation(long credits) const {
    return R"({"fromEntityType":"organization","fromEntityId":")" + above +
           R"(","allocations":[{"toEntityType":"organization","toEntityId":")" + below + R"(","credits":)" +
           std::to_string(credits) + "}]}";
  }
  std::optional<std::int64_t> available(const std::string& id) {
    return integer_at(
        client.get("/api/credits/balance/organization/" + id).response.body, "/availableCredits"
    );
  }
  /// Twice, with one key: the second time it is remembered.
  void expect_closed(const std::string& route, const std::string& body) {
    const header_list key{{"Idempotency-Key", route + closed_}};
    for (const auto* replayed : {"", "true"}) {
      const auto answer = client.post(route, body, key);
      EXPECT_EQ(409, answer.status()) << answer.response.body;
      EXPECT_EQ("entity_closed", text_at(answer.response.body, "/code"));
      EXPECT_EQ(replayed, answer.response.header("idempotent-replayed")) << route;
    }
  }

  api_world& world = api_world::instance();
  http_client client = world.client();
  const std::string above = world.organization(2);
  const std::string below = world.organization(0, above);

private:
  void set_status(const std::string& status) {
    if (!closed_.empty())
      change_unheard(
          world.service(),
          world.client(),
          "UPDATE entities SET status = '" + status + "' WHERE entity_id = '" + closed_ + "'"
      );
  }
  std::string closed_;
};

} // namespace

TEST_F(ClosedEntitiesTest, NothingIsAllocatedToThem) {
  close(below);
  expect_closed("/api/credits/allocate", allocation(30));
  EXPECT_EQ(1'500, available(above));
}

TEST_F(ClosedEntitiesTest, NothingGoesBackToThem) {
  close(above);
  expect_closed(
      "/api/credits/return",
      R"({"fromEntityType":"organization","fromEntityId":")" + below + R"(","credits":30})"
  );
  EXPECT_EQ(500, available(below));
}

TEST_F(ClosedEntitiesTest, NothingIsCalledBackToThem) {
  close(above);
  expect_closed(
      "/api/credits/reclaim", R"({"entityType":"organization","entityId":")" + below + R"(","credits":30})"
  );
  EXPECT_EQ(500, available(below));
}

TEST_F(ClosedEntitiesTest, NothingThatTheySpentComesBack) {
  const auto spent = client.post("/api/credits/consume", api_world::spend(below, 20));
  ASSERT_EQ(200, spent.status()) << spent.response.body;
  close(below);
  expect_closed(
      "/api/credits/reversals",
      R"({"transactionId":")" + text_at(spent.response.body, "/transactionId") + "\"}"
  );
}

TEST_F(ClosedEntitiesTest, NothingIsPutBelowThem) {
  const auto location = world.service().create_location(world.all(), "loc-below-" + below, below);
  const auto other = world.organization(0);
  close(above);
  const std::pair<std::string, std::string> all[] = {
      {"/api/organizations/" + other, R"({"parentId":")" + above + "\"}"},
      {"/api/locations/" + location, R"({"organizationId":")" + above + "\"}"}};
  for (const auto& [path, body] : all) {
    const auto answer = client.put(path, body);
    EXPECT_EQ(404, answer.status()) << answer.response.body;
    EXPECT_EQ("parent_unknown", text_at(answer.response.body, "/code"));
  }
}

} // namespace tessera::test
