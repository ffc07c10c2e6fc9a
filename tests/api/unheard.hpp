#pragma once

#include "tests/support/tessera_service.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace tessera::test {

/// The node has heard of everything then: whoever names what is not there makes it look. The client is
/// somebody's of that tenant who may read balances.
inline void hear_everything(http_client client) {
  EXPECT_EQ(404, client.get("/api/credits/balance/organization/nowhere").status());
}

/// A change of the tables that the node does not hear of: as what somebody else changes a moment before a
/// call is carried out. Of what changed before it has heard.
inline void change_unheard(tessera_service& at, http_client client, const std::string& statement) {
  hear_everything(std::move(client));
  at.cluster().query(
      at.database(), "DO $$ BEGIN SET LOCAL session_replication_role = replica; " + statement + "; END $$"
  );
}

} // namespace tessera::test
