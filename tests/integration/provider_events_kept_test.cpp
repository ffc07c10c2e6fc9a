// How long what the provider told is kept, against a real PostgreSQL.
#include "persistence/stores/provider_event_store.hpp"
#include "tests/integration/database_fixture.hpp"

#include <gtest/gtest.h>

namespace tessera::test {
namespace {

TEST(ProviderEventsKeptTest, ForThirtyDaysAndWhatNobodyUnderstoodForEver) {
  const auto name = migrated_database();
  open_session api(api_options(name));
  const auto in_nobody = [&](auto use_case) { return in_transaction(api, tenant_id{}, use_case); };
  const auto told = [](const std::string& id) {
    provider_event event;
    event.event_id = id;
    event.type = "payment_intent.succeeded";
    event.payload = "{}";
    return event;
  };
  const auto old = [&](const std::string& id, const std::string& state, int days) {
    const auto sql = "UPDATE provider_events SET state = '" + state +
                     "', received_at = clock_timestamp() - interval '" + std::to_string(days) +
                     " days' WHERE event_id = '" + id + "'";
    postgres_cluster::shared().query(name, sql);
  };
  for (const auto* id : {"applied", "ignored", "quarantined", "waiting", "younger"})
    EXPECT_TRUE(in_nobody([&](pg::transaction& in) { return persistence::keep_event(in, told(id)); }));
  for (const auto* state : {"applied", "ignored", "quarantined", "waiting"})
    old(state, state, 31);
  old("younger", "applied", 29);
  EXPECT_EQ(2, in_nobody([](pg::transaction& in) { return persistence::forget_old_events(in, 100); }));
  for (const auto* id : {"quarantined", "waiting", "younger"})
    EXPECT_FALSE(in_nobody([&](pg::transaction& in) { return persistence::keep_event(in, told(id)); }))
        << id << " is known";
}

} // namespace
} // namespace tessera::test
