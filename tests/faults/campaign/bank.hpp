#pragma once

#include "messages/types/ids.hpp"
#include "tests/faults/campaign/node.hpp"

#include <string>
#include <vector>

namespace tessera::test {

/// A tenant with organisations that hold credits, a key that may do everything with them, and packages to
/// buy.
struct bank {
  std::string key;
  std::vector<std::string> entities;
  std::vector<account_id> accounts; // of the entities

  static constexpr const char* large_package = "large";
  static constexpr std::int64_t large_credits = 100'000;
  static constexpr const char* small_package = "small";
  static constexpr std::int64_t small_credits = 60;
};

/// Makes it through the command line and the API of a node that is ready. Throws std::runtime_error.
bank open_bank(node& at, std::size_t entities);

/// A node learns of a new application within a second or two. Throws when it does not.
void wait_until_known(node& at, const bank& with);

} // namespace tessera::test
